package dev.tidings.replica.wire;

/** A message is malformed; the text says where, and what is allowed. */
public final class InvalidRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public InvalidRequestException(String message) {
    super(message);
  }
}
