package dev.tidings.drift;

import java.util.Arrays;

/**
 * All that decides a run of the experiment but its length: the same setup gives the same run. Hosts
 * have the ids 1 to {@link #hosts()}. Immutable.
 */
public final class DriftSetup {
  /** So many hosts a simulation has at most. */
  public static final int MAX_HOSTS = 1 << TickQueue.HOST_BITS;

  private final ExperimentSeed seed;
  private final double[] rates;
  private final double[] probInternal;
  private final long[] startNanos;
  private final int others;
  private final LinkModel link;
  private final double tickJitter;

  /**
   * @param rates ticks a second, host 1's first
   * @param probInternal how likely a tick without a message is an internal event, host 1's first;
   *     one number if all have the same
   * @param startNanos how long after the run's beginning a host starts, host 1's first; empty if
   *     all start at once
   * @param others how many others each host knows, 0 to one less than there are hosts
   * @param tickJitter how late a tick may be, as a part of the time between two ticks, 0 to 1
   * @throws IllegalArgumentException if a value is out of range; the message says what is allowed
   */
  public DriftSetup(
      ExperimentSeed seed,
      double[] rates,
      double[] probInternal,
      long[] startNanos,
      int others,
      LinkModel link,
      double tickJitter) {
    if (rates.length < 1 || rates.length > MAX_HOSTS) {
      throw new IllegalArgumentException(
          "there are 1 to %d hosts, not %d".formatted(MAX_HOSTS, rates.length));
    }
    if (others < 0 || others >= rates.length) {
      throw new IllegalArgumentException(
          "each of %d hosts knows 0 to %d others, not %d"
              .formatted(rates.length, rates.length - 1, others));
    }
    boolean isProbabilityForEach = probInternal.length == 1 || probInternal.length == rates.length;
    boolean isStartForEach = startNanos.length == 0 || startNanos.length == rates.length;
    if (!isProbabilityForEach || !isStartForEach) {
      throw new IllegalArgumentException("there is one value for each host");
    }
    for (double p : probInternal) {
      if (!(p >= 0 && p <= 1)) {
        throw new IllegalArgumentException(
            "the probability of internal events " + p + " is not between 0 and 1");
      }
    }
    this.seed = seed;
    this.rates = rates.clone();
    this.probInternal = probInternal.clone();
    this.startNanos = startNanos.clone();
    this.others = others;
    this.link = link;
    this.tickJitter = tickJitter;
    for (int id = 1; id <= rates.length; id++) {
      schedule(id);
    }
  }

  public ExperimentSeed seed() {
    return seed;
  }

  public int hosts() {
    return rates.length;
  }

  /** How many others each host knows. */
  public int others() {
    return others;
  }

  /** Whether each host knows all others. */
  public boolean isComplete() {
    return others == rates.length - 1;
  }

  public LinkModel link() {
    return link;
  }

  /** How late a tick may be, as a part of the time between two ticks. */
  public double tickJitter() {
    return tickJitter;
  }

  /** Ticks a second. */
  public double rate(int hostId) {
    return rates[hostId - 1];
  }

  /** How likely a tick of the host without a message is an internal event. */
  public double probInternal(int hostId) {
    return probInternal.length == 1 ? probInternal[0] : probInternal[hostId - 1];
  }

  /** How long after the run's beginning the host starts. */
  public long startNanos(int hostId) {
    return startNanos.length == 0 ? 0 : startNanos[hostId - 1];
  }

  /** When the host's ticks are due. */
  public TickSchedule schedule(int hostId) {
    return new TickSchedule(hostId, rate(hostId), tickJitter, startNanos(hostId), seed);
  }

  /** Whom the host knows, ascending. */
  public int[] othersOf(int hostId) {
    return seed.othersOf(hostId, hosts(), others);
  }

  /** The host itself, before its first tick. */
  public DriftHost newHost(int hostId) {
    return new DriftHost(
        hostId,
        Arrays.stream(othersOf(hostId)).boxed().toList(),
        probInternal(hostId),
        seed.chanceOf(hostId));
  }

  /** All ticks of a second, of all hosts. */
  public double ticksPerSecond() {
    return Arrays.stream(rates).sum();
  }

  double maxTicksPerSecond() {
    return Arrays.stream(rates).max().orElseThrow();
  }

  /** How far ahead a host's next tick may be, its first one included. */
  long longestNanos() {
    double slowest = Arrays.stream(rates).min().orElseThrow();
    long latestStart = Arrays.stream(startNanos).max().orElse(0);
    return latestStart + (long) Math.ceil((1 + tickJitter) / slowest * 1e9);
  }
}
