package dev.tidings.client;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.time.Duration;
import java.util.List;

/**
 * How a replica stands.
 *
 * @param lamportTime ticks
 * @param frontier what is visible there
 * @param held what is durable there without a gap, stalled writes included
 * @param stalled at most 100 of the stalled writes, those received first
 * @param stalledNow all of them
 * @param stalledEver how many writes were ever stalled since the replica started
 * @param serving whether it serves clients; otherwise it is catching up, or was removed
 * @param notServingReason why it does not, in its own words; empty if it does
 */
public record ReplicaStatus(
    String cluster,
    Origin origin,
    Consistency consistency,
    long lamportTime,
    PositionSet frontier,
    PositionSet held,
    List<Stalled> stalled,
    long stalledNow,
    long stalledEver,
    List<Peer> peers,
    boolean serving,
    String notServingReason) {

  public ReplicaStatus {
    stalled = List.copyOf(stalled);
    peers = List.copyOf(peers);
  }

  /** The cluster's mode. */
  public enum Consistency {
    CAUSAL,
    EVENTUAL
  }

  /**
   * A write that is durable but not visible yet.
   *
   * @param missing those of its dependencies that are not visible there
   */
  public record Stalled(Position position, Version version, PositionSet missing) {}

  /**
   * Another replica, as this one sees it.
   *
   * @param clientAddress HOST:PORT where clients reach it; empty until it has been reached once
   * @param connected whether this replica's log flows to it now
   * @param acknowledged how far into this replica's log it has acknowledged
   * @param logs how far it is with each origin's log, as far as this replica knows
   */
  public record Peer(
      int replicaId,
      String peerAddress,
      String clientAddress,
      boolean connected,
      long acknowledged,
      Link link,
      List<Log> logs) {
    public Peer {
      logs = List.copyOf(logs);
    }
  }

  /**
   * How far a replica is with one origin's log.
   *
   * @param held the gapless durable prefix, stalled writes included
   * @param visible the gapless visible prefix
   * @param lagWrites how many writes of it the replica that answers holds and the other does not
   * @param lag how long ago the first of these was committed at its origin; 0 where there are none,
   *     or it is not in the log any more. A burst of writes does not raise it.
   */
  public record Log(Origin origin, long held, long visible, long lagWrites, Duration lag) {}

  /**
   * A simulated link, one way.
   *
   * @param delay in whole milliseconds, 0 or more
   * @param cut nothing passes until it is healed
   */
  public record Link(Duration delay, boolean cut) {
    public Link {
      if (delay.isNegative()) {
        throw new IllegalArgumentException("delay " + delay + " is negative");
      }
    }
  }
}
