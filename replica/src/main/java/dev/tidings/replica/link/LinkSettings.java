package dev.tidings.replica.link;

import java.time.Duration;

/**
 * How a simulated link behaves.
 *
 * @param delay one-way, 0 for none, at most a day
 * @param cut nothing passes
 */
public record LinkSettings(Duration delay, boolean cut) {
  private static final Duration MOST = Duration.ofDays(1);

  public static final LinkSettings NONE = new LinkSettings(Duration.ZERO, false);

  public LinkSettings {
    if (delay.isNegative() || delay.compareTo(MOST) > 0) {
      throw new IllegalArgumentException("a link's delay is between 0 and a day");
    }
  }
}
