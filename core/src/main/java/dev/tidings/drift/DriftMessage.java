package dev.tidings.drift;

import dev.tidings.clock.LamportClock;
import dev.tidings.clock.VectorClock;

/**
 * What one host tells others.
 *
 * @param from the sender's id, 1 or more
 * @param target see {@link Target}
 * @param lamportTime the sender's after the send, in ticks, 1 or more
 * @param vectorClock the sender's after the send
 * @param sentAtMicros the sender's system clock, microseconds since 1970
 * @param payload empty in an ordinary run
 */
public record DriftMessage(
    int from,
    int target,
    long lamportTime,
    VectorClock vectorClock,
    long sentAtMicros,
    String payload) {
  public DriftMessage {
    if (from < 1) {
      throw new IllegalArgumentException("the sender's id " + from + " is not 1 or more");
    }
    if (target < 0) {
      throw new IllegalArgumentException("target " + target + " is not 0 or more");
    }
    if (lamportTime < 1 || lamportTime >= LamportClock.MAX_TICKS) {
      throw new IllegalArgumentException(
          "Lamport time " + lamportTime + " is not between 1 and 2^62");
    }
  }
}
