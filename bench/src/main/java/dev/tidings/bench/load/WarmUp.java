package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;

/**
 * Load for servers that compile themselves while they run, and for the load's own code, until it
 * makes no difference any more.
 *
 * @param window how long clients run before it is looked whether they have become faster
 * @param fewestOperations with fewer, much of servers that have just started has not been compiled
 *     yet, however evenly they run; 0 for those that have been used
 */
public record WarmUp(Duration window, long fewestOperations) {
  private static final long LONGEST_NANOS = Duration.ofMinutes(3).toNanos();
  private static final int CALM_WINDOWS = 4;
  private static final double RISE = 1.05;
  private static final long LONGEST_AT_RATE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final double RISE_AT_RATE = 1 / 0.9;

  /**
   * Runs in closed loops until that has not become faster by a twentieth for some windows, three
   * minutes at most.
   *
   * @param operations how many a request stands for
   * @throws LoadFailedException if a request fails
   */
  public void run(List<? extends Client> clients, int operations) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_NANOS;
    var speed = new Speed(RISE);
    long done = 0;
    while ((speed.isRising() || done < fewestOperations) && System.nanoTime() < end) {
      Observed seen = ClosedLoop.run(clients, window);
      done += seen.requests() * operations;
      speed.see(seen.requestsPerSecond());
    }
  }

  /**
   * Runs at a fixed rate until the median latency has not become lower by a tenth for some windows,
   * a minute at most.
   *
   * @throws LoadFailedException if a request fails
   */
  public static void atRate(
      List<? extends Client> clients, double requestsPerSecond, Duration window)
      throws InterruptedException {
    long end = System.nanoTime() + LONGEST_AT_RATE_NANOS;
    var speed = new Speed(RISE_AT_RATE);
    while (speed.isRising() && System.nanoTime() < end) {
      speed.see(1 / OpenLoop.run(clients, requestsPerSecond, window).millisAt(50));
    }
  }

  /** How fast it went in one window after the other. */
  private static final class Speed {
    private final double rise;
    private double best;
    private int calmWindows;

    /**
     * @param rise so many times as fast as ever before is faster
     */
    Speed(double rise) {
      this.rise = rise;
    }

    void see(double speed) {
      calmWindows = speed > best * rise ? 0 : calmWindows + 1;
      best = Math.max(best, speed);
    }

    boolean isRising() {
      return calmWindows < CALM_WINDOWS;
    }
  }
}
