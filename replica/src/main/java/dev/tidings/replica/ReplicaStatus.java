package dev.tidings.replica;

import dev.tidings.causal.Progress;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.List;
import java.util.Map;

/**
 * How a replica stands.
 *
 * @param notServing why clients are not served; empty while they are
 * @param stalled those received first, a bounded number of them
 * @param stalledTotal how many were ever stalled since the replica started
 * @param logs how far each peer is with each log, by the peer's id
 */
public record ReplicaStatus(
    String notServing,
    Progress progress,
    List<Stalled> stalled,
    long stalledTotal,
    Map<Integer, List<Log>> logs) {
  /**
   * A stalled write.
   *
   * @param missing those of its dependencies that are not visible here
   */
  public record Stalled(Position position, Version version, PositionSet missing) {}

  /**
   * How far a peer is with one origin's log, as far as is known here.
   *
   * @param held the gapless durable prefix
   * @param visible the gapless visible prefix
   * @param lagWrites how many writes of it are held here and not there
   * @param lagMicros how long ago the first of these was committed at its origin, by the wall
   *     clocks of the two; 0 where there are none, or it is not in the log any more
   */
  public record Log(Origin origin, long held, long visible, long lagWrites, long lagMicros) {}
}
