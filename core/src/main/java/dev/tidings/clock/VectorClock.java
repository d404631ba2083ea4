package dev.tidings.clock;

import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * The vector time of an event: per host, how many of its events lie in the event's past, itself
 * included (Fidge 1988, Mattern 1989). Unlike a Lamport time it tells concurrent events from
 * ordered ones. Immutable.
 */
public final class VectorClock {
  /** How two events stand to each other. */
  public enum Order {
    EQUAL,
    /** Happens before. */
    BEFORE,
    /** Happens after. */
    AFTER,
    CONCURRENT
  }

  public static final VectorClock ZERO = new VectorClock(new TreeMap<>());

  private final SortedMap<Integer, Long> events;

  private VectorClock(SortedMap<Integer, Long> events) {
    this.events = Collections.unmodifiableSortedMap(events);
  }

  /**
   * @param events per host id its number of events, 0 or more
   */
  public static VectorClock of(Map<Integer, Long> events) {
    var copy = new TreeMap<>(events);
    copy.forEach(
        (host, count) -> {
          if (count < 0) {
            throw new IllegalArgumentException("host " + host + " has " + count + " events");
          }
        });
    copy.values().removeIf(count -> count == 0);
    return new VectorClock(copy);
  }

  /** The number of the host's events that are known; 0 for none. */
  public long of(int hostId) {
    return events.getOrDefault(hostId, 0L);
  }

  /** The next event of a host (Mattern's rule 1): its own entry rises by one. */
  public VectorClock tick(int hostId) {
    var next = new TreeMap<>(events);
    next.merge(hostId, 1L, Long::sum);
    return new VectorClock(next);
  }

  /**
   * What a receiver knows after a message (Mattern's rule 2, before its own tick): the larger entry
   * for each host.
   */
  public VectorClock merge(VectorClock message) {
    var next = new TreeMap<>(events);
    message.events.forEach((host, count) -> next.merge(host, count, Math::max));
    return new VectorClock(next);
  }

  /** How this event stands to the other one: e happens before f exactly if V(e) < V(f). */
  public Order compare(VectorClock other) {
    boolean within = isWithin(other);
    boolean contains = other.isWithin(this);
    if (within) {
      return contains ? Order.EQUAL : Order.BEFORE;
    }
    return contains ? Order.AFTER : Order.CONCURRENT;
  }

  private boolean isWithin(VectorClock other) {
    return events.entrySet().stream().allMatch(e -> e.getValue() <= other.of(e.getKey()));
  }

  /** Ascending by host id; no entry is 0. */
  public SortedMap<Integer, Long> events() {
    return events;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof VectorClock other && events.equals(other.events);
  }

  @Override
  public int hashCode() {
    return events.hashCode();
  }

  @Override
  public String toString() {
    return events.toString();
  }
}
