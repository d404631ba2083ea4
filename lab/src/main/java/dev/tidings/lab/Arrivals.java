package dev.tidings.lab;

import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import java.io.IOException;
import java.util.Comparator;
import java.util.PriorityQueue;

/**
 * Messages on simulated links in real time: held until they arrive, or lost. Times are nanoseconds
 * after the run's beginning. Confined to one thread.
 */
final class Arrivals {
  private final ExperimentSeed seed;
  private final LinkModel link;
  private final PriorityQueue<Flight> flights =
      new PriorityQueue<>(
          Comparator.comparingLong(Flight::arrivalNanos)
              .thenComparingInt(flight -> flight.message().from())
              .thenComparingLong(Flight::event));

  Arrivals(ExperimentSeed seed, LinkModel link) {
    this.seed = seed;
    this.link = link;
  }

  private record Flight(long arrivalNanos, long event, int to, DriftMessage message) {}

  /** Takes what arrives. */
  interface Inbox {
    void deliver(int to, DriftMessage message) throws IOException;
  }

  /** A message leaves for a host. */
  void send(DriftMessage message, int to, long nowNanos) {
    int from = message.from();
    long event = message.vectorClock().of(from) - 1;
    if (!link.loses(seed, from, event, to)) {
      long delay = link.delayNanos(seed, from, event, to);
      flights.add(new Flight(nowNanos + delay, event, to, message));
    }
  }

  /** Delivers what has arrived before this moment. */
  void deliverBefore(long nowNanos, Inbox inbox) throws IOException {
    for (Flight first = flights.peek();
        first != null && first.arrivalNanos() < nowNanos;
        first = flights.peek()) {
      flights.remove();
      inbox.deliver(first.to(), first.message());
    }
  }
}
