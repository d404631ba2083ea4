package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;

/**
 * Load for servers that compile themselves while they run, and for the load's own code, until they
 * are done with it. That they become no faster is not enough: while the compilers take most of the
 * processors a server may stay as slow as it is for seconds, and be twice as fast then.
 *
 * @param window how long clients run before it is looked whether they have become faster
 * @param fewestOperations with fewer, much of servers that have just started has not been compiled
 *     yet, however evenly they run; 0 for those that have been used
 * @param calmWindows so many after another are enough in which they have not become faster and
 *     compilers have rested, 1 or more
 */
public record WarmUp(Duration window, long fewestOperations, int calmWindows) {
  private static final long LONGEST_NANOS = Duration.ofMinutes(3).toNanos();
  private static final int CALM_WINDOWS_AT_RATE = 4;
  private static final double RISE = 1.05;
  private static final long LONGEST_AT_RATE_NANOS = Duration.ofMinutes(1).toNanos();
  private static final double RISE_AT_RATE = 1 / 0.9;

  /** Compilers that take less of one processor than this rest. */
  private static final double AT_REST = 0.05;

  /**
   * Runs in closed loops until that has not become faster by a twentieth for some windows, and
   * nobody has compiled much; three minutes at most.
   *
   * @param operations how many a request stands for
   * @throws LoadFailedException if a request fails
   */
  public void run(List<? extends Client> clients, int operations) throws InterruptedException {
    long end = System.nanoTime() + LONGEST_NANOS;
    var speed = new Speed(RISE, calmWindows);
    long done = 0;
    while ((speed.isRising() || done < fewestOperations) && System.nanoTime() < end) {
      Observed seen = ClosedLoop.run(clients, window);
      done += seen.requests() * operations;
      speed.see(seen.requestsPerSecond());
    }
  }

  /**
   * Runs at a fixed rate until the median latency has not become lower by a tenth for some windows,
   * and nobody has compiled much; a minute at most.
   *
   * @throws LoadFailedException if a request fails
   */
  public static void atRate(
      List<? extends Client> clients, double requestsPerSecond, Duration window)
      throws InterruptedException {
    long end = System.nanoTime() + LONGEST_AT_RATE_NANOS;
    var speed = new Speed(RISE_AT_RATE, CALM_WINDOWS_AT_RATE);
    while (speed.isRising() && System.nanoTime() < end) {
      speed.see(1 / OpenLoop.run(clients, requestsPerSecond, window).millisAt(50));
    }
  }

  /** How fast it went in one window after the other, and whether anybody compiled. */
  private static final class Speed {
    private final double rise;
    private final int calmWindows;
    private double best;
    private int calm;
    private long lookedNanos = System.nanoTime();
    private Duration compiled = Compilers.time();

    /**
     * @param rise so many times as fast as ever before is faster
     * @param calmWindows after so many that are not faster it rises no more
     */
    Speed(double rise, int calmWindows) {
      this.rise = rise;
      this.calmWindows = calmWindows;
    }

    void see(double speed) {
      calm = speed > best * rise || haveCompiled() ? 0 : calm + 1;
      best = Math.max(best, speed);
    }

    private boolean haveCompiled() {
      long passed = System.nanoTime() - lookedNanos;
      Duration before = compiled;
      lookedNanos += passed;
      compiled = Compilers.time();
      return compiled.minus(before).toNanos() > passed * AT_REST;
    }

    boolean isRising() {
      return calm < calmWindows;
    }
  }
}
