package dev.tidings.drift;

/** A message is meant for a host that the experiment does not have. Nobody gets it. */
public final class NoSuchTargetException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  NoSuchTargetException(String message) {
    super(message);
  }
}
