package dev.tidings.lab;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.ColumnData;
import com.github.freva.asciitable.HorizontalAlign;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.Simulation.HostTotals;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;
import java.util.stream.IntStream;

/** What a run came to that is too large for a row a host. */
final class RunTable {
  private static final int MAX_RATES = 12;

  private RunTable() {}

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
