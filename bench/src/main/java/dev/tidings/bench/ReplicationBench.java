package dev.tidings.bench;

import dev.tidings.bench.Rounds.Course;
import dev.tidings.bench.Rounds.Entrant;
import dev.tidings.bench.contestants.Keys;
import dev.tidings.bench.contestants.Load;
import dev.tidings.bench.contestants.Load.Kind;
import dev.tidings.bench.contestants.MetadataProbe;
import dev.tidings.bench.contestants.ReplicaAdmin;
import dev.tidings.bench.contestants.Store.Clients;
import dev.tidings.bench.contestants.TidingsStore;
import dev.tidings.bench.load.ClosedLoop;
import dev.tidings.bench.load.Observed;
import dev.tidings.bench.load.OpenLoop;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Ratio;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import dev.tidings.bench.servers.TidingsCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * Three replicas: what causal consistency costs beside the eventual one, how large its metadata
 * are, and how fast a replica that was away catches up.
 */
final class ReplicationBench implements Part {
  private static final int REPLICAS = 3;
  private static final int MANY_REPLICAS = 16;
  private static final int CLIENTS = 48;
  private static final int VALUE_BYTES = 100;
  private static final double LOW_LOAD = 1_000;
  private static final long LOOK_MILLIS = 5;
  private static final Column WRITES = new Column("writes", "writes", "%,.0f");
  private static final Column SECONDS = new Column("seconds", "s", "%.2f");
  private static final Column WRITE_RATE = new Column("writesPerSecond", "writes/s", "%,.0f");
  private static final Column DEPENDENCIES =
      new Column("dependencyBytes", "bytes in the write", "%.1f");
  private static final Column TOKEN = new Column("tokenBytes", "bytes of the token", "%.1f");

  private final Settings settings;

  ReplicationBench(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    try (TidingsCluster causal = settings.startCluster(REPLICAS, TidingsCluster.CAUSAL)) {
      try (TidingsCluster eventual = settings.startCluster(REPLICAS, TidingsCluster.EVENTUAL)) {
        for (int percentWrites : settings.quick() ? new int[] {10} : new int[] {50, 10}) {
          sections.accept(compare(percentWrites, causal, eventual));
        }
      }
      sections.accept(metadata(causal));
      sections.accept(catchUp(causal));
    }
    if (!settings.quick()) {
      try (TidingsCluster many = settings.startCluster(MANY_REPLICAS, TidingsCluster.CAUSAL)) {
        sections.accept(metadata(many));
      }
    }
  }

  private Section compare(int percentWrites, TidingsCluster causal, TidingsCluster eventual)
      throws InterruptedException {
    try (Clients ours = mixed(causal, percentWrites);
        Clients theirs = mixed(eventual, percentWrites)) {
      return compare(
          percentWrites,
          Rounds.run(
              List.of(
                  new Entrant(TidingsCluster.CAUSAL, ours.all(), 1, causal.servers()),
                  new Entrant(TidingsCluster.EVENTUAL, theirs.all(), 1, eventual.servers())),
              // Also for the second load: what the first has not needed is compiled then.
              settings.warmUp(REPLICAS),
              settings.rounds(40, 4),
              settings.round(),
              true));
    }
  }

  private static Clients mixed(TidingsCluster cluster, int percentWrites) {
    return new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES)
        .mixed(CLIENTS, percentWrites, List.of(1, 2, 3), response -> {});
  }

  private static Section compare(int percentWrites, Map<String, Course> courses) {
    Course causal = Objects.requireNonNull(courses.get(TidingsCluster.CAUSAL));
    Course eventual = Objects.requireNonNull(courses.get(TidingsCluster.EVENTUAL));
    List<Target> targets = new ArrayList<>();
    if (!causal.failed() && !eventual.failed()) {
      Ratio rate = Ratio.of(causal.rates(), eventual.rates());
      targets.add(
          rate.lowerBound().isPresent()
              ? new Target(
                  "throughput, causal to eventual, lower 95 %% bound of %d pairs ≥ 0.97 (median %.3f)"
                      .formatted(rate.pairs(), rate.median()),
                  rate.lowerBound().getAsDouble(),
                  rate.low(),
                  rate.high(),
                  rate.lowerBound().getAsDouble() >= 0.97)
              : Target.atLeast(
                  "throughput, causal to eventual, median ≥ 0.97 (%d pairs are too few for a bound)"
                      .formatted(rate.pairs()),
                  rate,
                  0.97));
      targets.add(
          Target.atMost(
              "CPU of all three servers for an operation, causal to eventual ≤ 1.01",
              Ratio.of(causal.micros(), eventual.micros()),
              1.01));
    }
    return new Section(
        "Three replicas, %d %% writes, %d sessions, one operation after the other"
            .formatted(percentWrites, CLIENTS),
        List.of(Column.RATE, Column.CPU, Column.P50, Column.P99),
        List.of(causal.row(TidingsCluster.CAUSAL), eventual.row(TidingsCluster.EVENTUAL)),
        targets,
        List.of());
  }

  private Section metadata(TidingsCluster cluster) throws InterruptedException {
    int replicas = cluster.servers().size();
    var store = new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES);
    for (int id = 1; id <= replicas; id++) {
      // The first writes all keys, and every replica has written some of them last.
      write(store, id, id == 1 ? Keys.COUNT : Keys.COUNT / replicas);
    }
    ReplicaAdmin.awaitAllEverywhere(cluster);
    List<Row> rows = new ArrayList<>();
    try (var probe = new MetadataProbe(cluster)) {
      for (int reads : new int[] {1, 10, 100}) {
        MetadataProbe.Seen seen = probe.look(reads, settings.quick() ? 20 : 100);
        rows.add(
            Row.of(
                "%d reads between writes".formatted(reads),
                Map.of(DEPENDENCIES, seen.dependencyBytes(), TOKEN, seen.tokenBytes())));
      }
    }
    return new Section(
        "Causal metadata of a write, means, %d replicas that all write".formatted(replicas),
        List.of(DEPENDENCIES, TOKEN),
        rows,
        List.of(),
        List.of());
  }

  /** Pipelined, at one replica, so many or a few more. */
  private static void write(TidingsStore store, int replica, long writes)
      throws InterruptedException {
    try (Clients writers = store.clients(new Load(Kind.WRITE, 100, true, 8, 1), replica)) {
      long written = 0;
      while (written < writes) {
        written +=
            100 * ClosedLoop.run(writers.all(), Duration.ofMillis(250)).latencies().getTotalCount();
      }
    }
  }

  private Section catchUp(TidingsCluster cluster) throws IOException, InterruptedException {
    long missed = settings.quick() ? 30_000 : 1_000_000;
    List<Row> rows = new ArrayList<>();
    List<Target> targets = new ArrayList<>();
    var store = new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES);
    try (var first = new ReplicaAdmin(cluster, 1)) {
      ReplicaAdmin.awaitAllEverywhere(cluster);
      cluster.server(REPLICAS).close();
      write(store, 1, missed);
      CatchUp idle = catchUp(cluster, first.visible());
      rows.add(idle.row("on an idle machine"));
      targets.add(
          Target.atLeast("catches up with ≥ 200,000 writes/s", idle.writesPerSecond(), 200_000));

      try (Clients low = store.clients(new Load(Kind.WRITE, 1, false, 16, 1), 2)) {
        settings.warmUp().run(low.all(), 1);
        // Replica 3 has just started, and compiles itself on the same processors.
        settings.settle(low.all(), LOW_LOAD);
        Observed before =
            OpenLoop.run(low.all(), LOW_LOAD, Duration.ofSeconds(settings.quick() ? 1 : 6));
        cluster.server(REPLICAS).close();
        write(store, 1, missed);
        var over = new AtomicBoolean();
        long shown = first.visible();
        List<CatchUp> seen = new ArrayList<>();
        var watcher =
            new Thread(
                () -> {
                  try {
                    seen.add(catchUp(cluster, shown));
                  } catch (IOException e) {
                    System.err.println("replica 3 does not come back: " + e.getMessage());
                  } catch (InterruptedException e) {
                    Thread.currentThread().interrupt();
                  } finally {
                    over.set(true);
                  }
                });
        watcher.start();
        Observed during = OpenLoop.run(low.all(), LOW_LOAD, Duration.ofMinutes(2), over::get);
        watcher.join();
        seen.forEach(each -> rows.add(each.row("beside 1,000 writes/s")));
        rows.add(latency("1,000 writes/s at replica 2, all are there", before));
        rows.add(latency("1,000 writes/s at replica 2, replica 3 catches up", during));
        targets.add(
            Target.atMost(
                "others' p99 meanwhile ≤ 2 × before",
                during.millisAt(99) / before.millisAt(99),
                2));
      }
    }
    return new Section(
        "Replica 3 was away for %,d writes of 100 bytes".formatted(missed),
        List.of(WRITES, SECONDS, WRITE_RATE, Column.P50, Column.P99),
        rows,
        targets,
        List.of());
  }

  private static Row latency(String name, Observed seen) {
    return Row.of(name, Map.of(Column.P50, seen.millisAt(50), Column.P99, seen.millisAt(99)));
  }

  /** How long it took from the first write that was new to the last. */
  private record CatchUp(long writes, double seconds) {
    double writesPerSecond() {
      return writes / seconds;
    }

    Row row(String name) {
      return Row.of(
          name, Map.of(WRITES, (double) writes, SECONDS, seconds, WRITE_RATE, writesPerSecond()));
    }
  }

  /** Starts replica 3 and waits until it shows what the others do. */
  private static CatchUp catchUp(TidingsCluster cluster, long shown)
      throws IOException, InterruptedException {
    cluster.restart(REPLICAS);
    try (var admin = new ReplicaAdmin(cluster, REPLICAS)) {
      long before = 0;
      while (before == 0) {
        before = admin.visible();
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      long began = System.nanoTime();
      long now = before;
      while (now < shown) {
        long seen = admin.visible();
        if (now == before && seen == before) {
          began = System.nanoTime();
        }
        now = seen;
        // Looking takes processor time from what is looked at.
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
      return new CatchUp(now - before, (System.nanoTime() - began) / 1e9);
    }
  }
}
