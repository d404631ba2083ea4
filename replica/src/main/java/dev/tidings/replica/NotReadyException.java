package dev.tidings.replica;

/** The replica does not serve yet: it is catching up. */
public final class NotReadyException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NotReadyException(String message) {
    super(message);
  }
}
