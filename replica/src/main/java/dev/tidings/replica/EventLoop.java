package dev.tidings.replica;

/**
 * Runs tasks one after another, and calls a hook whenever it has run all that had queued up. What a
 * replica or its links keep is touched only by their loop's tasks, so it needs no locks.
 *
 * <p>The port has two adapters: a thread, and the tests' virtual time. Tasks must not block on
 * anything but the disk.
 */
public interface EventLoop {
  /** Queues a task that others offer, unless the mailbox is full. Any thread. */
  boolean offer(Runnable task);

  /**
   * Queues a task whose number is bounded elsewhere, such as by a stream's flow control. Any
   * thread.
   */
  void execute(Runnable task);

  /** Runs a task after a delay. Only from a task of this loop. */
  Timer schedule(long delayMicros, Runnable task);

  /** A clock that never goes back, microseconds from some fixed moment. Any thread. */
  long nowMicros();

  /** A scheduled task. */
  interface Timer {
    /** Only from a task of the same loop; does nothing once it has run. */
    void cancel();
  }
}
