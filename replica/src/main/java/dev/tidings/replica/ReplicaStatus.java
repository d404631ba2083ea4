package dev.tidings.replica;

import dev.tidings.causal.Progress;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.List;

/**
 * How a replica stands.
 *
 * @param stalled those received first, a bounded number of them
 * @param stalledCount all of them
 * @param stalledTotal how many were ever stalled since the replica started
 */
public record ReplicaStatus(
    Progress progress, List<Stalled> stalled, int stalledCount, long stalledTotal) {
  /**
   * A stalled write.
   *
   * @param missing those of its dependencies that are not visible here
   */
  public record Stalled(Position position, Version version, PositionSet missing) {}
}
