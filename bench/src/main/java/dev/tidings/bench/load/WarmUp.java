package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;

/**
 * Load for servers that compile themselves while they run, and for the load's own code, until it
 * makes no difference any more.
 */
public final class WarmUp {
  private static final long LONGEST_NANOS = Duration.ofSeconds(60).toNanos();

  /** With fewer requests much of a server has not been compiled yet, however evenly it runs. */
  private static final long FEWEST_REQUESTS = 15_000;

  private static final int CALM_WINDOWS = 4;
  private static final double RISE = 1.05;

  private WarmUp() {}

  /**
   * Runs in closed loops until that has not become faster by a twentieth for some windows, a minute
   * at most.
   *
   * @throws LoadFailedException if a request fails
   */
  public static void run(List<? extends Client> clients, Duration window)
      throws InterruptedException {
    long end = System.nanoTime() + LONGEST_NANOS;
    double best = 0;
    int calm = 0;
    long requests = 0;
    while ((calm < CALM_WINDOWS || requests < FEWEST_REQUESTS) && System.nanoTime() < end) {
      Observed seen = ClosedLoop.run(clients, window);
      requests += seen.requests();
      calm = seen.requestsPerSecond() > best * RISE ? 0 : calm + 1;
      best = Math.max(best, seen.requestsPerSecond());
    }
  }
}
