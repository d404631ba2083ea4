package dev.tidings.bench;

import dev.tidings.bench.contestants.Keys;
import dev.tidings.bench.contestants.ReplicaAdmin;
import dev.tidings.bench.contestants.Store.Clients;
import dev.tidings.bench.contestants.TidingsStore;
import dev.tidings.bench.contestants.VisibilityProbe;
import dev.tidings.bench.load.ClosedLoop;
import dev.tidings.bench.load.Observed;
import dev.tidings.bench.load.OpenLoop;
import dev.tidings.bench.results.Chart;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import dev.tidings.bench.servers.TidingsCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import org.HdrHistogram.Histogram;

/**
 * When a write that is committed at replica 1 is visible at replica 2, at half the load that
 * saturates the two; and whether a third replica that hangs, or a slow link to it, changes that.
 */
final class VisibilityBench implements Part {
  private static final int REPLICAS = 3;
  private static final int THIRD = 3;
  private static final int CLIENTS = 48;
  private static final int PERCENT_WRITES = 50;
  private static final Duration SLOW = Duration.ofSeconds(1);

  /** Others' latencies are unchanged if they are not longer by more than this, or a millisecond. */
  private static final double NOISE = 1.5;

  private static final Column LOAD = new Column("operationsPerSecond", "ops/s asked", "%,.0f");
  private static final Column VISIBLE_P50 =
      new Column("visibleP50Millis", "visible p50 ms", "%.2f");
  private static final Column VISIBLE_P99 =
      new Column("visibleP99Millis", "visible p99 ms", "%.2f");
  private static final Column SEEN = new Column("writesSeen", "writes seen", "%,.0f");

  private final Settings settings;
  private final List<Row> rows = new ArrayList<>();
  private final List<Target> targets = new ArrayList<>();
  private final List<Chart.Line> lines = new ArrayList<>();

  VisibilityBench(Settings settings) {
    this.settings = settings;
  }

  /** What was seen in one situation. */
  private record Seen(Histogram visible, Observed operations) {
    /** Not a number, and no target held, where nothing was seen. */
    double visibleAt(double percentile) {
      if (visible.getTotalCount() == 0) {
        return Double.NaN;
      }
      return visible.getValueAtPercentile(percentile) / 1e6;
    }

    Seen plus(Seen other) {
      Histogram both = visible.copy();
      both.add(other.visible);
      return new Seen(both, operations.plus(other.operations));
    }
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    Duration each = Duration.ofSeconds(settings.quick() ? 1 : 20);
    for (String consistency :
        settings.quick()
            ? List.of(TidingsCluster.CAUSAL)
            : List.of(TidingsCluster.CAUSAL, TidingsCluster.EVENTUAL)) {
      try (TidingsCluster cluster = settings.startCluster(REPLICAS, consistency)) {
        measure(cluster, consistency, each);
      }
    }
    sections.accept(
        new Section(
            "Visible at replica 2 after the commit at replica 1, half the saturating load of %d %% writes"
                .formatted(PERCENT_WRITES),
            List.of(LOAD, VISIBLE_P50, VISIBLE_P99, SEEN, Column.P50, Column.P99),
            rows,
            targets,
            List.of(
                new Chart(
                    "Visibility: share of writes visible within so long after their commit",
                    "milliseconds",
                    "share of writes",
                    true,
                    false,
                    lines))));
  }

  private void measure(TidingsCluster cluster, String consistency, Duration each)
      throws InterruptedException, IOException {
    var store = new TidingsStore("", cluster, Keys.COUNT, 100);
    try (var probe = new VisibilityProbe(cluster, 2, 1);
        Clients clients = store.mixed(CLIENTS, PERCENT_WRITES, List.of(1, 2), probe::onWritten)) {
      settings.warmUp(REPLICAS).run(clients.all(), 1);
      Duration trial = settings.round().multipliedBy(2);
      double closed = ClosedLoop.run(clients.all(), trial).requestsPerSecond();
      double load = OpenLoop.saturatingRate(clients.all(), closed, trial) / 2;
      Seen before = look(clients, probe, load, each);
      Seen hanging;
      cluster.server(THIRD).freeze();
      try {
        hanging = look(clients, probe, load, each);
      } finally {
        cluster.server(THIRD).thaw();
      }
      // What it has missed is not to be fetched during the next look.
      ReplicaAdmin.awaitAllEverywhere(cluster);
      delay(cluster, SLOW);
      Seen slow = look(clients, probe, load, each);
      delay(cluster, Duration.ZERO);
      ReplicaAdmin.awaitAllEverywhere(cluster);
      // Servers become faster with use, so what these are compared with is of both ends.
      Seen base = before.plus(look(clients, probe, load, each));
      tell(consistency, load, base);
      lines.add(distribution(consistency, base.visible()));
      targets.add(Target.atMost(consistency + ": visible p50 ≤ 1 ms", base.visibleAt(50), 1));
      targets.add(Target.atMost(consistency + ": visible p99 ≤ 10 ms", base.visibleAt(99), 10));
      judge(consistency + ", replica 3 hangs", load, base, hanging);
      judge(
          "%s, links to replica 3 take %d s".formatted(consistency, SLOW.toSeconds()),
          load,
          base,
          slow);
    }
  }

  private static void delay(TidingsCluster cluster, Duration delay) {
    for (int id = 1; id < THIRD; id++) {
      try (var admin = new ReplicaAdmin(cluster, id)) {
        admin.delay(THIRD, delay);
      }
    }
  }

  private Seen look(Clients clients, VisibilityProbe probe, double load, Duration duration)
      throws InterruptedException {
    settings.settle(clients.all(), load);
    probe.take();
    Observed operations = OpenLoop.run(clients.all(), load, duration);
    return new Seen(probe.take(), operations);
  }

  private void tell(String name, double load, Seen seen) {
    rows.add(
        Row.of(
            name,
            Map.of(
                LOAD,
                load,
                VISIBLE_P50,
                seen.visibleAt(50),
                VISIBLE_P99,
                seen.visibleAt(99),
                SEEN,
                (double) seen.visible().getTotalCount(),
                Column.P50,
                seen.operations().millisAt(50),
                Column.P99,
                seen.operations().millisAt(99))));
  }

  private void judge(String name, double load, Seen base, Seen seen) {
    tell(name, load, seen);
    unchanged(name + ": visible p99", base.visibleAt(99), seen.visibleAt(99));
    unchanged(
        name + ": p99 of operations",
        base.operations().millisAt(99),
        seen.operations().millisAt(99));
  }

  private void unchanged(String what, double before, double now) {
    targets.add(
        new Target(
            "%s, ratio to that without, ≤ %.1f or 1 ms more".formatted(what, NOISE),
            now / before,
            now / before,
            now / before,
            now <= before * NOISE || now <= before + 1));
  }

  private static Chart.Line distribution(String name, Histogram histogram) {
    List<Double> x = new ArrayList<>();
    List<Double> y = new ArrayList<>();
    for (double percent = 1; percent < 99.95; percent += percent < 99 ? 1 : 0.1) {
      x.add(Math.max(1e-3, histogram.getValueAtPercentile(percent) / 1e6));
      y.add(percent / 100);
    }
    return new Chart.Line(name, x, y);
  }
}
