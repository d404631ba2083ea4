package dev.tidings.bench.load;

import org.HdrHistogram.Histogram;

/**
 * What a load has seen.
 *
 * @param requests those that were answered while time was taken
 * @param nanos how long it was taken
 * @param latencies of requests, nanoseconds
 */
public record Observed(long requests, long nanos, Histogram latencies) {
  public double requestsPerSecond() {
    return requests * 1e9 / nanos;
  }

  /** The latency within which so many requests of a hundred were answered, milliseconds. */
  public double millisAt(double percentile) {
    return latencies.getValueAtPercentile(percentile) / 1e6;
  }

  /** What both have seen, one after the other. */
  public Observed plus(Observed other) {
    Histogram both = latencies.copy();
    both.add(other.latencies);
    return new Observed(requests + other.requests, nanos + other.nanos, both);
  }
}
