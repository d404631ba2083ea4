package dev.tidings.replica;

import java.time.Duration;

/**
 * How much is kept of what is past. What every member has of a log is not needed any more, but for
 * people who look back; what a member lacks is kept for it, up to a limit. Beyond that it is sent a
 * snapshot.
 *
 * @param logBytes so much of each origin's log is kept in any case
 * @param maxLogBytes about so much of it is kept at most for members that lack it
 * @param maxLogAge what was written longer ago, by its origin's wall clock, is not kept for them
 * @param tombstoneAge that something was deleted is known for so long at least, by the same clock
 */
public record Retention(
    long logBytes, long maxLogBytes, Duration maxLogAge, Duration tombstoneAge) {
  public static final Retention DEFAULT =
      new Retention(16L << 20, 1L << 30, Duration.ofDays(7), Duration.ofHours(1));

  public Retention {
    if (logBytes < 0 || maxLogBytes < logBytes) {
      throw new IllegalArgumentException(
          "of a log 0 bytes or more are kept, and as many or more for members that lack it");
    }
    if (maxLogAge.isNegative() || maxLogAge.isZero() || tombstoneAge.isNegative()) {
      throw new IllegalArgumentException(
          "a log is kept for more than no time, and tombstones for 0 or more");
    }
  }
}
