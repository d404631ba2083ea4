package dev.tidings.bench;

import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import dev.tidings.bench.servers.Workspace;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.HostChance;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.SimulationSink;
import java.io.IOException;
import java.lang.management.ManagementFactory;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Consumer;

/**
 * The drift laboratory in virtual time: events a second on one core, their growth with the number
 * of hosts, a million hosts as a whole command, and one run on several cores. Rates are whole
 * numbers from 1 to 6, the probability of internal events is 0.7, and every host knows all others.
 */
final class SimulationBench implements Part {
  private static final int ROUNDS = 3;
  private static final int QUICK_SIZES = 2;
  private static final int THOUSAND = 1_000;
  private static final Column EVENTS_RUN = new Column("events", "events", "%,.0f");
  private static final Column EVENT_RATE = new Column("eventsPerSecond", "events/s", "%,.0f");
  private static final Column EVENT_NANOS = new Column("nanosPerEvent", "ns each", "%.0f");
  private static final int[] GROWING_HOSTS = {10, 100, 1_000, 10_000, 100_000, 1_000_000};

  /** About so many events a round, however many hosts there are. */
  private static final double EVENTS = 10e6;

  private static final double QUICK_EVENTS = 1e6;

  private static final double MEAN_RATE = 3.5;
  private static final double JITTER = 0.3;

  private final boolean quick;

  /**
   * @param quick whether only few hosts are simulated, and no whole commands run
   */
  SimulationBench(boolean quick) {
    this.quick = quick;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    int[] growing = quick ? Arrays.copyOf(GROWING_HOSTS, QUICK_SIZES) : GROWING_HOSTS;
    List<Row> inStep = new ArrayList<>();
    List<Row> jittered = new ArrayList<>();
    for (int hosts : growing) {
      inStep.add(row(hosts, 0));
    }
    for (int hosts : growing) {
      jittered.add(row(hosts, JITTER));
    }
    sections.accept(section("in step", inStep, targets(inStep)));
    sections.accept(section("tick jitter " + JITTER, jittered, List.of()));
    if (!quick) {
      sections.accept(wholeCommands());
    }
  }

  private static Section section(String title, List<Row> rows, List<Target> targets) {
    return new Section(
        "The laboratory in virtual time, one core, Lamport clock only, " + title,
        List.of(EVENTS_RUN, EVENT_RATE, EVENT_NANOS),
        rows,
        targets,
        List.of());
  }

  /** Of those there are: quick runs have no thousand hosts. */
  private static List<Target> targets(List<Row> rows) {
    return rows.stream()
        .filter(row -> row.contestant().equals(words(THOUSAND)))
        .map(
            row ->
                Target.atLeast(
                    "million events a second for 1,000 hosts ≥ 5", row.figure(EVENT_RATE) / 1e6, 5))
        .toList();
  }

  private static String words(int hosts) {
    return String.format(Locale.ROOT, "%,d hosts", hosts);
  }

  private static Section wholeCommands() throws IOException, InterruptedException {
    Path logs = Files.createTempDirectory("tidings-bench");
    List<Row> rows = new ArrayList<>();
    try {
      WholeProcess million =
          whole(rows, logs, "million", 0, "--hosts", "1000000", "--run-time", "60");
      whole(
          rows,
          logs,
          "jitter",
          0,
          "--hosts",
          "1000000",
          "--run-time",
          "60",
          "--tick-jitter",
          "0.3");
      whole(
          rows,
          logs,
          "vectors",
          10,
          "--hosts",
          "10000",
          "--run-time",
          "20",
          "--vector-clocks",
          "changes");
      String[] delayed = {"--hosts", "200000", "--run-time", "60", "--link-delay", "50ms"};
      WholeProcess one = whole(rows, logs, "one", 0, delayed);
      var two = new ArrayList<>(List.of(delayed));
      two.addAll(List.of("--threads", "2"));
      WholeProcess both = whole(rows, logs, "two", 0, two.toArray(String[]::new));
      boolean isIdentical =
          Files.mismatch(
                  logs.resolve("one").resolve("totals.csv"),
                  logs.resolve("two").resolve("totals.csv"))
              == -1;
      rows.add(
          Row.without(
              "two threads",
              "%.2f times as fast as one, results %s"
                  .formatted(
                      one.seconds() / both.seconds(), isIdentical ? "identical" : "DIFFERENT")));
      return new Section(
          "Whole commands, bin/lab simulate",
          WholeProcess.COLUMNS,
          rows,
          List.of(
              Target.atMost("seconds for 1,000,000 hosts and 60 s ≤ 120", million.seconds(), 120)),
          List.of());
    } finally {
      Workspace.delete(logs);
    }
  }

  private Row row(int hosts, double jitter) {
    double[] rounds = new double[ROUNDS];
    long events = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var simulation = new Simulation(setup(hosts, jitter), 1, part -> SimulationSink.NONE);
      long begin = processorNanos();
      simulation.run(Math.round((quick ? QUICK_EVENTS : EVENTS) / (hosts * MEAN_RATE) * 1e9));
      rounds[round] = processorNanos() - begin;
      events = simulation.events();
    }
    Arrays.sort(rounds);
    double nanos = rounds[ROUNDS / 2];
    return Row.of(
        words(hosts),
        Map.of(
            EVENTS_RUN,
            (double) events,
            EVENT_RATE,
            events / nanos * 1e9,
            EVENT_NANOS,
            nanos / events));
  }

  /** Of this thread, so that what else the machine does counts less. */
  private static long processorNanos() {
    return ManagementFactory.getThreadMXBean().getCurrentThreadCpuTime();
  }

  private static DriftSetup setup(int hosts, double jitter) {
    var seed = new ExperimentSeed(7);
    HostChance chance = seed.chanceOfSetting(1);
    double[] rates = new double[hosts];
    Arrays.setAll(rates, i -> 1 + chance.nextInt(6));
    return new DriftSetup(
        seed, rates, new double[] {0.7}, new long[0], hosts - 1, LinkModel.PERFECT, jitter);
  }

  private static WholeProcess whole(
      List<Row> rows, Path logs, String name, int logged, String... options)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("simulate", "--exp-name", name, "--seed", "7"));
    arguments.addAll(List.of("--logs", logs.toString(), "--log-hosts", Integer.toString(logged)));
    arguments.addAll(List.of(options));
    WholeProcess process = WholeProcess.run("lab", arguments);
    rows.add(process.row(String.join(" ", options)));
    return process;
  }
}
