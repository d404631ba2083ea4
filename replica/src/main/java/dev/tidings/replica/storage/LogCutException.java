package dev.tidings.replica.storage;

import dev.tidings.clock.Origin;

/** An origin's log begins later: what was before is in the data only. */
public final class LogCutException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final long keptAfter;

  LogCutException(Origin origin, long keptAfter) {
    super("the log of %s up to %d has been cut off".formatted(origin, keptAfter));
    this.keptAfter = keptAfter;
  }

  /** The last sequence that is gone. */
  public long keptAfter() {
    return keptAfter;
  }
}
