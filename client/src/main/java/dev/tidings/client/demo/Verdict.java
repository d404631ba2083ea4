package dev.tidings.client.demo;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.EnumSet;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Set;

/**
 * Whether what the replicas showed was causally consistent: nobody is ever shown an effect without
 * its cause, nor before it, nor is anything once shown lost. Judged from what was observed and
 * nothing else.
 *
 * @param problems what was wrong, each thing once, in the order of the readings; empty for causal
 */
record Verdict(List<String> problems) {
  Verdict {
    problems = List.copyOf(problems);
  }

  /**
   * @param knew for each message, what its writing session had read or written before
   * @param readings those of one reader at one replica in their order
   */
  static Verdict of(Map<RingWord, Set<RingWord>> knew, List<Reading> readings) {
    Map<RingWord, Set<RingWord>> before = closure(knew);
    var problems = new ArrayList<String>();
    var said = new HashSet<List<Object>>();
    var last = new HashMap<List<Object>, Reading>();
    for (Reading reading : readings) {
      List<RingWord> shown = reading.shown();
      for (RingWord effect : shown) {
        for (RingWord cause : before.getOrDefault(effect, Set.of())) {
          int at = shown.indexOf(cause);
          String how = at < 0 ? "without" : at > shown.indexOf(effect) ? "before" : "";
          if (!how.isEmpty() && said.add(List.of(reading.replica(), effect, how, cause))) {
            problems.add(
                words(reading, "showed \"%s\" %s \"%s\"", effect.text(), how, cause.text()));
          }
        }
      }
      Reading previous = last.put(List.of(reading.reader(), reading.replica()), reading);
      if (previous != null) {
        for (RingWord message : previous.shown()) {
          if (!shown.contains(message)
              && said.add(List.of(reading.replica(), message, "no longer"))) {
            problems.add(words(reading, "no longer showed \"%s\"", message.text()));
          }
        }
      }
    }
    return new Verdict(problems);
  }

  boolean isCausal() {
    return problems.isEmpty();
  }

  /** One line. */
  @Override
  public String toString() {
    return isCausal() ? "verdict: causal" : "verdict: NOT causal: " + String.join("; ", problems);
  }

  private static String words(Reading reading, String format, Object... values) {
    return String.format(
        Locale.ROOT,
        "replica %d, at %.1f s, %s",
        reading.replica(),
        reading.timeMicros() / 1e6,
        String.format(Locale.ROOT, format, values));
  }

  /** Happens-before is transitive (Lamport 1978): who knew an effect knew its causes. */
  private static Map<RingWord, Set<RingWord>> closure(Map<RingWord, Set<RingWord>> knew) {
    var before = new EnumMap<RingWord, Set<RingWord>>(RingWord.class);
    knew.forEach(
        (message, causes) -> {
          Set<RingWord> all = EnumSet.noneOf(RingWord.class);
          var rest = new ArrayList<>(causes);
          while (!rest.isEmpty()) {
            RingWord cause = rest.remove(rest.size() - 1);
            if (all.add(cause)) {
              rest.addAll(knew.getOrDefault(cause, Set.of()));
            }
          }
          before.put(message, all);
        });
    return before;
  }
}
