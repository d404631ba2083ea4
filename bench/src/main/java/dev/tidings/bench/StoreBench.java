package dev.tidings.bench;

import dev.tidings.bench.Rounds.Course;
import dev.tidings.bench.Rounds.Entrant;
import dev.tidings.bench.contestants.EchoStore;
import dev.tidings.bench.contestants.EtcdStore;
import dev.tidings.bench.contestants.JetStreamStore;
import dev.tidings.bench.contestants.Keys;
import dev.tidings.bench.contestants.Load;
import dev.tidings.bench.contestants.Load.Kind;
import dev.tidings.bench.contestants.RedisStore;
import dev.tidings.bench.contestants.Store;
import dev.tidings.bench.contestants.TidingsStore;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Ratio;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/**
 * Durable writes and reads of one server process each, ours and others', by clients in closed
 * loops: one request after the other, and many at once.
 */
final class StoreBench implements Part {
  private static final int CLIENTS = 64;
  private static final int VALUE_BYTES = 100;
  private static final int DEPTH = 16;
  private static final String US = "Tidings";
  private static final String ECHO = "gRPC echo, unary";
  private static final String ECHO_STREAM = "gRPC echo, stream";
  private static final String ETCD = "etcd";
  private static final String REDIS = "Redis";

  /** A comparison that is told, and perhaps is to come out so. */
  private record Versus(String us, String peer, boolean ofProcessors, double bound, String words) {}

  private final Settings settings;

  StoreBench(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    List<Store> stores = new ArrayList<>();
    List<Row> absent = new ArrayList<>();
    TidingsCluster cluster = settings.startCluster(1, TidingsCluster.CAUSAL);
    var us = new TidingsStore(US, cluster, Keys.COUNT, VALUE_BYTES);
    stores.add(us);
    stores.addAll(EchoStore.start(settings.workspace(), us::sizes));
    Workspace workspace = settings.workspace();
    add(ETCD, () -> EtcdStore.start(workspace, Keys.COUNT, VALUE_BYTES), stores, absent);
    add(REDIS, () -> RedisStore.start(workspace, Keys.COUNT, VALUE_BYTES), stores, absent);
    add(
        JetStreamStore.NAME,
        () -> JetStreamStore.start(workspace, Keys.COUNT, VALUE_BYTES),
        stores,
        absent);
    try {
      for (Store store : stores) {
        fill(store);
      }
      for (int connections : settings.quick() ? new int[] {1} : new int[] {1, CLIENTS}) {
        sections.accept(unary(Kind.WRITE, connections, stores, absent));
        sections.accept(unary(Kind.READ, connections, stores, absent));
      }
      for (int connections : settings.quick() ? new int[] {CLIENTS} : new int[] {1, CLIENTS}) {
        sections.accept(pipelined(Kind.WRITE, connections, stores, absent));
        if (!settings.quick()) {
          sections.accept(pipelined(Kind.READ, connections, stores, absent));
        }
      }
    } finally {
      stores.forEach(Store::close);
    }
  }

  /** A peer of ours that may not be there. */
  private interface Peer {
    Optional<Store> start() throws IOException, InterruptedException;
  }

  private static void add(String name, Peer peer, List<Store> stores, List<Row> absent)
      throws InterruptedException {
    try {
      peer.start()
          .ifPresentOrElse(
              stores::add, () -> absent.add(Row.without(name, "is not installed here")));
    } catch (IOException e) {
      absent.add(Row.without(name, "does not start: " + e.getMessage()));
    }
  }

  /** Every key is there before anything is measured, and the server has been used. */
  private void fill(Store store) throws InterruptedException {
    Optional<Store.Clients> writers = store.clients(new Load(Kind.WRITE, 1, false, CLIENTS, 1));
    if (writers.isEmpty()) {
      return;
    }
    try (Store.Clients clients = writers.get()) {
      settings.warmUp().run(clients.all(), 1);
    }
  }

  private Section unary(Kind kind, int connections, List<Store> stores, List<Row> absent)
      throws InterruptedException {
    var load = new Load(kind, 1, false, CLIENTS, connections);
    var loads = new LinkedHashMap<String, Load>();
    loads.put(US, load);
    loads.put(ECHO, load);
    loads.put(ETCD, load);
    loads.put(REDIS, load);
    if (kind == Kind.WRITE && connections == 1) {
      loads.put(JetStreamStore.NAME, load);
    }
    List<Versus> targets =
        kind == Kind.WRITE
            ? List.of(
                new Versus(US, ETCD, false, 2, "durable writes ≥ 2 × etcd's"),
                new Versus(US, ECHO, false, 0.8, "durable writes ≥ 0.8 × unary echo"),
                new Versus(US, ECHO, true, 1.5, "CPU of a durable write ≤ 1.5 × unary echo's"))
            : List.of(
                new Versus(US, ECHO, false, 0.9, "reads ≥ 0.9 × unary echo"),
                new Versus(US, ETCD, false, 1, "reads ≥ etcd's serializable ones"),
                new Versus(US, ECHO, true, 1.25, "CPU of a read ≤ 1.25 × unary echo's"));
    return measure(
        "%s, one after the other, %d clients over %s"
            .formatted(words(kind), CLIENTS, words(connections)),
        loads,
        stores,
        absent,
        targets,
        0);
  }

  private Section pipelined(Kind kind, int connections, List<Store> stores, List<Row> absent)
      throws InterruptedException {
    var deep = new Load(kind, DEPTH, true, CLIENTS, connections);
    var loads = new LinkedHashMap<String, Load>();
    loads.put(US, deep);
    loads.put(ECHO_STREAM, deep);
    loads.put(ETCD, new Load(kind, 1, false, CLIENTS, connections));
    loads.put(REDIS, new Load(kind, DEPTH, false, CLIENTS, connections));
    List<Versus> targets =
        kind == Kind.WRITE
            ? List.of(
                new Versus(US, ETCD, false, 10, "pipelined durable writes ≥ 10 × etcd's"),
                new Versus(US, REDIS, false, 1, "pipelined durable writes ≥ Redis' pipelined"))
            : List.of();
    return measure(
        "%s, %d at once (etcd: one after the other), %d clients over %s"
            .formatted(words(kind), DEPTH, CLIENTS, words(connections)),
        loads,
        stores,
        absent,
        targets,
        kind == Kind.WRITE ? 5 : 0);
  }

  private static String words(Kind kind) {
    return kind == Kind.WRITE ? "Durable writes of 100 bytes" : "Reads of 100 bytes";
  }

  private static String words(int connections) {
    return connections == 1 ? "one connection" : "a connection each";
  }

  private Section measure(
      String title,
      Map<String, Load> loads,
      List<Store> stores,
      List<Row> absent,
      List<Versus> targets,
      double mostMicros)
      throws InterruptedException {
    List<Row> rows = new ArrayList<>();
    List<Entrant> entrants = new ArrayList<>();
    List<Store.Clients> open = new ArrayList<>();
    Map<String, Course> courses;
    try {
      for (Store store : stores) {
        Load load = loads.get(store.name());
        if (load == null) {
          continue;
        }
        Optional<Store.Clients> clients = store.clients(load);
        if (clients.isEmpty()) {
          rows.add(Row.without(store.name(), "its client library does not do this"));
          continue;
        }
        open.add(clients.get());
        entrants.add(new Entrant(store.name(), clients.get().all(), load.depth(), store.servers()));
      }
      courses =
          Rounds.run(entrants, settings.settling(), settings.rounds(3, 2), settings.round(), false);
    } finally {
      open.forEach(Store.Clients::close);
    }
    List<Row> measured = new ArrayList<>();
    courses.forEach((name, course) -> measured.add(course.row(name)));
    measured.addAll(rows);
    measured.addAll(absent);
    List<Target> judged = new ArrayList<>();
    for (Versus versus : targets) {
      Course us = courses.get(versus.us());
      Course peer = courses.get(versus.peer());
      if (us == null || peer == null || us.failed() || peer.failed()) {
        continue;
      }
      judged.add(
          versus.ofProcessors()
              ? Target.atMost(versus.words(), Ratio.of(us.micros(), peer.micros()), versus.bound())
              : Target.atLeast(versus.words(), Ratio.of(us.rates(), peer.rates()), versus.bound()));
    }
    Course us = courses.get(US);
    if (mostMicros > 0 && us != null && !us.failed()) {
      judged.add(
          Target.atMost(
              "CPU of a pipelined durable write ≤ %.0f µs".formatted(mostMicros),
              Ratio.median(us.micros()),
              mostMicros));
    }
    return new Section(
        title,
        List.of(Column.RATE, Column.CPU, Column.P50, Column.P99),
        measured,
        judged,
        List.of());
  }
}
