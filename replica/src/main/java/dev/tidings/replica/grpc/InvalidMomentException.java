package dev.tidings.replica.grpc;

/** A watch's moment is damaged, of another cluster, or of a newer format. */
final class InvalidMomentException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  InvalidMomentException(String message) {
    super(message);
  }
}
