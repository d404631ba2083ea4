package dev.tidings.client.demo;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.WriteInfo;
import java.io.PrintWriter;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What was said, and what each replica was seen to show, hold and stall; told as it happens. Safe
 * for any number of threads.
 */
final class Story {
  /**
   * A message that was said.
   *
   * @param timeMicros when the replica had answered, microseconds since the play began
   * @param knew what the session had read or written before
   */
  record Said(RingWord word, WriteInfo write, long timeMicros, Set<RingWord> knew) {
    Said {
      knew = Set.copyOf(knew);
    }
  }

  /** A message at a replica; times in microseconds since the play began, null for not seen yet. */
  static final class Arrival {
    private @Nullable Long heldMicros;
    private @Nullable Long stalledMicros;
    private @Nullable Long shownMicros;

    /** When it was first seen to be there, in whatever way. */
    Optional<Long> arrivedMicros() {
      return java.util.stream.Stream.of(heldMicros, stalledMicros, shownMicros)
          .filter(Objects::nonNull)
          .min(Long::compare);
    }

    boolean wasStalled() {
      return stalledMicros != null;
    }

    Optional<Long> shownMicros() {
      return Optional.ofNullable(shownMicros);
    }
  }

  private final PrintWriter out;
  private final Map<RingWord, Said> said = new EnumMap<>(RingWord.class);
  private final List<Reading> readings = new ArrayList<>();

  /** By replica id. */
  private final Map<Integer, Map<RingWord, Arrival>> arrivals = new HashMap<>();

  Story(PrintWriter out) {
    this.out = out;
  }

  synchronized void onSaid(Said message) {
    said.put(message.word(), message);
    tell(
        message.timeMicros(),
        "%s says \"%s\" at %s (%s)",
        message.word().speaker(),
        message.word().text(),
        message.write().position().origin(),
        message.write().version());
  }

  synchronized void onReading(Reading reading) {
    readings.add(reading);
    for (RingWord word : reading.shown()) {
      Arrival arrival = arrival(reading.replica(), word);
      if (arrival.shownMicros == null) {
        arrival.shownMicros = reading.timeMicros();
        @Nullable Long stalled = arrival.stalledMicros;
        String after =
            stalled == null
                ? ""
                : String.format(
                    Locale.ROOT, " (stalled for %.1f s)", (reading.timeMicros() - stalled) / 1e6);
        tell(
            reading.timeMicros(),
            "replica %d  shows \"%s\"%s",
            reading.replica(),
            word.text(),
            after);
      }
    }
  }

  synchronized void onStatus(int replica, ReplicaStatus status, long timeMicros) {
    for (Said message : said.values()) {
      Arrival arrival = arrival(replica, message.word());
      if (arrival.heldMicros == null && status.held().contains(message.write().position())) {
        arrival.heldMicros = timeMicros;
      }
      for (ReplicaStatus.Stalled stalled : status.stalled()) {
        if (arrival.stalledMicros == null
            && stalled.position().equals(message.write().position())) {
          arrival.stalledMicros = timeMicros;
          tell(
              timeMicros,
              "replica %d  stalls \"%s\" (%s): waits for %s",
              replica,
              message.word().text(),
              stalled.version(),
              stalled.missing());
        }
      }
    }
  }

  synchronized boolean showsAll(int replica) {
    Map<RingWord, Arrival> seen = arrivals.getOrDefault(replica, Map.of());
    return seen.values().stream().filter(arrival -> arrival.shownMicros != null).count()
        == RingWord.values().length;
  }

  synchronized boolean wasStalledAt(int replica) {
    return arrivals.getOrDefault(replica, Map.of()).values().stream().anyMatch(Arrival::wasStalled);
  }

  /** What is missing at a replica, for people. */
  synchronized List<String> notShownAt(int replica) {
    return EnumSet.allOf(RingWord.class).stream()
        .filter(word -> arrival(replica, word).shownMicros == null)
        .map(RingWord::text)
        .toList();
  }

  synchronized Verdict verdict() {
    var knew = new EnumMap<RingWord, Set<RingWord>>(RingWord.class);
    said.forEach((word, message) -> knew.put(word, message.knew()));
    return Verdict.of(knew, readings);
  }

  /** In the order of their versions. */
  synchronized List<Said> said() {
    return said.values().stream()
        .sorted((a, b) -> a.write().version().compareTo(b.write().version()))
        .toList();
  }

  synchronized Arrival arrival(int replica, RingWord word) {
    return arrivals
        .computeIfAbsent(replica, id -> new EnumMap<>(RingWord.class))
        .computeIfAbsent(word, w -> new Arrival());
  }

  /** The first reading of a reader that showed the message. */
  synchronized Optional<Reading> firstReading(String reader, RingWord word) {
    return readings.stream()
        .filter(reading -> reading.reader().equals(reader) && reading.shown().contains(word))
        .findFirst();
  }

  private void tell(long timeMicros, String format, Object... values) {
    out.printf(Locale.ROOT, "%5.1f s  ", timeMicros / 1e6);
    out.printf(Locale.ROOT, format + "%n", values);
  }
}
