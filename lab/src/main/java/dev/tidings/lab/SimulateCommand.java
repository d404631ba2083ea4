package dev.tidings.lab;

import dev.tidings.drift.Simulation;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.report.Tables;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lab simulate}: the experiment in virtual time. */
@Command(
    name = "simulate",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Runs the experiment in virtual time: the same seed gives the same logs, for up to millions of hosts.",
    footer = {
      "",
      "Examples: bin/lab simulate --clock-speeds \"6 5 1\" --run-time 60 --seed 7",
      "          bin/lab simulate --hosts 1000000 --run-time 60"
    })
final class SimulateCommand implements Callable<Integer> {
  /** Up to so many hosts all keep logs, if nothing is said. */
  private static final int ALL_LOGGED = 1_000;

  private static final int SOME_LOGGED = 10;
  private static final int MAX_LOGGED = 10_000;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Mixin private ExperimentOptions options = new ExperimentOptions();

  @Option(
      names = "--log-hosts",
      paramLabel = "N",
      description =
          "So many hosts keep logs, spread evenly over the ids, 0 to 10000. Default: all up to 1000 hosts, 10 of more.")
  private @Nullable Integer loggedHosts;

  @Option(
      names = "--vector-clocks",
      paramLabel = "FORM",
      description =
          "In the logs: full, changes (what changed since the host's last event) or none; up to 10000 hosts."
              + " Default: full up to 64 hosts, changes up to 1000, none of more.")
  private EventLog.@Nullable Clocks clocks;

  @Option(
      names = "--threads",
      defaultValue = "1",
      paramLabel = "N",
      description =
          "1 to 1000, side by side where every message takes some time (--link-delay); the result is the same. Default: ${DEFAULT-VALUE}.")
  private int threads;

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec command = Objects.requireNonNull(spec);
    return Running.run(
        command,
        () -> {
          Experiment experiment = options.experiment(Mode.SIMULATED, null, null);
          check(experiment, command);
          return experiment;
        },
        options.logs(),
        this::run);
  }

  private void check(Experiment experiment, CommandSpec command) {
    if (loggedHosts != null && (loggedHosts < 0 || loggedHosts > MAX_LOGGED)) {
      throw new ParameterException(
          command.commandLine(), "0 to 10000 hosts keep logs, not " + loggedHosts);
    }
    if (threads < 1 || threads > 1_000) {
      throw new ParameterException(
          command.commandLine(), "there are 1 to 1000 threads, not " + threads);
    }
    if (threads > 1 && experiment.link().delay().minNanos() == 0) {
      throw new ParameterException(
          command.commandLine(),
          "several threads need a --link-delay that is never 0, such as 10ms or \"uniform 5ms-20ms\"");
    }
    if (clocks != null && clocks != EventLog.Clocks.NONE && experiment.hosts() > MAX_LOGGED) {
      throw new ParameterException(
          command.commandLine(), "vector clocks are kept for up to 10000 hosts");
    }
  }

  private List<String> run(Experiment experiment, Path directory)
      throws IOException, InterruptedException {
    int hosts = experiment.hosts();
    int logged =
        loggedHosts != null
            ? Math.min(loggedHosts, hosts)
            : hosts <= ALL_LOGGED ? hosts : SOME_LOGGED;
    EventLog.Clocks form =
        clocks != null
            ? clocks
            : hosts <= ALL_LOGGED ? EventLog.Clocks.of(hosts) : EventLog.Clocks.NONE;
    run(experiment, directory, logged, form, threads);
    return List.of();
  }

  /** Simulates an experiment, and tells what it came to. */
  static void run(
      Experiment experiment, Path directory, int logged, EventLog.Clocks form, int threads)
      throws IOException, InterruptedException {
    long start = System.nanoTime();
    Simulation simulation = SimulatedRun.run(experiment, directory, logged, form, threads);
    double seconds = (System.nanoTime() - start) / 1e9;
    System.out.println(
        logged == experiment.hosts()
            ? Tables.hosts(RunAnalysis.of(Run.read(directory))).toText()
            : RunTable.ofTotals(experiment, simulation));
    System.out.printf(
        Locale.ROOT,
        "%,d events in %.1f s, %,.0f a second%n",
        simulation.events(),
        seconds,
        simulation.events() / seconds);
  }
}
