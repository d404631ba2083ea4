package dev.tidings.replica;

import java.util.Comparator;
import java.util.HashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Set;

/**
 * How far each peer holds this replica's own log durably, and who waits for how many of them.
 * Confined to the replica's loop.
 */
final class Acknowledgements {
  private final Map<Integer, Long> heldUpTo = new HashMap<>();

  /** By how many replicas they wait for, in the order of the log. */
  private final Map<Integer, PriorityQueue<Waiter>> waiters = new HashMap<>();

  private final Set<Waiter> all = new LinkedHashSet<>();

  /**
   * Somebody who waits until a write is durable on enough replicas.
   *
   * @param sequence the write's in this replica's log
   * @param replicas how many, this one included
   * @param go called when it is, or when the wait is ended
   */
  record Waiter(long sequence, int replicas, Runnable go) {
    // Each is one of its kind, whatever it waits for.
    @Override
    public boolean equals(Object o) {
      return this == o;
    }

    @Override
    public int hashCode() {
      return System.identityHashCode(this);
    }
  }

  /** How many replicas, this one included, are known to hold the log up to a sequence. */
  int count(long sequence) {
    int count = 1;
    for (long upTo : heldUpTo.values()) {
      count += upTo >= sequence ? 1 : 0;
    }
    return count;
  }

  int waiting() {
    return all.size();
  }

  void await(Waiter waiter) {
    all.add(waiter);
    waiters
        .computeIfAbsent(
            waiter.replicas(), n -> new PriorityQueue<>(Comparator.comparingLong(Waiter::sequence)))
        .add(waiter);
    release(waiter.replicas());
  }

  /** A peer holds this replica's log up to there. */
  void onHeld(int peer, long upTo) {
    heldUpTo.merge(peer, upTo, Math::max);
    List.copyOf(waiters.keySet()).forEach(this::release);
  }

  /** A peer belongs to the cluster no longer, or has lost what it held. */
  void forget(int peer) {
    heldUpTo.remove(peer);
  }

  private void release(int replicas) {
    PriorityQueue<Waiter> queue = waiters.get(replicas);
    while (queue != null && !queue.isEmpty() && count(queue.element().sequence()) >= replicas) {
      Waiter first = queue.remove();
      all.remove(first);
      first.go().run();
    }
    if (queue != null && queue.isEmpty()) {
      waiters.remove(replicas);
    }
  }

  /** Ends a wait, if it has not been. */
  void giveUp(Waiter waiter) {
    if (all.remove(waiter)) {
      PriorityQueue<Waiter> queue = waiters.get(waiter.replicas());
      if (queue != null) {
        queue.remove(waiter);
      }
      waiter.go().run();
    }
  }

  void giveUpAll() {
    List.copyOf(all).forEach(this::giveUp);
  }
}
