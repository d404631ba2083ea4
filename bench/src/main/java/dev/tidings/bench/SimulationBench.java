package dev.tidings.bench;

import dev.tidings.bench.results.Section;
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
import java.util.function.Consumer;

/**
 * The drift laboratory in virtual time: events a second on one core, their growth with the number
 * of hosts, a million hosts as a whole command, and one run on several cores. Rates are whole
 * numbers from 1 to 6, the probability of internal events is 0.7, and every host knows all others.
 */
final class SimulationBench implements Part {
  private static final int ROUNDS = 3;
  private static final int QUICK_SIZES = 2;
  private static final int[] GROWING_HOSTS = {10, 100, 1_000, 10_000, 100_000, 1_000_000};

  /** About so many events a round, however many hosts there are. */
  private static final double EVENTS = 20e6;

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
    System.out.println("one core, Lamport clock only, processor time, medians of rounds:");
    for (int hosts : growing) {
      report(hosts, 0, "in step");
    }
    for (int hosts : growing) {
      report(hosts, JITTER, "tick jitter " + JITTER);
    }
    if (!quick) {
      wholeCommands();
    }
  }

  private static void wholeCommands() throws IOException, InterruptedException {
    Path logs = Files.createTempDirectory("tidings-bench");
    try {
      whole(logs, "million", 0, "--hosts", "1000000", "--run-time", "60");
      whole(logs, "jitter", 0, "--hosts", "1000000", "--run-time", "60", "--tick-jitter", "0.3");
      whole(
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
      WholeProcess one = whole(logs, "one", 0, delayed);
      var two = new ArrayList<>(List.of(delayed));
      two.addAll(List.of("--threads", "2"));
      WholeProcess both = whole(logs, "two", 0, two.toArray(String[]::new));
      System.out.printf(
          Locale.ROOT,
          "two threads: %.2f times as fast as one, results %s%n",
          one.seconds() / both.seconds(),
          Files.mismatch(
                      logs.resolve("one").resolve("totals.csv"),
                      logs.resolve("two").resolve("totals.csv"))
                  == -1
              ? "identical"
              : "DIFFERENT");
    } finally {
      Workspace.delete(logs);
    }
  }

  private static void report(int hosts, double jitter, String words) {
    double[] rounds = new double[ROUNDS];
    long events = 0;
    for (int round = 0; round < ROUNDS; round++) {
      var simulation = new Simulation(setup(hosts, jitter), 1, part -> SimulationSink.NONE);
      long begin = processorNanos();
      simulation.run(Math.round(EVENTS / (hosts * MEAN_RATE) * 1e9));
      rounds[round] = processorNanos() - begin;
      events = simulation.events();
    }
    Arrays.sort(rounds);
    double nanos = rounds[ROUNDS / 2];
    System.out.printf(
        Locale.ROOT,
        "%,9d hosts, %s: %,d events, %5.1f million a second, %5.0f ns each%n",
        hosts,
        words,
        events,
        events / nanos * 1e3,
        nanos / events);
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

  private static WholeProcess whole(Path logs, String name, int logged, String... options)
      throws IOException, InterruptedException {
    var arguments = new ArrayList<>(List.of("simulate", "--exp-name", name, "--seed", "7"));
    arguments.addAll(List.of("--logs", logs.toString(), "--log-hosts", Integer.toString(logged)));
    arguments.addAll(List.of(options));
    WholeProcess process = WholeProcess.run("lab", arguments);
    System.out.printf(
        Locale.ROOT,
        "bin/lab simulate %s: %.1f s, %s, exit %d%n",
        String.join(" ", options),
        process.seconds(),
        process.memory(),
        process.exitCode());
    return process;
  }
}
