package dev.tidings.lab.analysis;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;

/**
 * All that the report says of a run.
 *
 * @param hosts in the order of their ids
 * @param pairs all of them where there are few hosts; otherwise each host against the fastest
 * @param theory empty unless there is a log of every host
 * @param clocks empty unless there is a log of every host, and not too much of it
 * @param violations events that break the rules, the first first
 * @param findings in words, the most telling first
 */
public record RunAnalysis(
    Run run,
    List<HostFigures> hosts,
    List<PairFigures> pairs,
    Optional<Theory> theory,
    Optional<ClockComparison> clocks,
    List<RuleCheck.Violation> violations,
    List<String> findings) {
  /** Of so many hosts every pair is looked at. */
  private static final int ALL_PAIRS = 10;

  private static final int MAX_PAIRS = 50;

  public static RunAnalysis of(Run run) {
    int n = run.hosts().size();
    int[] sentTo = new int[n];
    for (Run.Host host : run.hosts()) {
      host.recipients().forEach(recipients -> recipients.forEach(place -> sentTo[place]++));
    }
    var hosts = new ArrayList<HostFigures>();
    for (int place = 0; place < n; place++) {
      hosts.add(HostFigures.of(run, place, sentTo[place]));
    }
    Optional<Theory> theory = run.isWhole() ? Optional.of(Theory.of(run, hosts)) : Optional.empty();
    Optional<ClockComparison> clocks = ClockComparison.of(run);
    List<PairFigures> pairs = pairs(run, hosts);
    List<RuleCheck.Violation> violations = RuleCheck.of(run);
    return new RunAnalysis(
        run,
        hosts,
        pairs,
        theory,
        clocks,
        violations,
        Findings.of(run, hosts, pairs, theory, clocks, violations));
  }

  private static List<PairFigures> pairs(Run run, List<HostFigures> hosts) {
    var pairs = new ArrayList<PairFigures>();
    int n = hosts.size();
    if (n <= ALL_PAIRS) {
      for (int a = 0; a < n; a++) {
        for (int b = a + 1; b < n; b++) {
          pairs.add(PairFigures.of(run, a, b));
        }
      }
      return pairs;
    }
    int fastest = fastest(hosts);
    for (int b = 0; b < n; b++) {
      if (b != fastest) {
        pairs.add(PairFigures.of(run, fastest, b));
      }
    }
    pairs.sort(Comparator.comparingLong(pair -> -Math.abs(pair.finalDrift())));
    return List.copyOf(pairs.subList(0, Math.min(MAX_PAIRS, pairs.size())));
  }

  /** The place of the host with the highest rate, the first of several. */
  static int fastest(List<HostFigures> hosts) {
    int fastest = 0;
    for (int i = 1; i < hosts.size(); i++) {
      if (rate(hosts.get(i)) > rate(hosts.get(fastest))) {
        fastest = i;
      }
    }
    return fastest;
  }

  private static double rate(HostFigures host) {
    return host.nominalRate().orElse(host.realRate());
  }

  /** How far a host's clock was behind the fastest host's at the end. */
  public long drift(int place) {
    return hosts.get(fastest(hosts)).finalClock() - hosts.get(place).finalClock();
  }
}
