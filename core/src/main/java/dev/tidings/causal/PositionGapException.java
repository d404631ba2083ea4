package dev.tidings.causal;

import dev.tidings.clock.Position;

/**
 * A write is not the next one of its origin's log. Nothing has changed; the log has to be resumed
 * where it is held.
 */
public final class PositionGapException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  PositionGapException(Position position, long heldUpTo) {
    super(
        "write %d of %s came while only the writes up to %d are held; resume at %d"
            .formatted(position.sequence(), position.origin(), heldUpTo, heldUpTo + 1));
  }
}
