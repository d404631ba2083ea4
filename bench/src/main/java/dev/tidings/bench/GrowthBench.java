package dev.tidings.bench;

import dev.tidings.bench.contestants.Keys;
import dev.tidings.bench.contestants.Load;
import dev.tidings.bench.contestants.Load.Kind;
import dev.tidings.bench.contestants.Store.Clients;
import dev.tidings.bench.contestants.TidingsStore;
import dev.tidings.bench.load.ClosedLoop;
import dev.tidings.bench.load.Observed;
import dev.tidings.bench.results.Chart;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.TidingsCluster;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.IntStream;

/** How we behave as things grow: clients, values, keys, replicas. Nothing is compared. */
final class GrowthBench implements Part {
  private static final int VALUE_BYTES = 100;
  private static final int CLIENTS = 16;
  private static final int FILL_DEPTH = 100;
  private static final int FIRST_KEYS = 10_000;
  private static final Column WRITES = new Column("writesPerSecond", "writes/s", "%,.0f");
  private static final Column WRITE_P99 = new Column("writeP99Millis", "p99 ms", "%.2f");
  private static final Column READS = new Column("readsPerSecond", "reads/s", "%,.0f");
  private static final Column READ_P99 = new Column("readP99Millis", "p99 ms", "%.2f");
  private static final Column MEBIBYTES = new Column("mebibytesPerSecond", "MiB/s", "%,.1f");
  private static final Column FILL = new Column("filledPerSecond", "filled/s", "%,.0f");
  private static final Column MEMORY = new Column("memoryMebibytes", "memory MiB", "%,.0f");
  private static final Column MEMORY_OF_KEY =
      new Column("memoryBytesPerKey", "memory B/key", "%,.0f");
  private static final Column DISK_OF_KEY = new Column("diskBytesPerKey", "disk B/key", "%,.0f");

  private final Settings settings;
  private final int mostKeys;

  /**
   * @param mostKeys 10,000 or more
   */
  GrowthBench(Settings settings, int mostKeys) {
    this.settings = settings;
    this.mostKeys = mostKeys;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    try (TidingsCluster cluster = used()) {
      sections.accept(clients(cluster));
    }
    try (TidingsCluster cluster = used()) {
      sections.accept(values(cluster));
    }
    try (TidingsCluster cluster = used()) {
      sections.accept(keys(cluster));
    }
    sections.accept(replicas());
  }

  /** One replica, which has written and read for a while, all keys among it. */
  private TidingsCluster used() throws IOException, InterruptedException {
    TidingsCluster cluster = settings.startCluster(1, TidingsCluster.CAUSAL);
    var store = new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES);
    for (Kind kind : Kind.values()) {
      try (Clients all = store.clients(new Load(kind, 1, false, CLIENTS, 1), 1)) {
        settings.warmUp().run(all.all(), 1);
      }
    }
    return cluster;
  }

  private Section clients(TidingsCluster cluster) throws InterruptedException {
    var store = new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES);
    var rows = new LinkedHashMap<Double, Row>();
    for (int clients : new int[] {1, 4, 16, 64, 250, 1_000}) {
      rows.put(
          (double) clients,
          both(store, "%,d clients".formatted(clients), clients, Map.of(), VALUE_BYTES));
    }
    return section("Clients, one connection, 100-byte values", "clients", rows, List.of());
  }

  private Section values(TidingsCluster cluster) throws InterruptedException {
    var rows = new LinkedHashMap<Double, Row>();
    for (int bytes : new int[] {10, 100, 1_000, 10_000, 100_000, 1_000_000}) {
      // Few keys, so that all of them have a value of this size.
      var store = new TidingsStore("", cluster, CLIENTS * 4, bytes);
      rows.put((double) bytes, both(store, "%,d bytes".formatted(bytes), CLIENTS, Map.of(), bytes));
    }
    return section(
        "Sizes of values, %d clients, one connection".formatted(CLIENTS),
        "bytes",
        rows,
        List.of(MEBIBYTES));
  }

  private Section keys(TidingsCluster cluster) throws IOException, InterruptedException {
    ServerProcess server = cluster.server(1);
    long emptyBytes = server.memoryBytes();
    var rows = new LinkedHashMap<Double, Row>();
    for (long keys = FIRST_KEYS; keys <= mostKeys; keys *= 10) {
      var store = new TidingsStore("", cluster, (int) keys, VALUE_BYTES);
      double filled = fill(store, keys);
      rows.put(
          (double) keys,
          both(
              store,
              "%,d keys".formatted(keys),
              CLIENTS,
              Map.of(
                  FILL,
                  filled,
                  MEMORY,
                  server.memoryBytes() / (double) (1 << 20),
                  MEMORY_OF_KEY,
                  Math.max(0, server.memoryBytes() - emptyBytes) / (double) keys,
                  DISK_OF_KEY,
                  server.diskBytes() / (double) keys),
              VALUE_BYTES));
    }
    return section(
        "Keys, %d clients, one connection; 100-byte values, all written anew by a pipeline at each size"
            .formatted(CLIENTS),
        "keys",
        rows,
        List.of(FILL, MEMORY, MEMORY_OF_KEY, DISK_OF_KEY));
  }

  private Section replicas() throws IOException, InterruptedException {
    List<Row> rows = new ArrayList<>();
    for (int replicas : settings.quick() ? new int[] {2, 4} : new int[] {2, 4, 8, 16}) {
      try (TidingsCluster cluster = settings.startCluster(replicas, TidingsCluster.CAUSAL);
          Clients clients =
              new TidingsStore("", cluster, Keys.COUNT, VALUE_BYTES)
                  .mixed(
                      48,
                      50,
                      IntStream.rangeClosed(1, replicas).boxed().toList(),
                      response -> {})) {
        settings.warmUp(replicas).run(clients.all(), 1);
        Observed seen = ClosedLoop.run(clients.all(), settings.round().multipliedBy(3));
        rows.add(
            Row.of(
                replicas + " replicas",
                Map.of(
                    Column.RATE,
                    seen.requestsPerSecond(),
                    Column.P50,
                    seen.millisAt(50),
                    Column.P99,
                    seen.millisAt(99),
                    MEMORY,
                    cluster.server(1).memoryBytes() / (double) (1 << 20))));
      }
    }
    return new Section(
        "Replicas on this one machine, 48 sessions, 50 % writes",
        List.of(Column.RATE, Column.P50, Column.P99, MEMORY), rows, List.of(), List.of());
  }

  /** Writes each key once, by pipelines; returns how many a second. */
  private static double fill(TidingsStore store, long keys) throws InterruptedException {
    long begin = System.nanoTime();
    long written = 0;
    try (Clients writers = store.clients(new Load(Kind.WRITE, FILL_DEPTH, true, CLIENTS, 1), 1)) {
      while (written < keys) {
        written +=
            FILL_DEPTH
                * ClosedLoop.run(writers.all(), Duration.ofMillis(250)).latencies().getTotalCount();
      }
    }
    return written * 1e9 / (System.nanoTime() - begin);
  }

  private Row both(
      TidingsStore store, String name, int clients, Map<Column, Double> more, int valueBytes)
      throws InterruptedException {
    Observed writes = run(store, Kind.WRITE, clients);
    Observed reads = run(store, Kind.READ, clients);
    var figures = new LinkedHashMap<>(more);
    figures.put(WRITES, writes.requestsPerSecond());
    figures.put(WRITE_P99, writes.millisAt(99));
    figures.put(READS, reads.requestsPerSecond());
    figures.put(READ_P99, reads.millisAt(99));
    figures.put(MEBIBYTES, writes.requestsPerSecond() * valueBytes / (1 << 20));
    return Row.of(name, figures);
  }

  private Observed run(TidingsStore store, Kind kind, int clients) throws InterruptedException {
    try (Clients all = store.clients(new Load(kind, 1, false, clients, 1), 1)) {
      settings.settling().run(all.all(), 1);
      return ClosedLoop.run(all.all(), settings.round().multipliedBy(2));
    }
  }

  private static Section section(
      String title, String xTitle, Map<Double, Row> rows, List<Column> more) {
    var columns = new ArrayList<>(List.of(WRITES, WRITE_P99, READS, READ_P99));
    columns.addAll(more);
    List<Double> x = List.copyOf(new ArrayList<>(rows.keySet()));
    return new Section(
        title,
        columns,
        List.copyOf(rows.values()),
        List.of(),
        List.of(
            new Chart(
                title,
                xTitle,
                "a second",
                true,
                true,
                List.of(line("writes", x, rows, WRITES), line("reads", x, rows, READS))),
            new Chart(
                title,
                xTitle,
                "p99, milliseconds",
                true,
                true,
                List.of(line("writes", x, rows, WRITE_P99), line("reads", x, rows, READ_P99)))));
  }

  private static Chart.Line line(
      String name, List<Double> x, Map<Double, Row> rows, Column column) {
    return new Chart.Line(name, x, rows.values().stream().map(row -> row.figure(column)).toList());
  }
}
