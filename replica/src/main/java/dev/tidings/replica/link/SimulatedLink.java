package dev.tidings.replica.link;

import java.util.ArrayDeque;
import java.util.Deque;
import java.util.OptionalLong;

/**
 * The way of one log over a link with a delay that can be changed. What enters it are positions in
 * the log: it says how far the log has passed. It keeps order whatever the delay does. Pure;
 * confined to one thread.
 */
final class SimulatedLink {
  /**
   * What enters within such a part of the delay counts as one: a long delay costs bounded memory.
   */
  private static final int GRAINS = 1_000;

  private record Mark(long head, long enteredMicros) {}

  private final Deque<Mark> underWay = new ArrayDeque<>();
  private long delayMicros;
  private long arrived;

  SimulatedLink(long delayMicros) {
    this.delayMicros = delayMicros;
  }

  /** Changes the delay, for what is under way too. */
  void set(long delayMicros) {
    this.delayMicros = delayMicros;
  }

  /** The log now reaches up to {@code head}. */
  void enter(long head, long nowMicros) {
    arrive(nowMicros);
    Mark last = underWay.peekLast();
    if (last != null && nowMicros - last.enteredMicros < delayMicros / GRAINS) {
      underWay.removeLast();
      underWay.add(new Mark(head, last.enteredMicros));
    } else {
      underWay.add(new Mark(head, nowMicros));
    }
  }

  /** How far the log has come out at the other end. */
  long passedUpTo(long nowMicros) {
    arrive(nowMicros);
    return arrived;
  }

  private void arrive(long nowMicros) {
    while (!underWay.isEmpty() && due(underWay.element()) <= nowMicros) {
      arrived = underWay.remove().head;
    }
  }

  /** When more comes out, if anything is under way and nothing changes. */
  OptionalLong nextDueMicros(long nowMicros) {
    arrive(nowMicros);
    return underWay.isEmpty() ? OptionalLong.empty() : OptionalLong.of(due(underWay.element()));
  }

  private long due(Mark mark) {
    return mark.enteredMicros + delayMicros;
  }
}
