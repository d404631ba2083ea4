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
  private static final double FALL = 0.9;

  /**
   * Runs in closed loops until that has not become faster by a twentieth for some windows, three
   * minutes at most.
   *
   * @param operations how many a request stands for
   * @throws LoadFailedException if a request fails
   */
  public void run(List<? extends Client> clients, int operations) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_NANOS;
    double best = 0;
    int calm = 0;
    long done = 0;
    while ((calm < CALM_WINDOWS || done < fewestOperations) && System.nanoTime() < end) {
      Observed seen = ClosedLoop.run(clients, window);
      done += seen.requests() * operations;
      calm = seen.requestsPerSecond() > best * RISE ? 0 : calm + 1;
      best = Math.max(best, seen.requestsPerSecond());
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
    double best = Double.MAX_VALUE;
    int calm = 0;
    while (calm < CALM_WINDOWS && System.nanoTime() < end) {
      double median = OpenLoop.run(clients, requestsPerSecond, window).millisAt(50);
      calm = median < best * FALL ? 0 : calm + 1;
      best = Math.min(best, median);
    }
  }
}
