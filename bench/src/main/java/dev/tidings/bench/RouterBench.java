package dev.tidings.bench;

import dev.tidings.bench.Rounds.Course;
import dev.tidings.bench.Rounds.Entrant;
import dev.tidings.bench.contestants.EchoExchange;
import dev.tidings.bench.contestants.Exchange;
import dev.tidings.bench.contestants.NatsExchange;
import dev.tidings.bench.contestants.RouterExchange;
import dev.tidings.bench.contestants.Store.Clients;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.bench.load.OpenLoop;
import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Ratio;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Consumer;

/** The router beside a bare stream of the same frames, and NATS with the same payload. */
final class RouterBench implements Part {
  private static final int BATCH = 16;
  private static final String US = "Tidings router";
  private static final String ECHO = "gRPC echo, stream";
  private static final String NATS = "NATS";
  private static final Column DELIVERED = new Column("operationsPerSecond", "delivered/s", "%,.0f");
  private static final Column HALF_LOAD_P99 =
      new Column("halfLoadP99Millis", "p99 ms at half load", "%.2f");

  private final Settings settings;

  RouterBench(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    List<Exchange> exchanges = new ArrayList<>();
    try {
      exchanges.add(RouterExchange.start(settings.workspace()));
      exchanges.add(EchoExchange.start(settings.workspace()));
      Optional<Exchange> nats = NatsExchange.start(settings.workspace());
      nats.ifPresent(exchanges::add);
      for (int hosts : settings.quick() ? new int[] {16} : new int[] {3, 16, 256}) {
        sections.accept(measure(hosts, false, exchanges, nats.isEmpty()));
        sections.accept(measure(hosts, true, exchanges, nats.isEmpty()));
      }
    } finally {
      exchanges.forEach(Exchange::close);
    }
  }

  private Section measure(
      int hosts, boolean broadcast, List<Exchange> exchanges, boolean natsIsAbsent)
      throws InterruptedException {
    // A frame's broadcasts are delivered to all others.
    int delivered = broadcast ? BATCH * (hosts - 1) : BATCH;
    List<Row> rows = new ArrayList<>();
    Map<String, Clients> open = new LinkedHashMap<>();
    List<Entrant> entrants = new ArrayList<>();
    Map<String, Course> courses;
    try {
      for (Exchange exchange : exchanges) {
        Optional<Clients> clients = exchange.hosts(hosts, broadcast, BATCH);
        if (clients.isPresent()) {
          open.put(exchange.name(), clients.get());
          entrants.add(
              new Entrant(exchange.name(), clients.get().all(), delivered, exchange.servers()));
        }
      }
      courses =
          Rounds.run(entrants, settings.warmUp(), settings.rounds(3, 2), settings.round(), false);
      for (Map.Entry<String, Course> each : courses.entrySet()) {
        Row row = each.getValue().row(each.getKey());
        Clients clients = open.get(each.getKey());
        if (!each.getValue().failed() && clients != null) {
          row = row.with(HALF_LOAD_P99, halfLoad(clients, each.getValue().rate() / delivered));
        }
        rows.add(row);
      }
    } finally {
      open.values().forEach(Clients::close);
    }
    if (natsIsAbsent) {
      rows.add(Row.without(NATS, "is not installed here"));
    }
    List<Target> targets = new ArrayList<>();
    compare(targets, courses, ECHO, 0.9, "deliveries ≥ 0.9 × the bare stream's");
    compare(targets, courses, NATS, 1, "deliveries ≥ NATS'");
    return new Section(
        "%s among %d hosts, frames of %d messages"
            .formatted(broadcast ? "Broadcasts" : "To one other each", hosts, BATCH),
        List.of(DELIVERED, Column.CPU, Column.P50, Column.P99, HALF_LOAD_P99),
        rows,
        targets,
        List.of());
  }

  /**
   * @param closed frames a second that a closed loop reached
   */
  private double halfLoad(Clients clients, double closed) throws InterruptedException {
    try {
      double most = OpenLoop.saturatingRate(clients.all(), closed, settings.round().dividedBy(2));
      return OpenLoop.run(clients.all(), most / 2, Duration.ofSeconds(settings.quick() ? 1 : 3))
          .millisAt(99);
    } catch (LoadFailedException e) {
      return Double.NaN;
    }
  }

  private static void compare(
      List<Target> targets, Map<String, Course> courses, String peer, double least, String words) {
    Course us = courses.get(US);
    Course them = courses.get(peer);
    if (us != null && them != null && !us.failed() && !them.failed()) {
      targets.add(Target.atLeast(words, Ratio.of(us.rates(), them.rates()), least));
    }
  }
}
