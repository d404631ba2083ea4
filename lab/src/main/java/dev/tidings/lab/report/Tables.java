package dev.tidings.lab.report;

import dev.tidings.lab.analysis.ClockComparison;
import dev.tidings.lab.analysis.Figures;
import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.PairFigures;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.analysis.Theory;
import java.math.BigDecimal;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;

/** The tables of a report. */
public final class Tables {
  private Tables() {}

  /** Those that this run has. */
  public static List<Table> of(RunAnalysis analysis) {
    var tables = new ArrayList<>(List.of(hosts(analysis), jumps(analysis), messages(analysis)));
    if (!analysis.pairs().isEmpty()) {
      tables.add(pairs(analysis));
    }
    analysis.theory().ifPresent(theory -> tables.add(theory(analysis, theory)));
    analysis.clocks().ifPresent(clocks -> tables.add(clocks(clocks)));
    return tables;
  }

  /** All that is told of each host, of several runs, as one table. */
  public static Table ofHosts(List<RunAnalysis> analyses) {
    var columns = new LinkedHashSet<String>();
    var rows = new ArrayList<List<Object>>();
    for (RunAnalysis analysis : analyses) {
      List<Table> parts = List.of(hosts(analysis), jumps(analysis), messages(analysis));
      for (int i = 0; i < analysis.hosts().size(); i++) {
        var row = new LinkedHashMap<String, Object>();
        row.put("run", analysis.run().name());
        for (Table part : parts) {
          for (int column = 0; column < part.columns().size(); column++) {
            boolean isJump = part.id().equals("jumps") && column > 0;
            row.put(
                part.columns().get(column) + (isJump ? " jump" : ""),
                part.rows().get(i).get(column));
          }
        }
        columns.addAll(row.keySet());
        rows.add(List.copyOf(row.values()));
      }
    }
    return new Table("hosts", "Hosts of all runs", List.copyOf(columns), rows);
  }

  /** The table that every run ends with. */
  public static Table hosts(RunAnalysis analysis) {
    var rows = new ArrayList<List<Object>>();
    for (int i = 0; i < analysis.hosts().size(); i++) {
      HostFigures host = analysis.hosts().get(i);
      rows.add(
          List.of(
              host.id(),
              rate(host),
              host.realRate(),
              host.events(),
              host.receives(),
              host.sends(),
              host.internals(),
              host.finalClock(),
              host.meanJump(),
              host.largestJump(),
              host.largestQueue(),
              host.unread(),
              analysis.drift(i)));
    }
    return new Table(
        "hosts",
        "Hosts",
        List.of(
            "host",
            "rate/s",
            "real/s",
            "events",
            "receive",
            "send",
            "internal",
            "final clock",
            "mean jump",
            "largest jump",
            "largest queue",
            "unread",
            "drift"),
        rows);
  }

  private static Object rate(HostFigures host) {
    return host.nominalRate().isPresent()
        ? new BigDecimal(Figures.plain(host.nominalRate().getAsDouble()))
        : "?";
  }

  private static Table jumps(RunAnalysis analysis) {
    return new Table(
        "jumps",
        "Jumps: how much the logical clock rises at an event",
        List.of("host", "mean", "median", "p99", "largest"),
        analysis.hosts().stream()
            .map(
                host ->
                    List.<Object>of(
                        host.id(),
                        host.meanJump(),
                        (long) host.medianJump(),
                        (long) host.p99Jump(),
                        host.largestJump()))
            .toList());
  }

  private static Table messages(RunAnalysis analysis) {
    return new Table(
        "messages",
        "Queues, and the age in seconds of messages when they are processed",
        List.of(
            "host",
            "gets/s",
            "mean queue",
            "largest queue",
            "queue growth/s",
            "unread",
            "mean age",
            "median age",
            "largest age",
            "last age"),
        analysis.hosts().stream()
            .map(
                host ->
                    List.<Object>of(
                        host.id(),
                        host.arrivalRate(),
                        host.meanQueue(),
                        host.largestQueue(),
                        host.queueGrowth(),
                        host.unread(),
                        host.meanAge(),
                        host.medianAge(),
                        host.largestAge(),
                        host.lastAge()))
            .toList());
  }

  private static Table pairs(RunAnalysis analysis) {
    var rows = new ArrayList<List<Object>>();
    for (PairFigures pair : analysis.pairs()) {
      rows.add(
          List.of(
              pair.first() + " - " + pair.second(),
              pair.finalDrift(),
              pair.slope(),
              pair.meanGap(),
              pair.largestGap(),
              pair.largestGapSeconds()));
    }
    return new Table(
        "pairs",
        "Drift: the first host's logical clock less the second's, in ticks",
        List.of("hosts", "at the end", "slope/s", "mean gap", "largest gap", "at second"),
        rows);
  }

  private static Table theory(RunAnalysis analysis, Theory theory) {
    var rows = new ArrayList<List<Object>>();
    double seconds = Math.max(1e-9, analysis.run().duration());
    for (int i = 0; i < analysis.hosts().size(); i++) {
      HostFigures host = analysis.hosts().get(i);
      Theory.Host expected = theory.hosts().get(i);
      rows.add(
          List.of(
              host.id(),
              host.realRate(),
              expected.arrivalRate(),
              host.arrivalRate(),
              expected.isOverloaded() ? "yes" : "no",
              expected.queueGrowth(),
              host.unread() / seconds,
              expected.clockRate(),
              host.finalClock() / seconds));
    }
    return new Table(
        "theory",
        "Theory beside measurement, each a second",
        List.of(
            "host",
            "ticks",
            "arrivals expected",
            "arrivals",
            "must overload",
            "queue growth expected",
            "unread",
            "clock expected",
            "clock"),
        rows);
  }

  private static Table clocks(ClockComparison clocks) {
    double share =
        clocks.concurrentPairs() == 0
            ? 0
            : 100.0 * clocks.concurrentOrdered() / clocks.concurrentPairs();
    return new Table(
        "clocks",
        "The clocks compared on this run",
        List.of("clock", "bytes a message", "what it knows"),
        List.of(
            List.of(
                "Lamport",
                clocks.lamportBytes(),
                "orders %.1f %% of the concurrent pairs all the same".formatted(share)),
            List.of(
                "vector",
                clocks.vectorBytes(),
                "%,d of %,d pairs are concurrent"
                    .formatted(clocks.concurrentPairs(), clocks.pairs())),
            List.of(
                "hybrid",
                clocks.hybridBytes(),
                "at most %,d µs ahead of system time, counter to %d"
                    .formatted(clocks.largestHybridAheadMicros(), clocks.largestHybridCounter()))));
  }
}
