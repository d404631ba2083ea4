package dev.tidings.bench.load;

/**
 * One of the clients that make a load: it has one request under way at most, which may stand for
 * several operations. What it does per request is what a real client of the system has to do, and
 * nothing else, so that the load costs the machine little.
 */
public interface Client {
  /**
   * Starts a request and returns at once.
   *
   * @param answer told once, from any thread, but never before this method has returned to a caller
   *     of the same thread
   */
  void start(Answer answer);

  /** Who waits for a request's end. */
  interface Answer {
    void arrived();

    void failed(Throwable reason);
  }
}
