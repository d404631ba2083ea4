package dev.tidings.clock;

/**
 * A scalar logical clock (Lamport, "Time, Clocks, and the Ordering of Events in a Distributed
 * System", 1978): if one event happens before another, its time is the smaller one. Confined to its
 * owner's thread.
 */
public final class LamportClock {
  /** No clock goes beyond this, 2^62 ticks. */
  public static final long MAX_TICKS = 1L << 62;

  /**
   * How far ahead of this clock a received stamp may lie, 2^48 ticks. No honest clock gets so far
   * ahead of any other, a new replica's at 0 included: at a million ticks a second that takes nine
   * years. And no single stamp, damaged or invented, uses up the range of all clocks: that would
   * take 2^14 of them.
   */
  public static final long MAX_RECEIVE_JUMP_TICKS = 1L << 48;

  private long time;

  /**
   * @param time where the clock stands, in ticks, 0 for a new one
   */
  public LamportClock(long time) {
    if (time < 0 || time > MAX_TICKS) {
      throw new IllegalArgumentException("time " + time + " is not between 0 and 2^62");
    }
    this.time = time;
  }

  /** The time of the last event, in ticks; 0 before the first. */
  public long time() {
    return time;
  }

  /** An event of one's own (rule IR1): returns its time, one tick later. */
  public long tick() {
    return advanceTo(time + 1);
  }

  /**
   * An event of one's own that follows something seen elsewhere at {@code stampTicks}: returns its
   * time, {@code max(own, stamp) + 1}.
   *
   * @param maxForwardJumpTicks how far ahead of this clock the stamp may lie, 0 or more
   * @throws ForwardJumpException if it lies further ahead, or beyond {@link #MAX_TICKS}
   */
  public long tickPast(long stampTicks, long maxForwardJumpTicks) {
    checkStamp(stampTicks, maxForwardJumpTicks);
    return advanceTo(Math.max(time, stampTicks) + 1);
  }

  /**
   * Receives a message (rule IR2b): returns the time of the receipt, {@code max(own, stamp) + 1}.
   *
   * @throws ForwardJumpException as {@link #receive(long, long)}
   */
  public long receive(long stampTicks) {
    return receive(stampTicks, 0);
  }

  /**
   * Receives a message that was under way for at least {@code delayTicks}: returns the time of the
   * receipt, {@code max(own + 1, stamp + max(1, delay))}. With a delay μ this is the stronger rule
   * IR2' of Lamport 1978, section "Physical Clocks"; any receipt still lies after its sending.
   *
   * @throws ForwardJumpException if the stamp is negative or lies further ahead of this clock than
   *     {@link #MAX_RECEIVE_JUMP_TICKS}, or the result would be beyond {@link #MAX_TICKS}; the
   *     clock is unchanged
   */
  public long receive(long stampTicks, long delayTicks) {
    checkStamp(stampTicks, MAX_RECEIVE_JUMP_TICKS);
    if (delayTicks < 0 || delayTicks > MAX_TICKS) {
      throw new IllegalArgumentException(
          "delay " + delayTicks + " is not between 0 and 2^62 ticks");
    }
    return advanceTo(Math.max(time + 1, stampTicks + Math.max(1, delayTicks)));
  }

  private void checkStamp(long stampTicks, long maxJumpTicks) {
    if (stampTicks < 0 || stampTicks > MAX_TICKS) {
      throw new ForwardJumpException(
          "the stamp %s is not between 0 and 2^62".formatted(Long.toUnsignedString(stampTicks)));
    }
    if (stampTicks - time > maxJumpTicks) {
      throw new ForwardJumpException(
          "a clock at %d is %d ticks ahead of this one at %d; the bound is %d"
              .formatted(stampTicks, stampTicks - time, time, maxJumpTicks));
    }
  }

  private long advanceTo(long next) {
    if (next > MAX_TICKS) {
      throw new ForwardJumpException("the clock would pass 2^62");
    }
    time = next;
    return time;
  }
}
