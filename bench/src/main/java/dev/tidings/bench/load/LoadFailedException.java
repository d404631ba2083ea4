package dev.tidings.bench.load;

/** A request failed, or was not answered in time: there is nothing to measure then. */
public final class LoadFailedException extends RuntimeException {
  public LoadFailedException(String message, Throwable cause) {
    super(message, cause);
  }

  public LoadFailedException(String message) {
    super(message);
  }
}
