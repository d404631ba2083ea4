package dev.tidings.lab.analysis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;

/** What a run shows, in plain sentences, each from its figures. */
final class Findings {
  private static final int MOST = 6;
  private static final int LEAST = 3;
  private static final double NEAR = 0.02;

  private final Run run;
  private final List<HostFigures> hosts;
  private final List<String> findings = new ArrayList<>();

  private Findings(Run run, List<HostFigures> hosts) {
    this.run = run;
    this.hosts = hosts;
  }

  static List<String> of(
      Run run,
      List<HostFigures> hosts,
      List<PairFigures> pairs,
      Optional<Theory> theory,
      Optional<ClockComparison> clocks,
      List<RuleCheck.Violation> violations) {
    var words = new Findings(run, hosts);
    words.rules(violations);
    theory.ifPresentOrElse(words::overload, words::queues);
    words.drift(pairs);
    words.jumps();
    words.rates();
    theory.ifPresent(words::differences);
    clocks.ifPresent(words::clocks);
    if (words.findings.size() < LEAST) {
      words.events();
    }
    return words.findings.stream().limit(MOST).toList();
  }

  private void add(String format, Object... values) {
    findings.add(String.format(Locale.ROOT, format, values));
  }

  private void rules(List<RuleCheck.Violation> violations) {
    if (!violations.isEmpty()) {
      add(
          "%d event%s the rules; the first: %s.",
          violations.size(),
          violations.size() == 1 ? " breaks" : "s break",
          violations.get(0).words());
    }
  }

  /** Where too little is logged for the theory. */
  private void queues() {
    HostFigures longest =
        hosts.stream().max(Comparator.comparingInt(HostFigures::largestQueue)).orElseThrow();
    if (longest.largestQueue() == 0) {
      add("No message ever waited for another: every inbox was empty after every event.");
    } else {
      add(
          "The longest queue is host %d's: %d message%s at most%s.",
          longest.id(),
          longest.largestQueue(),
          longest.largestQueue() == 1 ? "" : "s",
          longest.queueGrowth() * run.duration() > longest.largestQueue() / 2.0
              ? String.format(Locale.ROOT, ", growing by %.2f a second", longest.queueGrowth())
              : ", and it does not grow");
    }
  }

  private void events() {
    HostFigures most =
        hosts.stream().max(Comparator.comparingInt(HostFigures::events)).orElseThrow();
    add(
        "Host %d has the most events, %,d: %,d times it received, %,d times it sent, and %,d were internal.",
        most.id(), most.events(), most.receives(), most.sends(), most.internals());
  }

  private static double rate(HostFigures host) {
    return host.realRate() > 0 ? host.realRate() : Math.max(1e-9, host.nominalRate().orElse(0));
  }

  private void overload(Theory theory) {
    var overloaded = new ArrayList<Integer>();
    for (int i = 0; i < hosts.size(); i++) {
      if (theory.hosts().get(i).isOverloaded()) {
        overloaded.add(i);
      }
    }
    if (overloaded.isEmpty()) {
      HostFigures nearest =
          hosts.stream()
              .max(Comparator.comparingDouble(host -> host.arrivalRate() / rate(host)))
              .orElseThrow();
      if (nearest.arrivalRate() > rate(nearest)) {
        add(
            "By the rates every host can keep up, but host %d only just: it ticks at %.2f/s, gets %.2f messages/s, and had up to %d in its inbox.",
            nearest.id(), nearest.realRate(), nearest.arrivalRate(), nearest.largestQueue());
        return;
      }
      HostFigures longest =
          hosts.stream().max(Comparator.comparingInt(HostFigures::largestQueue)).orElseThrow();
      add(
          "Every host keeps up: none gets more messages a second than it ticks, and no queue was longer than %d (host %d's).",
          longest.largestQueue(), longest.id());
      return;
    }
    int worst =
        overloaded.stream()
            .max(
                Comparator.comparingDouble(
                    i -> theory.hosts().get(i).arrivalRate() / theory.hosts().get(i).rate()))
            .orElseThrow();
    HostFigures host = hosts.get(worst);
    add(
        "Host %d ticks at %.2f/s, gets %.2f messages/s and never catches up: after %.0f s it processes messages %.1f s old, and %d are unread.",
        host.id(),
        host.realRate(),
        host.arrivalRate(),
        run.duration(),
        host.lastAge(),
        host.unread());
    if (overloaded.size() > 1) {
      add(
          "%d of %d hosts fall behind for good: %s.",
          overloaded.size(),
          hosts.size(),
          overloaded.size() > 12
              ? "those that tick at %.2f/s or slower"
                  .formatted(
                      overloaded.stream().mapToDouble(i -> hosts.get(i).realRate()).max().orElse(0))
              : overloaded.stream()
                  .map(i -> Integer.toString(hosts.get(i).id()))
                  .collect(Collectors.joining(", ")));
    }
  }

  private void drift(List<PairFigures> pairs) {
    pairs.stream()
        .max(Comparator.comparingLong(pair -> Math.abs(pair.finalDrift())))
        .ifPresent(pair -> drift(pair, pairs));
  }

  /** Of the two hosts that are farthest apart at the end. */
  private void drift(PairFigures pair, List<PairFigures> pairs) {
    boolean isSecondBehind = pair.finalDrift() >= 0;
    int ahead = isSecondBehind ? pair.first() : pair.second();
    int behind = isSecondBehind ? pair.second() : pair.first();
    String apart = ticks(Math.abs(pair.finalDrift()));
    if (pair.finalDrift() == 0) {
      add(
          "All logical clocks end at the same time; %s was the largest gap on the way.",
          ticks(pairs.stream().mapToLong(PairFigures::largestGap).max().orElse(0)));
    } else if (pair.isGrowing()) {
      add(
          "Host %d's logical clock falls behind host %d's by %.2f ticks a second, %s at the end.",
          behind, ahead, Math.abs(pair.slope()), apart);
    } else if (hosts.stream().allMatch(host -> host.receives() == 0)) {
      add(
          "No message was received: hosts %d and %d are the farthest apart at the end, by %s.",
          ahead, behind, apart);
    } else {
      add(
          "Messages hold the clocks together: hosts %d and %d are the farthest apart at the end, by %s, and drift no farther (%s was their largest gap).",
          ahead, behind, apart, ticks(pair.largestGap()));
    }
  }

  private static String ticks(long count) {
    return count == 1 ? "1 tick" : count + " ticks";
  }

  private void jumps() {
    HostFigures host =
        hosts.stream().max(Comparator.comparingLong(HostFigures::largestJump)).orElseThrow();
    if (host.largestJump() <= 1) {
      add("No logical clock ever jumped: each rose by 1 at every event.");
    } else {
      add(
          "The largest jump is host %d's, %d ticks at one receipt; its mean jump is %.2f%s.",
          host.id(),
          host.largestJump(),
          host.meanJump(),
          host.p99Jump() < host.largestJump()
              ? ", and 99 of 100 are %.0f or less".formatted(host.p99Jump())
              : "");
    }
  }

  private void rates() {
    HostFigures worst = null;
    double off = NEAR;
    for (HostFigures host : hosts) {
      if (host.nominalRate().isPresent() && host.events() > 10) {
        double difference = Math.abs(1 - host.realRate() / host.nominalRate().getAsDouble());
        if (difference > off) {
          off = difference;
          worst = host;
        }
      }
    }
    if (worst != null) {
      add(
          "Real rates are not the nominal ones: host %d was to tick at %s/s and ticked at %.3f/s, %.1f %% %s.",
          worst.id(),
          Figures.plain(worst.nominalRate().orElse(0)),
          worst.realRate(),
          off * 100,
          worst.realRate() < worst.nominalRate().orElse(0) ? "slower" : "faster");
    }
  }

  private void differences(Theory theory) {
    var off = new ArrayList<String>();
    for (int i = 0; i < hosts.size(); i++) {
      double expected = theory.hosts().get(i).arrivalRate();
      if (!Theory.isNear(hosts.get(i).arrivalRate(), expected, run.duration())) {
        off.add(
            String.format(
                Locale.ROOT,
                "host %d gets %.2f messages/s, expected %.2f",
                hosts.get(i).id(),
                hosts.get(i).arrivalRate(),
                expected));
      }
    }
    if (off.isEmpty()) {
      add(
          "Theory and run agree: every host got as many messages as its rate and the others' say, within four standard deviations.");
    } else {
      add(
          "Theory and run differ for %d of %d hosts by more than four standard deviations: %s.",
          off.size(), hosts.size(), String.join("; ", off.subList(0, Math.min(3, off.size()))));
    }
  }

  private void clocks(ClockComparison clocks) {
    if (clocks.concurrentPairs() > 0) {
      add(
          "Of %,d pairs of events %.0f %% are concurrent; Lamport time orders %.0f %% of those all the same, which only the vector clock can tell, at %.0f bytes a message instead of %.0f.",
          clocks.pairs(),
          100.0 * clocks.concurrentPairs() / clocks.pairs(),
          100.0 * clocks.concurrentOrdered() / clocks.concurrentPairs(),
          clocks.vectorBytes(),
          clocks.lamportBytes());
    }
  }
}
