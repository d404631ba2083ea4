package dev.tidings.replica;

import dev.tidings.clock.PositionSet;

/**
 * What a session depends on did not become visible here within the read wait. Nothing has happened.
 */
public final class NotYetVisibleException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotYetVisibleException(int replicaId, PositionSet missing) {
    super(
        "replica %d does not show yet what this session depends on: writes %s"
            .formatted(replicaId, missing));
  }
}
