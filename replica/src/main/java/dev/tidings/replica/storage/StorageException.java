package dev.tidings.replica.storage;

/** The disk failed, or what it holds is not what was written. The replica cannot go on. */
public final class StorageException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public StorageException(String message) {
    super(message);
  }

  public StorageException(String message, Throwable cause) {
    super(message, cause);
  }
}
