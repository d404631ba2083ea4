package dev.tidings.drift;

import dev.tidings.clock.LamportClock;
import dev.tidings.clock.VectorClock;
import java.util.ArrayDeque;
import java.util.List;
import java.util.Queue;
import java.util.random.RandomGenerator;

/**
 * A host of the drift experiment: an inbox, a Lamport clock, a vector clock, and what it does at a
 * tick. It knows neither its rate nor the time; its caller ticks it. Confined to its caller's
 * thread.
 */
public final class DriftHost {
  private final int id;
  private final List<Integer> others;
  private final double probInternal;
  private final RandomGenerator chance;
  private final LamportClock clock = new LamportClock(0);
  private final Queue<DriftMessage> inbox = new ArrayDeque<>();
  private VectorClock vectorClock = VectorClock.ZERO;

  /**
   * @param others whom it knows: different ids, ascending, without its own
   * @param probInternal how likely a tick without a message is an internal event, 0 to 1
   * @param chance asked only at ticks that find the inbox empty
   */
  public DriftHost(int id, List<Integer> others, double probInternal, RandomGenerator chance) {
    if (others.contains(id)) {
      throw new IllegalArgumentException("host " + id + " is none of its others");
    }
    if (!(probInternal >= 0 && probInternal <= 1)) {
      throw new IllegalArgumentException(
          "the probability of internal events " + probInternal + " is not between 0 and 1");
    }
    this.id = id;
    this.others = List.copyOf(others);
    this.probInternal = probInternal;
    this.chance = chance;
  }

  /** Puts a message at the end of the inbox. This is no event: only a tick takes it out. */
  public void deliver(DriftMessage message) {
    inbox.add(message);
  }

  public int inboxLength() {
    return inbox.size();
  }

  /** The time of the last event, in ticks; 0 before the first. */
  public long lamportTime() {
    return clock.time();
  }

  /**
   * One tick: takes one message off the inbox, or else draws what to do. What it sends is in the
   * event, for the caller to pass on.
   *
   * @param nowMicros the system clock, microseconds since 1970
   */
  public DriftEvent tick(long nowMicros) {
    DriftMessage received = inbox.poll();
    if (received != null) {
      clock.receive(received.lamportTime());
      vectorClock = vectorClock.merge(received.vectorClock()).tick(id);
      return new DriftEvent(
          DriftEvent.Type.RECEIVE,
          id,
          nowMicros,
          clock.time(),
          vectorClock,
          inbox.size(),
          received,
          List.of());
    }
    clock.tick();
    vectorClock = vectorClock.tick(id);
    int target = Draw.target(chance, probInternal, others.size());
    if (target == Draw.INTERNAL) {
      return new DriftEvent(
          DriftEvent.Type.INTERNAL, id, nowMicros, clock.time(), vectorClock, 0, null, List.of());
    }
    var message = new DriftMessage(id, target, clock.time(), vectorClock, nowMicros, "");
    return new DriftEvent(
        DriftEvent.Type.SEND,
        id,
        nowMicros,
        clock.time(),
        vectorClock,
        0,
        message,
        target == Target.BROADCAST ? others : List.of(others.get(target - 1)));
  }
}
