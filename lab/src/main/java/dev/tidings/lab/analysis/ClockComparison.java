package dev.tidings.lab.analysis;

import dev.tidings.clock.HybridClock;
import dev.tidings.clock.HybridTime;
import dev.tidings.drift.DriftEvent;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/**
 * Lamport, vector and hybrid clocks on the same run, the latter two computed here. That e happens
 * before f is in f's vector time, whose sum is the number of events in f's past, f included; so
 * pairs are counted exactly without looking at each.
 *
 * @param pairs of events, all
 * @param concurrentPairs of which neither happens before the other
 * @param concurrentOrdered those of them which Lamport times order all the same
 * @param largestHybridAheadMicros how far a hybrid time was ahead of its host's system time, at
 *     most
 * @param largestHybridCounter the hybrid clock's counter, at most
 * @param lamportBytes a message, on average, as protocol buffers encode it
 */
public record ClockComparison(
    long events,
    long pairs,
    long concurrentPairs,
    long concurrentOrdered,
    long largestHybridAheadMicros,
    int largestHybridCounter,
    double lamportBytes,
    double vectorBytes,
    double hybridBytes) {
  /** Above this many entries of vector clocks there is no comparison. */
  private static final long MAX_ENTRIES = 1_000_000_000;

  /** Empty where the run is too large, or too little of it is logged. */
  static Optional<ClockComparison> of(Run run) {
    long events = run.hosts().stream().mapToLong(host -> host.events().size()).sum();
    return run.isWhole() && events * run.hosts().size() <= MAX_ENTRIES
        ? Optional.of(new Replay(run).replay())
        : Optional.empty();
  }

  /** What a message knows. */
  private static final class Known {
    private final int[] vector;
    private final int own;
    private final HybridTime hybrid;

    Known(int[] vector, int own, HybridTime hybrid) {
      this.vector = vector;
      this.own = own;
      this.hybrid = hybrid;
    }
  }

  /** All events once more, each after what it follows. */
  private static final class Replay {
    private final Run run;
    private final int n;

    /** What each host knew at its last receipt; its own entry is {@link #next}. */
    private final int[][] vectors;

    private final long[] vectorSums;
    private final int[] next;
    private final HybridClock[] hybrids;
    private final Map<Run.Sending, Known> sent = new HashMap<>();
    private final Map<Long, Long> atLamportTime = new HashMap<>();
    private long events;
    private long pasts;
    private long sends;
    private long lamportBytes;
    private long vectorBytes;
    private long hybridBytes;
    private long ahead;
    private int counter;

    Replay(Run run) {
      this.run = run;
      this.n = run.hosts().size();
      this.vectors = new int[n][n];
      this.vectorSums = new long[n];
      this.next = new int[n];
      this.hybrids = new HybridClock[n];
      for (int i = 0; i < n; i++) {
        // No bound: the comparison is to show how far it strays.
        hybrids[i] = new HybridClock(Long.MAX_VALUE);
      }
    }

    ClockComparison replay() {
      for (Run.Sending at : run.causalOrder()) {
        step(at.host());
      }
      long pairs = events * (events - 1) / 2;
      long concurrent = pairs - (pasts - events);
      long sameTime =
          atLamportTime.values().stream().mapToLong(count -> count * (count - 1) / 2).sum();
      double messages = Math.max(1, sends);
      return new ClockComparison(
          events,
          pairs,
          concurrent,
          concurrent - sameTime,
          ahead,
          counter,
          lamportBytes / messages,
          vectorBytes / messages,
          hybridBytes / messages);
    }

    private void step(int host) {
      LoggedEvent event = run.hosts().get(host).events().get(next[host]);
      Run.Sending sending = run.hosts().get(host).sendings().get(next[host]);
      long micros = Math.round(run.seconds(host, next[host]) * 1e6) + 1;
      Known known = sending == null ? null : sent.get(sending);
      HybridTime hybrid;
      if (known == null || sending == null) {
        hybrid = hybrids[host].tick(micros);
      } else {
        hybrid = hybrids[host].receive(known.hybrid, micros);
        merge(host, known, sending.host());
      }
      next[host]++;
      events++;
      pasts += vectorSums[host] + next[host];
      atLamportTime.merge(event.lamportTime(), 1L, Long::sum);
      ahead = Math.max(ahead, hybrid.wallMicros() - micros);
      counter = Math.max(counter, hybrid.logical());
      if (event.type() == DriftEvent.Type.SEND) {
        sends++;
        sent.put(
            new Run.Sending(host, next[host] - 1), new Known(vectors[host], next[host], hybrid));
        lamportBytes += 1 + varint(event.lamportTime());
        // System time since 1970 has as many bytes as this.
        hybridBytes += 1 + varint(1_700_000_000_000_000L) + 1 + varint(hybrid.logical());
        for (int other = 0; other < n; other++) {
          int entry = other == host ? next[host] : vectors[host][other];
          if (entry > 0) {
            vectorBytes += 2 + 1 + varint(run.hosts().get(other).id()) + 1 + varint(entry);
          }
        }
      }
    }

    /** A vector that a message has taken along is not changed any more. */
    private void merge(int host, Known known, int sender) {
      int[] merged = vectors[host].clone();
      long sum = 0;
      for (int i = 0; i < n; i++) {
        int theirs = i == sender ? known.own : known.vector[i];
        if (i != host) {
          merged[i] = Math.max(merged[i], theirs);
          sum += merged[i];
        }
      }
      vectors[host] = merged;
      vectorSums[host] = sum;
    }

    private static int varint(long value) {
      return Math.max(1, (70 - Long.numberOfLeadingZeros(value)) / 7);
    }
  }
}
