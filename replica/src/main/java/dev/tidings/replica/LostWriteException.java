package dev.tidings.replica;

/** A write that a session has seen is held by no member any more. */
public final class LostWriteException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  LostWriteException(String message) {
    super(message);
  }
}
