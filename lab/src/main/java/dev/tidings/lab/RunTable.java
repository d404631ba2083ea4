package dev.tidings.lab;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.Simulation.HostTotals;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** What a run came to, a row a host. */
final class RunTable {
  private static final int MAX_RATES = 12;

  private RunTable() {}

  /**
   * @param unread messages that were sent to the host and which it had not received at the end
   * @param drift how far its clock was behind the fastest host's at the end
   */
  private record Row(int host, BigDecimal rate, HostSummary summary, int unread, long drift) {}

  /**
   * @throws LabException if a host's log cannot be read
   */
  static String of(Experiment experiment, Path directory) {
    var logs = new ArrayList<RunLog>();
    for (int id = 1; id <= experiment.hosts(); id++) {
      logs.add(RunLog.read(directory.resolve("host-" + id + ".jsonl")));
    }
    List<HostSummary> summaries = logs.stream().map(log -> HostSummary.of(log.events())).toList();
    DriftSetup setup = experiment.setup();
    int fastestId = 1;
    for (int id = 2; id <= experiment.hosts(); id++) {
      fastestId = setup.rate(id) > setup.rate(fastestId) ? id : fastestId;
    }
    HostSummary fastest = summaries.get(fastestId - 1);
    var rows = new ArrayList<Row>();
    for (int id = 1; id <= experiment.hosts(); id++) {
      int host = id;
      HostSummary summary = summaries.get(id - 1);
      int sentTo =
          logs.stream()
              .flatMap(log -> log.events().stream())
              .mapToInt(event -> event.to().contains(host) ? 1 : 0)
              .sum();
      rows.add(
          new Row(
              id,
              BigDecimal.valueOf(setup.rate(id)).stripTrailingZeros(),
              summary,
              sentTo - summary.receives(),
              fastest.finalClock() - summary.finalClock()));
    }
    return AsciiTable.getTable(
        AsciiTable.NO_BORDERS,
        rows,
        List.of(
            column("host", row -> row.host()),
            column("rate/s", row -> row.rate().toPlainString()),
            column("real/s", row -> "%.2f".formatted(row.summary().ticksPerSecond())),
            column("events", row -> row.summary().events()),
            column("receive", row -> row.summary().receives()),
            column("send", row -> row.summary().sends()),
            column("internal", row -> row.summary().internals()),
            column("final clock", row -> row.summary().finalClock()),
            column("mean jump", row -> "%.2f".formatted(row.summary().meanJump())),
            column("largest jump", row -> row.summary().largestJump()),
            column("largest queue", row -> row.summary().largestQueue()),
            column("unread", row -> row.unread()),
            column("drift", row -> row.drift())));
  }

  /** What hosts of one rate came to together. */
  private record RateRow(double rate, List<HostTotals> hosts) {
    double mean(ToDoubleFunction<HostTotals> value) {
      return hosts.stream().mapToDouble(value).average().orElse(0);
    }

    double largest(ToDoubleFunction<HostTotals> value) {
      return hosts.stream().mapToDouble(value).max().orElse(0);
    }
  }

  /** A run with too many hosts for a row each: a row for each rate, or for some that are near. */
  static String ofTotals(Experiment experiment, Simulation simulation) {
    DriftSetup setup = experiment.setup();
    double[] rates =
        IntStream.rangeClosed(1, setup.hosts())
            .mapToDouble(setup::rate)
            .distinct()
            .sorted()
            .toArray();
    int count = Math.min(MAX_RATES, rates.length);
    var rows = new ArrayList<RateRow>();
    for (int i = 0; i < count; i++) {
      rows.add(new RateRow(rates[(int) ((long) i * rates.length / count)], new ArrayList<>()));
    }
    double[] lowest = rows.stream().mapToDouble(RateRow::rate).toArray();
    for (int id = 1; id <= setup.hosts(); id++) {
      int place = Arrays.binarySearch(lowest, setup.rate(id));
      rows.get(place < 0 ? -place - 2 : place).hosts().add(simulation.totals(id));
    }
    return AsciiTable.getTable(
        AsciiTable.NO_BORDERS,
        rows,
        List.of(
            column(count < rates.length ? "rate/s from" : "rate/s", row -> row.rate()),
            column("hosts", row -> "%,d".formatted(row.hosts().size())),
            column("mean events", row -> "%.1f".formatted(row.mean(HostTotals::events))),
            column("mean clock", row -> "%.1f".formatted(row.mean(HostTotals::finalClock))),
            column("largest jump", row -> "%.0f".formatted(row.largest(HostTotals::largestJump))),
            column("mean queue", row -> "%.1f".formatted(row.mean(HostTotals::queueLength))),
            column(
                "largest queue", row -> "%.0f".formatted(row.largest(HostTotals::largestQueue)))));
  }

  private static <T> ColumnData<T> column(String header, Function<T, Object> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.RIGHT)
        .dataAlign(HorizontalAlign.RIGHT)
        .with(row -> String.valueOf(value.apply(row)));
  }
}
