package dev.tidings.replica.link;

import dev.tidings.clock.Origin;

/** A replica belongs to the cluster no longer, or not in this incarnation. */
public final class RemovedException extends RuntimeException {
  /** As the wire has it. */
  public static final String REASON = "REPLICA_REMOVED";

  private static final long serialVersionUID = 1L;

  public RemovedException(Origin origin) {
    super(
        "%s, incarnation %d, belongs to the cluster no longer: it was removed, or came back with an empty data directory"
            .formatted(origin, origin.incarnation()));
  }
}
