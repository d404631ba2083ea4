package dev.tidings.replica;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.PriorityQueue;
import java.util.concurrent.LinkedBlockingQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** An event loop with a thread of its own. */
final class ThreadedEventLoop implements EventLoop {
  /**
   * So many tasks at most run before the hook does: bounds how long the first of them waits for its
   * answer.
   */
  private static final int MAX_ROUND = 4096;

  private final LinkedBlockingQueue<Runnable> mailbox = new LinkedBlockingQueue<>();
  private final PriorityQueue<ScheduledTask> timers =
      new PriorityQueue<>(
          Comparator.comparingLong((ScheduledTask t) -> t.dueMicros)
              .thenComparingLong(t -> t.number));
  private final int capacity;
  private final Consumer<Throwable> onFailure;
  private final Thread thread;
  private final long startNanos = System.nanoTime();
  private @Nullable Runnable onRoundEnd;
  private long timerCount;
  private boolean stopping;

  /**
   * @param capacity so many tasks wait at most before {@link #offer} refuses
   * @param onFailure takes what a task threw, a broken invariant or a failed disk; no task runs
   *     after it
   */
  ThreadedEventLoop(String name, int capacity, Consumer<Throwable> onFailure) {
    this.capacity = capacity;
    this.onFailure = onFailure;
    this.thread = new Thread(this::run, name);
  }

  /** Begins to run tasks, and after each round of them the hook. */
  void start(Runnable onRoundEnd) {
    this.onRoundEnd = onRoundEnd;
    thread.start();
  }

  /** Runs what is queued, then ends, and returns when it has. Not from a task. */
  void stop() throws InterruptedException {
    execute(() -> stopping = true);
    thread.join();
  }

  /** How many tasks wait. Any thread. */
  int queued() {
    return mailbox.size();
  }

  @Override
  public boolean offer(Runnable task) {
    return mailbox.size() < capacity && mailbox.offer(task);
  }

  @Override
  public void execute(Runnable task) {
    mailbox.add(task);
  }

  @Override
  public Timer schedule(long delayMicros, Runnable task) {
    var scheduled = new ScheduledTask(nowMicros() + delayMicros, timerCount++, task);
    timers.add(scheduled);
    return () -> timers.remove(scheduled);
  }

  private record ScheduledTask(long dueMicros, long number, Runnable task) {}

  @Override
  public long nowMicros() {
    return (System.nanoTime() - startNanos) / 1_000;
  }

  // The loop's end is told to its owner, whatever it was; an Error is a failure like any other.
  @SuppressWarnings("CatchingUnchecked")
  private void run() {
    var round = new ArrayList<Runnable>();
    try {
      while (!stopping) {
        Runnable first = next();
        if (first != null) {
          first.run();
        }
        // What comes meanwhile is of the same round: the larger it is, the less its end costs each.
        int ran = 1;
        while (ran < MAX_ROUND && mailbox.drainTo(round, MAX_ROUND - ran) > 0) {
          round.forEach(Runnable::run);
          ran += round.size();
          round.clear();
        }
        for (ScheduledTask t = timers.peek();
            t != null && t.dueMicros <= nowMicros();
            t = timers.peek()) {
          timers.remove().task.run();
        }
        if (onRoundEnd != null) {
          onRoundEnd.run();
        }
      }
    } catch (Throwable failure) {
      onFailure.accept(failure);
    }
  }

  /** The next task of the mailbox; null once a timer is due. */
  private @Nullable Runnable next() throws InterruptedException {
    ScheduledTask timer = timers.peek();
    if (timer == null) {
      return mailbox.take();
    }
    long wait = timer.dueMicros - nowMicros();
    return wait <= 0 ? mailbox.poll() : mailbox.poll(wait, TimeUnit.MICROSECONDS);
  }
}
