package dev.tidings.lab;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.function.Function;

/** What a run came to, a row a host. */
final class RunTable {
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
    BigDecimal fastestRate =
        experiment.clockSpeeds().stream().max(Comparator.naturalOrder()).orElseThrow();
    HostSummary fastest = summaries.get(experiment.clockSpeeds().indexOf(fastestRate));
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
              experiment.clockSpeeds().get(id - 1),
              summary,
              sentTo - summary.receives(),
              fastest.finalClock() - summary.finalClock()));
    }
    return AsciiTable.getTable(
        AsciiTable.NO_BORDERS,
        rows,
        List.of(
            column("host", row -> row.host()),
            column("rate/s", row -> row.rate()),
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

  private static ColumnData<Row> column(String header, Function<Row, Object> value) {
    return new Column()
        .header(header)
        .headerAlign(HorizontalAlign.RIGHT)
        .dataAlign(HorizontalAlign.RIGHT)
        .with(row -> String.valueOf(value.apply(row)));
  }
}
