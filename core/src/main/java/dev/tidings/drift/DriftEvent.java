package dev.tidings.drift;

import dev.tidings.clock.VectorClock;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What happened at one tick of a host.
 *
 * @param host whose tick it was
 * @param systemMicros when, by the host's system clock, microseconds since 1970
 * @param lamportTime the host's after the event, in ticks
 * @param vectorClock the host's after the event
 * @param queueLength how many messages were left in the inbox after the event
 * @param message what was received or sent; null for an internal event
 * @param to the hosts it was sent to, ascending; empty unless the event is a send
 */
public record DriftEvent(
    Type type,
    int host,
    long systemMicros,
    long lamportTime,
    VectorClock vectorClock,
    int queueLength,
    @Nullable DriftMessage message,
    List<Integer> to) {
  /** The names are those in the logs. */
  public enum Type {
    RECEIVE,
    SEND,
    INTERNAL
  }

  public DriftEvent {
    if ((type == Type.INTERNAL) != (message == null)) {
      throw new IllegalArgumentException("a message belongs to every event but internal ones");
    }
    to = List.copyOf(to);
  }
}
