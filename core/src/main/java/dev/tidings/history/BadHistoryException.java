package dev.tidings.history;

/**
 * A history that cannot be judged: it is malformed, or it does not tell which write a read has
 * read. The message says where and why.
 */
public final class BadHistoryException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public BadHistoryException(String message) {
    super(message);
  }
}
