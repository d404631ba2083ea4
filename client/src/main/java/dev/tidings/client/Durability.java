package dev.tidings.client;

import java.time.Duration;

/**
 * What a write waits for before it is answered.
 *
 * @param replicas how many hold it durably, the one that is asked included; 1 or more
 * @param patience how long it waits, at most a minute and less than the deadline; after it the
 *     answer comes with fewer, and the write stands
 */
public record Durability(int replicas, Duration patience) {
  private static final Duration MAX_WAIT = Duration.ofMinutes(1);

  public Durability {
    if (replicas < 1) {
      throw new IllegalArgumentException("a write is durable on 1 replica or more");
    }
    if (patience.isNegative() || patience.isZero() || patience.compareTo(MAX_WAIT) > 0) {
      throw new IllegalArgumentException("a write waits above 0, and for a minute at most");
    }
  }
}
