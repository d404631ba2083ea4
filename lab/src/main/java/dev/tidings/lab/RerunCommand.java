package dev.tidings.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code bin/lab rerun}: a run once more, as its {@code args.json} has it. */
@Command(
    name = "rerun",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Repeats a run as its args.json has it. A simulated run comes out bit by bit as it was; this is checked, and said.")
final class RerunCommand implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Parameters(paramLabel = "DIR", description = "The run's directory.")
  private Path directory = Path.of("");

  @Option(
      names = "--exp-name",
      paramLabel = "NAME",
      description = "Of the new run. Default: the old name and -rerun.")
  private @Nullable String name;

  @Option(
      names = "--router-port",
      defaultValue = "8200",
      paramLabel = "PORT",
      description = "For a run of processes. Default: ${DEFAULT-VALUE}.")
  private int routerPort;

  @Override
  public Integer call() throws InterruptedException {
    return Running.guard(
        () -> {
          Experiment old = RunDirectory.experiment(directory);
          Path parent =
              Objects.requireNonNullElse(directory.toAbsolutePath().getParent(), directory);
          return Running.run(
              Objects.requireNonNull(spec),
              () -> old.named(name != null ? name : old.name() + "-rerun"),
              parent,
              this::rerun);
        });
  }

  private List<String> rerun(Experiment experiment, Path newDirectory)
      throws IOException, InterruptedException {
    if (experiment.mode() != Mode.SIMULATED) {
      return RunCommand.run(experiment, newDirectory, routerPort);
    }
    List<Path> logs = logs(directory);
    SimulateCommand.run(experiment, newDirectory, logs.size(), EventLog.Clocks.in(logs), 1);
    var different = new ArrayList<String>();
    var compared = new ArrayList<>(logs);
    if (Files.exists(directory.resolve(SimulatedRun.TOTALS))) {
      compared.add(directory.resolve(SimulatedRun.TOTALS));
    }
    for (Path log : compared) {
      if (Files.mismatch(log, newDirectory.resolve(log.getFileName())) != -1) {
        different.add(log.getFileName() + " is not as it was in " + directory);
      }
    }
    if (different.isEmpty()) {
      System.out.printf(
          "bit by bit as in %s: the totals and all %d logs%n", directory, logs.size());
    }
    return different;
  }

  private static List<Path> logs(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .filter(file -> file.getFileName().toString().matches("host-\\d+\\.jsonl"))
          .toList();
    }
  }
}
