package dev.tidings.replica;

/** Takes the one answer to a request. Called once, from any thread. */
public interface Answer<T> {
  void succeed(T result);

  /** The request had no effect, for a reason that the caller is told. */
  void refuse(RuntimeException reason);

  /** Whether nobody waits for the answer any more, so that what has not begun need not. */
  default boolean isAbandoned() {
    return false;
  }
}
