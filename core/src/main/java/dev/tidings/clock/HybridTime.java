package dev.tidings.clock;

import java.util.Comparator;

/**
 * A hybrid logical time: system time as far as it is known, and a counter for events that it cannot
 * tell apart.
 *
 * @param wallMicros the highest system time seen, microseconds since 1970
 * @param logical 0 or more; the number of events at the same {@code wallMicros} before this one
 */
public record HybridTime(long wallMicros, int logical) implements Comparable<HybridTime> {
  private static final Comparator<HybridTime> ORDER =
      Comparator.comparingLong(HybridTime::wallMicros).thenComparingInt(HybridTime::logical);

  @Override
  public int compareTo(HybridTime other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return wallMicros + "+" + logical;
  }
}
