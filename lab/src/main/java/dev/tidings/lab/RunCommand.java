package dev.tidings.lab;

import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.report.Tables;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lab run}: the experiment in real time. */
@Command(
    name = "run",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Runs the experiment in real time: a router and a process for each host, or all hosts in one process.",
    footer = {
      "",
      "Examples: bin/lab run --clock-speeds \"6 5 1\" --run-time 60 --exp-name slow-third",
      "          bin/lab run --in-process --time-scale 20 --run-time 60",
      "          bin/lab run --host 'python3 mine.py' --run-time 10"
    })
final class RunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Mixin private ExperimentOptions options = new ExperimentOptions();

  @Option(
      names = "--in-process",
      description = "All hosts in this process, without a router and without other processes.")
  private boolean isInProcess;

  @Option(
      names = "--time-scale",
      paramLabel = "S",
      description =
          "So many seconds of the run pass in a real one, 0.01 to 1000: 20 runs a minute in three seconds. Default: 1.")
  private @Nullable BigDecimal timeScale;

  @Option(
      names = "--host",
      paramLabel = "COMMAND",
      description =
          "A program that is ticked in place of our host, such as 'python3 mine.py'; docs/lab.md tells how.")
  private @Nullable String hostCommand;

  @Option(
      names = "--router-port",
      defaultValue = "8200",
      paramLabel = "PORT",
      description = "On loopback. Default: ${DEFAULT-VALUE}.")
  private int routerPort;

  @Override
  public Integer call() throws InterruptedException {
    CommandSpec command = Objects.requireNonNull(spec);
    try {
      Checks.port(routerPort);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(command.commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Running.run(
        command,
        () ->
            options.experiment(
                isInProcess ? Mode.IN_PROCESS : Mode.PROCESSES, timeScale, hostCommand),
        options.logs(),
        (experiment, directory) -> run(experiment, directory, routerPort));
  }

  /** Runs an experiment in real time, and tells what it came to. */
  static List<String> run(Experiment experiment, Path directory, int routerPort)
      throws IOException, InterruptedException {
    List<String> failures = List.of();
    if (experiment.mode() == Mode.IN_PROCESS) {
      new InProcessRun(experiment, directory).run();
    } else {
      failures = new ProcessRun(experiment, directory, routerPort).run();
    }
    RunAnalysis analysis = RunAnalysis.of(Run.read(directory));
    System.out.println(Tables.hosts(analysis).toText());
    if (!analysis.violations().isEmpty()) {
      System.out.println(analysis.findings().get(0));
    }
    return failures;
  }
}
