package dev.tidings.lab;

import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

/**
 * The time of a run: it begins with this, and passes so many times as fast as the machine's. Who
 * comes late to a moment is not late for the next one on that account.
 */
final class RunClock {
  /** What the machine tells of time; tests have one of their own. */
  interface Machine {
    Machine REAL =
        new Machine() {
          @Override
          public Instant now() {
            return Instant.now();
          }

          @Override
          public long nanos() {
            return System.nanoTime();
          }

          @Override
          public void park(long nanos) throws InterruptedException {
            LockSupport.parkNanos(nanos);
            if (Thread.interrupted()) {
              throw new InterruptedException();
            }
          }
        };

    Instant now();

    /** As {@link System#nanoTime}. */
    long nanos();

    /** Returns after so long, earlier for no reason, or later. */
    void park(long nanos) throws InterruptedException;
  }

  /** What is done before each wait. */
  @FunctionalInterface
  interface Look {
    /**
     * @param now nanoseconds of the run that have passed
     */
    void look(long now);
  }

  private static final long LONGEST_WAIT_NANOS = 100_000_000;

  private final Machine machine;
  private final double scale;
  private final long startMicros;
  private final long start;

  /**
   * @param scale seconds of the run in a second of the machine's, more than 0
   */
  RunClock(double scale, Machine machine) {
    this.machine = machine;
    this.scale = scale;
    this.startMicros = ChronoUnit.MICROS.between(Instant.EPOCH, machine.now());
    this.start = machine.nanos();
  }

  /** How much of the run has passed, in nanoseconds. */
  long now() {
    return (long) ((machine.nanos() - start) * scale);
  }

  /**
   * Waits for a moment of the run, and looks around at least every tenth of a second meanwhile.
   *
   * @return how much of the run has passed then, in nanoseconds
   */
  long awaitUntil(long dueNanos, Look look) throws InterruptedException {
    while (true) {
      long now = now();
      if (now >= dueNanos) {
        return now;
      }
      look.look(now);
      machine.park(Math.min((long) Math.ceil((dueNanos - now) / scale), LONGEST_WAIT_NANOS));
    }
  }

  /** A moment of the run as the logs have it: microseconds since 1970, as if the scale were 1. */
  long micros(long nanosOfRun) {
    return startMicros + nanosOfRun / 1_000;
  }
}
