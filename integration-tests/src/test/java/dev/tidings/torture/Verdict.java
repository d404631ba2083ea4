package dev.tidings.torture;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Version;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.ObjectOperation;
import dev.tidings.history.SeenVersion;
import dev.tidings.history.Violation;
import dev.tidings.torture.Tormentor.Wipe;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What is to be said of a run.
 *
 * @param lines what was checked and is right, for people
 * @param findings what is wrong; empty for a run that passed
 */
record Verdict(List<String> lines, List<String> findings) {
  private static final int MOST_OF_A_KIND = 5;

  /**
   * What sessions saw and did.
   *
   * @param history with what replicas held at the end
   * @param toldOfLoss the sessions that were told DATA_LOSS, by name
   */
  record Seen(List<Attempt> attempts, Set<String> toldOfLoss, History history) {}

  Verdict {
    lines = List.copyOf(lines);
    findings = List.copyOf(findings);
  }

  /** Of a run whose replicas did not become equal: only the history can be judged. */
  static Verdict ofUnequal(History history) {
    var lines = new ArrayList<String>();
    var findings = new ArrayList<String>();
    judge("history", history, lines, findings);
    return new Verdict(lines, findings);
  }

  /**
   * @param addresses of the replicas, in the order of their ids
   * @param wipes the disks that were lost, in the order of their times
   */
  static Verdict of(Seen seen, Ending ending, List<String> addresses, List<Wipe> wipes) {
    var lines = new ArrayList<String>();
    var findings = new ArrayList<String>();
    compareReplicas(ending, findings);
    Map<Origin, Long> wiped = wiped(seen.attempts(), ending.origins(), wipes);
    Ledgers ledgers =
        Ledgers.compare(
            seen.attempts(),
            ending.ledgers(),
            wiped::containsKey,
            ending.frontier()::contains,
            retried(seen.history()));
    findings.addAll(someOf(ledgers.findings()));
    Tallies tallies =
        Tallies.compare(
            seen.attempts(),
            ending.ledgers().values().iterator().next().stream()
                .flatMap(ledger -> ledger.stream().map(entry -> entry.value().utf8()))
                .collect(Collectors.toSet()),
            Workload.objects(),
            ending.objects().values().iterator().next());
    findings.addAll(someOf(tallies.findings()));
    lines.add(
        "increments, adds and appends there: %,d, each once; writes that several replicas may have accepted: %,d"
            .formatted(tallies.counted(), retried(seen.history()).size()));
    List<Attempt> patient =
        seen.attempts().stream().filter(it -> it.acks() >= 2 && it.write() != null).toList();
    lines.add(
        "writes acknowledged that asked for two or three replicas: %,d, of which %,d got them"
            .formatted(
                patient.size(),
                patient.stream().filter(it -> it.durableOn() >= it.acks()).count()));
    lines.add(
        "writes there: %,d; of those acknowledged %,d are lost with the only disk that had them"
            .formatted(ledgers.there().size(), ledgers.lost().size()));
    if (ledgers.lost().isEmpty()) {
      judge("history", seen.history(), lines, findings);
    } else {
      Set<Version> there = new HashSet<>(ledgers.there());
      seen.attempts().stream()
          .flatMap(attempt -> Stream.ofNullable(attempt.write()))
          .filter(write -> ending.frontier().contains(write.position()))
          .forEach(write -> there.add(write.version()));
      judgeLosses(seen, addresses, there, wiped, lines, findings);
    }
    return new Verdict(lines, findings);
  }

  /** The ids of writes that several replicas may have accepted. */
  private static Set<String> retried(History history) {
    Set<String> retried = new HashSet<>();
    for (int group = 0; group < history.groups(); group++) {
      if (history.isRetried(group)) {
        for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
          if (history.object(op) instanceof ObjectOperation.Update update
              && Workload.isLedger(update.object().key())) {
            retried.addAll(update.values());
          }
        }
      }
    }
    return retried;
  }

  private static void compareReplicas(Ending ending, List<String> findings) {
    if (ending.registers().values().stream().distinct().count() > 1) {
      findings.add("replicas that show the same writes hold different registers");
    }
    if (ending.ledgers().values().stream().distinct().count() > 1) {
      findings.add("replicas that show the same writes hold different feeds");
    }
    if (ending.objects().values().stream().distinct().count() > 1) {
      findings.add("replicas that show the same writes hold different objects");
    }
  }

  /** The origins whose disks are gone, and when that was, in microseconds since 1970. */
  private static Map<Origin, Long> wiped(
      List<Attempt> attempts, List<Origin> now, List<Wipe> wipes) {
    Map<Origin, Long> lastWrite = new HashMap<>();
    for (Attempt attempt : attempts) {
      if (attempt.write() != null) {
        lastWrite.merge(attempt.write().position().origin(), attempt.startMicros(), Math::max);
      }
    }
    Map<Origin, Long> wiped = new HashMap<>();
    now.forEach(lastWrite::remove);
    lastWrite.forEach(
        (origin, last) ->
            wipes.stream()
                .filter(wipe -> wipe.replica() == origin.replicaId() && wipe.atMicros() >= last)
                .findFirst()
                .ifPresent(wipe -> wiped.put(origin, wipe.atMicros())));
    return wiped;
  }

  private static void judgeLosses(
      Seen seen,
      List<String> addresses,
      Set<Version> there,
      Map<Origin, Long> wiped,
      List<String> lines,
      List<String> findings) {
    Set<SeenVersion> isThere = there.stream().map(Verdict::seen).collect(Collectors.toSet());
    Set<SeenVersion> acknowledged =
        seen.attempts().stream()
            .flatMap(attempt -> Stream.ofNullable(attempt.write()))
            .map(write -> seen(write.version()))
            .collect(Collectors.toSet());
    Losses losses =
        Losses.of(
            seen.history(),
            addresses,
            isThere,
            acknowledged,
            version -> {
              Long at = wiped.get(new Origin(version.replica(), version.incarnation()));
              return at == null ? OptionalLong.empty() : OptionalLong.of(at);
            });
    lines.add(
        "sessions that had seen a lost write: %d, with %,d answers from then on, all before the disk was lost; told DATA_LOSS: %d"
            .formatted(losses.sessions().size(), losses.groups(), seen.toldOfLoss().size()));
    findings.addAll(someOf(losses.tooLate()));
    judge("history up to the end", losses.unended(), lines, findings);
    judge("history without what was lost", losses.surviving(), lines, findings);
    Set<String> notTold = new TreeSet<>(losses.certain());
    notTold.removeAll(seen.toldOfLoss());
    notTold.forEach(
        name -> findings.add("session %s had seen a lost write, and was not told".formatted(name)));
    Set<String> toldInVain = new TreeSet<>(seen.toldOfLoss());
    toldInVain.removeAll(losses.sessions());
    toldInVain.forEach(
        name ->
            findings.add(
                "session %s was told DATA_LOSS, but had seen nothing that is lost"
                    .formatted(name)));
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.lamportTime(), version.origin().replicaId(), version.origin().incarnation());
  }

  private static void judge(
      String what, History history, List<String> lines, List<String> findings) {
    Judgement judgement = Checker.judge(history, Model.CCV, done -> {});
    String how =
        "%s: %,d operations of %,d sessions: "
            .formatted(what, history.operations(), history.sessions());
    if (judgement.violation().isEmpty()) {
      lines.add(how + "causal");
    } else {
      Violation violation = judgement.violation().get();
      findings.add(
          how
              + "NOT causal: "
              + violation.headline()
              + violation.steps().stream()
                  .map(step -> "\n    " + step.text())
                  .collect(Collectors.joining()));
    }
  }

  private static List<String> someOf(List<String> all) {
    if (all.size() <= MOST_OF_A_KIND) {
      return all;
    }
    var some = new ArrayList<String>(all.subList(0, MOST_OF_A_KIND));
    some.add("and %,d like these".formatted(all.size() - MOST_OF_A_KIND));
    return some;
  }
}
