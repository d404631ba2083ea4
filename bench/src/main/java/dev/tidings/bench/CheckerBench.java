package dev.tidings.bench;

import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.client.history.HistoryFiles;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Model;
import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Stream;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;

/**
 * How long a verdict takes: its growth with operations and with sessions, in one process and
 * without the reading of the file; and whole runs of {@code bin/client check}, with their memory.
 */
final class CheckerBench implements Part {
  private static final Column MILLIS = new Column("millis", "ms", "%,.0f");
  private static final Column MICROS = new Column("microsPerOperation", "µs an operation", "%.2f");
  private static final int ROUNDS = 3;
  private static final int KEYS = 10_000;
  private static final int SESSIONS = 100;
  private static final int OPERATIONS = 300_000;
  private static final int[] GROWING_OPERATIONS = {10_000, 30_000, 100_000, 300_000, 1_000_000};
  private static final int[] GROWING_SESSIONS = {10, 30, 100, 300, 1_000};
  private static final int[] WHOLE_RUNS = {1_000_000, 10_000_000};

  private final boolean quick;
  private final Path charts;

  /**
   * @param quick whether only the shorter histories are judged
   * @param charts where they go
   */
  CheckerBench(boolean quick, Path charts) {
    this.quick = quick;
    this.charts = charts;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    Path file = Files.createTempFile("tidings-bench", ".jsonl");
    Files.createDirectories(charts);
    int[] growingOperations = some(GROWING_OPERATIONS);
    int[] growingSessions = some(GROWING_SESSIONS);
    try {
      CausalHistories.write(file, OPERATIONS, SESSIONS, KEYS);
      judgeMillis(file);
      List<Row> byOperations = new ArrayList<>();
      for (int operations : growingOperations) {
        byOperations.add(measured(file, operations, SESSIONS));
      }
      List<Row> bySessions = new ArrayList<>();
      for (int sessions : growingSessions) {
        bySessions.add(measured(file, OPERATIONS, sessions));
      }
      sections.accept(
          new Section(
              "A verdict alone, causal convergence, %,d keys".formatted(KEYS),
              List.of(MILLIS, MICROS),
              Stream.concat(byOperations.stream(), bySessions.stream()).toList(),
              List.of(),
              List.of()));
      draw(
          charts.resolve("checker-operations.svg"),
          "operations, of 100 sessions",
          growingOperations,
          byOperations);
      draw(
          charts.resolve("checker-sessions.svg"),
          "sessions, 300,000 operations",
          growingSessions,
          bySessions);
      if (!quick) {
        sections.accept(wholeRuns(file));
      }
    } finally {
      Files.delete(file);
    }
  }

  private int[] some(int[] growing) {
    return quick ? Arrays.copyOf(growing, 2) : growing;
  }

  private static Row measured(Path file, int operations, int sessions) throws IOException {
    CausalHistories.write(file, operations, sessions, KEYS);
    double millis = judgeMillis(file);
    return Row.of(
        String.format(Locale.ROOT, "%,d operations, %,d sessions", operations, sessions),
        Map.of(MILLIS, millis, MICROS, millis * 1_000 / operations));
  }

  /** The median of some rounds. */
  private static double judgeMillis(Path file) throws IOException {
    History history = HistoryFiles.read(file, null, bytes -> {});
    double[] rounds = new double[ROUNDS];
    for (int round = 0; round < ROUNDS; round++) {
      long begin = System.nanoTime();
      if (!Checker.judge(history, Model.CCV, done -> {}).isCausal()) {
        throw new IllegalStateException("a causal history was judged not to be");
      }
      rounds[round] = (System.nanoTime() - begin) / 1e6;
    }
    Arrays.sort(rounds);
    return rounds[ROUNDS / 2];
  }

  private static Section wholeRuns(Path file) throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (int operations : WHOLE_RUNS) {
      CausalHistories.write(file, operations, SESSIONS, KEYS);
      String words =
          String.format(Locale.ROOT, "%,d operations, %,d MiB", operations, Files.size(file) >> 20);
      rows.add(WholeProcess.run("client", List.of("check", file.toString())).row(words));
    }
    return new Section(
        "Whole commands, bin/client check", WholeProcess.COLUMNS, rows, List.of(), List.of());
  }

  private static void draw(Path file, String xTitle, int[] x, List<Row> rows) throws IOException {
    XYChart chart =
        new XYChartBuilder()
            .width(640)
            .height(400)
            .title("Time of a verdict")
            .xAxisTitle(xTitle)
            .yAxisTitle("milliseconds")
            .build();
    chart
        .getStyler()
        .setXAxisLogarithmic(true)
        .setYAxisLogarithmic(true)
        .setLegendVisible(false)
        .setChartBackgroundColor(Color.WHITE);
    chart.addSeries(
        "measured",
        Arrays.stream(x).asDoubleStream().toArray(),
        rows.stream().mapToDouble(row -> row.figure(MILLIS)).toArray());
    try (OutputStream out = Files.newOutputStream(file)) {
      ChartEncoder.saveChart(chart, out, "svg");
    }
  }
}
