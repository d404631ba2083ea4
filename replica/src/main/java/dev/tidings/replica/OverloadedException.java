package dev.tidings.replica;

/** A queue is full. Nothing has happened. */
public final class OverloadedException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public OverloadedException(String message) {
    super(message);
  }
}
