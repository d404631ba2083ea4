package dev.tidings.drift;

/**
 * When a host's ticks are due: tick k, counted from 0, at k/rate after the host's start, or later
 * by its jitter, which is drawn anew for each tick and does not add up. The schedule is fixed, so
 * the time that a tick's work takes does not slow the host's clock. Immutable.
 *
 * @param hostId 1 or more; decides, with the seed, what the jitter is
 * @param ticksPerSecond the rate, {@value #MIN_RATE} to {@value #MAX_RATE}; need not be whole
 * @param jitter how late a tick may be, as a part of the time between two ticks, 0 to 1
 * @param startNanos when the host starts, in nanoseconds after the run's beginning, 0 or more
 */
public record TickSchedule(
    int hostId, double ticksPerSecond, double jitter, long startNanos, ExperimentSeed seed) {
  public static final double MIN_RATE = 0.001;
  public static final double MAX_RATE = 1000;

  private static final double NANOS_PER_SECOND = 1e9;

  public TickSchedule {
    if (!(ticksPerSecond >= MIN_RATE && ticksPerSecond <= MAX_RATE)) {
      throw new IllegalArgumentException(
          "the rate %s is not between %s and %s ticks a second"
              .formatted(ticksPerSecond, MIN_RATE, MAX_RATE));
    }
    if (!(jitter >= 0 && jitter <= 1)) {
      throw new IllegalArgumentException("the tick jitter " + jitter + " is not between 0 and 1");
    }
    if (startNanos < 0) {
      throw new IllegalArgumentException("the start " + startNanos + " ns is not 0 or more");
    }
  }

  /** Without jitter, from the run's beginning. */
  public TickSchedule(double ticksPerSecond) {
    this(1, ticksPerSecond, 0, 0, new ExperimentSeed(0));
  }

  /**
   * @return how long after the run's beginning the tick is due, in nanoseconds
   */
  public long dueNanos(long tick) {
    return startNanos + dueNanos(hostId, tick, ticksPerSecond, jitter, seed);
  }

  /** The same from the host's start, without an object for each host. */
  static long dueNanos(
      int hostId, long tick, double ticksPerSecond, double jitter, ExperimentSeed seed) {
    double ticks = jitter == 0 ? tick : tick + jitter * seed.jitterChance(hostId, tick);
    return Math.round(ticks / ticksPerSecond * NANOS_PER_SECOND);
  }
}
