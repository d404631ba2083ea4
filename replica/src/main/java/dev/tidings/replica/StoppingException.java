package dev.tidings.replica;

/** The replica is shutting down. Nothing has happened. */
public final class StoppingException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  StoppingException() {
    super("the replica is shutting down");
  }
}
