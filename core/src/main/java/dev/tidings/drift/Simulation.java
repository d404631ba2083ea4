package dev.tidings.drift;

import java.util.ArrayList;
import java.util.List;
import java.util.function.IntFunction;

/**
 * The experiment in virtual time, for up to millions of hosts: the same setup gives the same
 * events, on one thread or on several, and the same as {@link DriftHost}s would. A message that
 * arrives at a moment is seen by ticks after it and not by those at that same moment, so the order
 * of hosts at one moment decides nothing.
 *
 * <p>The hosts are divided into parts. One part alone runs to the end at once. Several advance side
 * by side, each in a thread of its caller's, in windows no longer than the shortest delay of a
 * message: what is sent within one arrives in a later one (Chandy and Misra's conservative
 * simulation). After each window the parts {@link Part#exchange exchange} their messages.
 */
public final class Simulation {
  private final DriftSetup setup;
  private final int hostsInPart;
  private final List<Part> parts = new ArrayList<>();

  /**
   * @param parts 1, or more if messages are under way for some time
   * @param sinks who is told of a part's events, by the part's number from 0
   */
  public Simulation(DriftSetup setup, int parts, IntFunction<SimulationSink> sinks) {
    if (parts < 1 || (parts > 1 && setup.link().delay().minNanos() == 0)) {
      throw new IllegalArgumentException(
          "only hosts whose messages take some time are simulated in more than one part");
    }
    this.setup = setup;
    this.hostsInPart = (setup.hosts() + parts - 1) / parts;
    for (int i = 0; i < parts; i++) {
      int first = Math.min(i * hostsInPart, setup.hosts());
      int end = Math.min(first + hostsInPart, setup.hosts());
      this.parts.add(new Part(setup, i, parts, first, end - first, hostsInPart, sinks.apply(i)));
    }
  }

  /** Those that advance side by side. */
  public List<Part> parts() {
    return List.copyOf(parts);
  }

  /** How long a window may be where there are several parts, in nanoseconds. */
  public long windowNanos() {
    return setup.link().delay().minNanos();
  }

  /** Simulates all ticks before {@code endNanos}, on the caller's thread. */
  public void run(long endNanos) {
    if (parts.size() == 1) {
      parts.get(0).run(endNanos);
      return;
    }
    for (long start = 0; start < endNanos; start += windowNanos()) {
      long end = Math.min(endNanos, start + windowNanos());
      parts.forEach(part -> part.run(end));
      parts.forEach(part -> part.exchange(parts));
    }
  }

  /** What a host's events came to, so far. */
  public HostTotals totals(int hostId) {
    return parts.get((hostId - 1) / hostsInPart).totals(hostId);
  }

  /** The number of all hosts' events, so far. */
  public long events() {
    return parts.stream().mapToLong(Part::events).sum();
  }

  /**
   * What a host's events came to.
   *
   * @param finalClock after the last event, in ticks
   * @param largestJump how much the clock rose at an event, at most
   * @param queueLength the inbox at the end
   * @param largestQueue the inbox at its longest, after an event
   */
  public record HostTotals(
      long events,
      long receives,
      long sends,
      long finalClock,
      long largestJump,
      int queueLength,
      int largestQueue) {
    public long internals() {
      return events - receives - sends;
    }
  }
}
