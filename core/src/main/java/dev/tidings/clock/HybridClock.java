package dev.tidings.clock;

/**
 * A hybrid logical clock (Kulkarni et al., "Logical Physical Clocks", OPODIS 2014, figure 5):
 * orders events as a Lamport clock does and stays within the bound of system time. System time is a
 * parameter, and may stand still or go back. Confined to its owner's thread.
 */
public final class HybridClock {
  private final long maxForwardJumpMicros;
  private HybridTime time = new HybridTime(0, 0);

  /**
   * @param maxForwardJumpMicros how far ahead of system time a received stamp may lie, 0 or more.
   *     HAZARD: without the bound one broken clock would carry every other one away for good, as
   *     none ever goes back.
   */
  public HybridClock(long maxForwardJumpMicros) {
    if (maxForwardJumpMicros < 0) {
      throw new IllegalArgumentException("the bound " + maxForwardJumpMicros + " is negative");
    }
    this.maxForwardJumpMicros = maxForwardJumpMicros;
  }

  /** The time of the last event. */
  public HybridTime time() {
    return time;
  }

  /** An event of one's own, or a send: l' = max(l, pt), and the counter starts anew if l moved. */
  public HybridTime tick(long systemMicros) {
    time =
        systemMicros > time.wallMicros()
            ? new HybridTime(systemMicros, 0)
            : new HybridTime(time.wallMicros(), Math.addExact(time.logical(), 1));
    return time;
  }

  /**
   * Receives a message: l' = max(l, l.m, pt), and the counter follows whichever of the two logical
   * times was the highest.
   *
   * @throws ForwardJumpException if the stamp is further ahead of system time than the bound; the
   *     clock is unchanged
   */
  public HybridTime receive(HybridTime stamp, long systemMicros) {
    if (stamp.wallMicros() > systemMicros
        && stamp.wallMicros() - systemMicros > maxForwardJumpMicros) {
      throw new ForwardJumpException(
          "a clock at %d µs is ahead of system time %d µs by more than %d µs"
              .formatted(stamp.wallMicros(), systemMicros, maxForwardJumpMicros));
    }
    HybridTime highest = time.compareTo(stamp) >= 0 ? time : stamp;
    time =
        systemMicros > highest.wallMicros()
            ? new HybridTime(systemMicros, 0)
            : new HybridTime(highest.wallMicros(), Math.addExact(highest.logical(), 1));
    return time;
  }
}
