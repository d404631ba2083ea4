package dev.tidings.replica.storage;

/** The data directory is not one that this replica may use; the text says why and what to do. */
public final class UnusableDataException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public UnusableDataException(String message) {
    super(message);
  }
}
