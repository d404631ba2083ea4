package dev.tidings.lab.study;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.lab.report.Chart;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SweepTest {
  @TempDir private Path directory = Path.of("set by JUnit");

  private final AtomicInteger runs = new AtomicInteger();

  /** Two of the hosts at 6 and 1 ticks a second, the others at 3. */
  private DriftSetup setup(Point point, long seed) {
    runs.incrementAndGet();
    double[] rates = new double[point.hosts()];
    Arrays.fill(rates, 3);
    rates[0] = 6;
    rates[1] = 1;
    return new DriftSetup(
        new ExperimentSeed(seed),
        rates,
        new double[] {point.probInternal()},
        new long[0],
        point.hosts() - 1,
        LinkModel.PERFECT,
        0);
  }

  private static List<Point> points() {
    var points = new ArrayList<Point>();
    for (double p : new double[] {0.9, 0.3}) {
      for (int hosts : new int[] {3, 6}) {
        points.add(new Point("", "6 1 3", p, hosts, 30));
      }
    }
    return points;
  }

  private Map<Point, List<Outcome>> sweep(Path file) throws IOException, InterruptedException {
    return new Sweep(points(), 4, file, this::setup, Optional.empty()).run(2, done -> {});
  }

  @Test
  void a_sweep_that_was_stopped_goes_on_where_it_was_and_comes_out_the_same()
      throws IOException, InterruptedException {
    Map<Point, List<Outcome>> whole = sweep(directory.resolve("whole"));
    assertEquals(16, runs.getAndSet(0));
    Path file = directory.resolve("stopped");
    List<String> lines = Files.readAllLines(directory.resolve("whole"));
    // Stopped in the middle of a line.
    Files.writeString(
        file, String.join("\n", lines.subList(0, 6)) + "\n" + lines.get(6).substring(0, 20));
    assertEquals(whole, sweep(file));
    assertEquals(10, runs.getAndSet(0));
    assertEquals(whole, sweep(file));
    assertEquals(0, runs.get());
  }

  @Test
  void done_counts_what_was_there_before() throws IOException, InterruptedException {
    Path file = directory.resolve("file");
    sweep(file);
    var seen = new ArrayList<Integer>();
    new Sweep(points(), 5, file, this::setup, Optional.empty()).run(1, seen::add);
    assertEquals(List.of(16, 17, 18, 19, 20), seen);
  }

  @Test
  void the_report_tells_where_hosts_are_overloaded() throws IOException, InterruptedException {
    var report = new StudyReport(points(), sweep(directory.resolve("file")));
    assertEquals(4, report.table().rows().size());
    int overloaded = report.table().columns().indexOf("overloaded %");
    // Nobody when nine of ten events are internal; the slowest of three and of six otherwise.
    assertEquals(0.0, report.table().rows().get(0).get(overloaded));
    assertEquals(100 / 3.0, (double) report.table().rows().get(2).get(overloaded), 1e-9);
    assertTrue(
        report.findings().get(3).startsWith("In 2 of 4 settings some hosts must fall behind"),
        report.findings()::toString);
    assertEquals(
        List.of(
            "drift-probability",
            "jump-probability",
            "queue-probability",
            "drift-hosts",
            "jump-hosts",
            "queue-hosts",
            "drift-surface",
            "jump-surface",
            "queue-surface",
            "overload-surface"),
        report.charts().stream().map(Chart::id).toList());
  }

  @Test
  void an_interval_is_students() {
    List<Outcome> outcomes =
        List.of(1.0, 2.0, 3.0, 4.0).stream()
            .map(drift -> new Outcome("", drift, 1, 1, 0, 0))
            .toList();
    Estimate estimate = Estimate.of(outcomes, Outcome::drift);
    assertEquals(2.5, estimate.mean());
    // t(0.975; 3) = 3.182, deviation 1.2910, four values.
    assertEquals(3.182 * 1.2910 / 2, estimate.halfWidth(), 1e-3);
  }
}
