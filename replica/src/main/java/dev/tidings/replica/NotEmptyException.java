package dev.tidings.replica;

/** A backup is restored only where there are no data yet. */
public final class NotEmptyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotEmptyException(String message) {
    super(message);
  }
}
