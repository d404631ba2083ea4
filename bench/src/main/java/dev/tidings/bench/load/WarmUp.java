package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;

/**
 * Load for servers that compile themselves while they run, and for the load's own code, until it
 * makes no difference any more.
 */
public final class WarmUp {
  private static final int MOST_WINDOWS = 24;
  private static final int CALM_WINDOWS = 3;
  private static final double RISE = 1.1;

  private WarmUp() {}

  /**
   * Runs in closed loops until that has not become faster by a tenth for some windows.
   *
   * @throws LoadFailedException if a request fails
   */
  public static void run(List<? extends Client> clients, Duration window)
      throws InterruptedException {
    double best = 0;
    int calm = 0;
    for (int i = 0; i < MOST_WINDOWS && calm < CALM_WINDOWS; i++) {
      double rate = ClosedLoop.run(clients, window).requestsPerSecond();
      calm = rate > best * RISE ? 0 : calm + 1;
      best = Math.max(best, rate);
    }
  }
}
