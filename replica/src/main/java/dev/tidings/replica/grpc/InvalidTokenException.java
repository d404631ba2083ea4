package dev.tidings.replica.grpc;

/** A session token is damaged, of another cluster, or of a newer format. */
final class InvalidTokenException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidTokenException(String message) {
    super(message);
  }
}
