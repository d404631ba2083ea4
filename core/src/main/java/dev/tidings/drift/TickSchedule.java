package dev.tidings.drift;

/**
 * When a host's ticks are due: tick k, counted from 0, at k/rate after the start. The schedule is
 * fixed, so the time that a tick's work takes does not slow the host's clock. Immutable.
 *
 * @param ticksPerSecond the rate, {@value #MIN_RATE} to {@value #MAX_RATE}; need not be whole
 */
public record TickSchedule(double ticksPerSecond) {
  public static final double MIN_RATE = 0.001;
  public static final double MAX_RATE = 1000;

  private static final double NANOS_PER_SECOND = 1e9;

  public TickSchedule {
    if (!(ticksPerSecond >= MIN_RATE && ticksPerSecond <= MAX_RATE)) {
      throw new IllegalArgumentException(
          "the rate %s is not between %s and %s ticks a second"
              .formatted(ticksPerSecond, MIN_RATE, MAX_RATE));
    }
  }

  /**
   * @return how long after the start the tick is due, in nanoseconds
   */
  public long dueNanos(long tick) {
    return Math.round(tick / ticksPerSecond * NANOS_PER_SECOND);
  }

  /** How many ticks are due before {@code nanos} after the start. */
  public long ticksBefore(long nanos) {
    long ticks = (long) Math.ceil(nanos / NANOS_PER_SECOND * ticksPerSecond);
    // The product is not exact: a tick that is due at the very end, or just before it, decides.
    while (ticks > 0 && dueNanos(ticks - 1) >= nanos) {
      ticks--;
    }
    while (dueNanos(ticks) < nanos) {
      ticks++;
    }
    return ticks;
  }
}
