package dev.tidings.harness;

import dev.tidings.replica.EventLoop;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.function.BooleanSupplier;

/**
 * Virtual time, and event loops that run on it. What happens at one moment happens in the order in
 * which it was asked for. A task may let time pass, as one that waits for a disk does: meanwhile
 * its own loop stands still, and all others run.
 */
public final class SimulatedTime {
  private static final long MAX_STEPS = 400_000;

  private record Event(long atMicros, long number, Runnable task) {}

  private final PriorityQueue<Event> events =
      new PriorityQueue<>(
          Comparator.comparingLong((Event e) -> e.atMicros).thenComparingLong(e -> e.number));
  private long nowMicros;
  private long count;

  public long nowMicros() {
    return nowMicros;
  }

  InstantSource wallClock() {
    return () -> Instant.EPOCH.plusNanos(nowMicros * 1_000);
  }

  /** Does all that is due now, but lets no time pass. */
  public void settle() {
    advance(Duration.ZERO);
  }

  /** Lets so much time pass, and does all that is due until then. */
  public void advance(Duration duration) {
    runUntil(() -> false, nowMicros + micros(duration));
  }

  /**
   * Lets time pass until the condition holds, and no longer than so much.
   *
   * @throws AssertionError if it does not hold by then
   */
  public void until(String what, Duration atMost, BooleanSupplier condition) {
    if (!runUntil(condition, nowMicros + micros(atMost))) {
      throw new AssertionError("not within " + atMost + " of virtual time: " + what);
    }
  }

  /** Lets time pass until the condition holds, or so much has passed; whether it holds. */
  public boolean waitFor(Duration atMost, BooleanSupplier condition) {
    return runUntil(condition, nowMicros + micros(atMost));
  }

  /** Lets so much time pass within a task. Whatever its loop has to do waits for the task's end. */
  public void pass(Duration duration) {
    runUntil(() -> false, nowMicros + micros(duration));
  }

  /** Does something after a while. */
  public EventLoop.Timer after(Duration delay, Runnable task) {
    Event event = at(nowMicros + micros(delay), task);
    return () -> events.remove(event);
  }

  /** How much is scheduled: each request that waits has a timer, for one. */
  public int scheduled() {
    return events.size();
  }

  private boolean runUntil(BooleanSupplier condition, long endMicros) {
    long steps = 0;
    while (!condition.getAsBoolean()) {
      Event next = events.peek();
      if (next == null || next.atMicros > endMicros) {
        nowMicros = Math.max(nowMicros, endMicros);
        return condition.getAsBoolean();
      }
      if (++steps > MAX_STEPS) {
        throw new AssertionError("virtual time stands still: more than " + MAX_STEPS + " events");
      }
      events.remove();
      // A task that let time pass may have made what comes next late.
      nowMicros = Math.max(nowMicros, next.atMicros);
      next.task.run();
    }
    return true;
  }

  private Event at(long atMicros, Runnable task) {
    var event = new Event(atMicros, count++, task);
    events.add(event);
    return event;
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  /** A loop on this time: a round is all that was queued at one moment. */
  final class Loop implements EventLoop {
    private final Queue<Runnable> queued = new ArrayDeque<>();
    private Runnable onRoundEnd = () -> {};
    private boolean busy;
    private boolean stopped;

    void start(Runnable onRoundEnd) {
      this.onRoundEnd = onRoundEnd;
    }

    /** Runs nothing any more, as after {@code kill -9}. */
    void stop() {
      stopped = true;
    }

    @Override
    public boolean offer(Runnable task) {
      execute(task);
      return true;
    }

    @Override
    public void execute(Runnable task) {
      if (queued.isEmpty() && !busy) {
        at(nowMicros, this::round);
      }
      queued.add(task);
    }

    private void round() {
      // A round that was due while another lasted follows it.
      if (!busy) {
        List<Runnable> tasks = List.copyOf(queued);
        queued.clear();
        run(tasks);
      }
    }

    private void run(List<Runnable> tasks) {
      if (stopped) {
        return;
      }
      busy = true;
      try {
        tasks.forEach(Runnable::run);
        onRoundEnd.run();
      } catch (PowerCut e) {
        // Stopped, by whoever cut it.
        return;
      } finally {
        busy = false;
      }
      if (!queued.isEmpty()) {
        at(nowMicros, this::round);
      }
    }

    @Override
    public Timer schedule(long delayMicros, Runnable task) {
      return after(Duration.of(delayMicros, ChronoUnit.MICROS), () -> runAlone(task));
    }

    private void runAlone(Runnable task) {
      if (busy) {
        queued.add(task);
      } else {
        run(List.of(task));
      }
    }

    @Override
    public long nowMicros() {
      return nowMicros;
    }
  }
}
