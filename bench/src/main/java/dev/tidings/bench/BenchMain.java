package dev.tidings.bench;

import dev.tidings.bench.contestants.EchoCommand;
import dev.tidings.bench.results.Machine;
import dev.tidings.bench.results.Report;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code make bench}: all measurements, or those that are named. */
@Command(
    name = "bench",
    sortOptions = false,
    usageHelpAutoWidth = true,
    subcommands = EchoCommand.class,
    description = "Measures, side by side with others; docs/performance.md explains.")
public final class BenchMain implements Callable<Integer> {
  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--only",
      split = "[ ,]+",
      paramLabel = "PART,…",
      description = "Which parts: store, core, checker, simulation. Default: all.")
  private List<String> only = List.of();

  @Option(names = "--quick", description = "Fewer and shorter rounds: two minutes for all.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How many rounds, 1 or more. Default: each part's own number.")
  private @Nullable Integer rounds;

  @Option(
      names = "--data",
      paramLabel = "DIR",
      description =
          "Where servers have their data meanwhile; all on the same disk. Default: the system's directory for temporary"
              + " files.")
  private Path data = Path.of(System.getProperty("java.io.tmpdir"));

  @Option(
      names = "--results",
      paramLabel = "DIR",
      description = "Where results are written. Default: bench/results.")
  private Path results = Path.of(System.getProperty("tidings.home", "."), "bench", "results");

  BenchMain() {}

  /** Exits 0 when it has measured, 1 if it could not, 2 for a bad command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new BenchMain()).execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException, RunnerException {
    Path home = Path.of(System.getProperty("tidings.home", ".")).toAbsolutePath();
    List<String> parts = only.isEmpty() ? List.of("store", "core", "checker", "simulation") : only;
    try (var workspace = new Workspace(home, data.toAbsolutePath())) {
      var settings =
          new Settings(
              workspace, quick, rounds == null ? OptionalInt.empty() : OptionalInt.of(rounds));
      if (workspace.isInMemory()) {
        System.out.println(
            "WARNING: %s is in memory, where syncs cost nothing; choose a disk with --data"
                .formatted(data));
      }
      for (String part : parts) {
        switch (part.toLowerCase(Locale.ROOT)) {
          case "store" -> measure(part, new StoreBench(settings), workspace);
          case "replication" -> measure(part, new ReplicationBench(settings), workspace);
          case "visibility" -> measure(part, new VisibilityBench(settings), workspace);
          case "router" -> measure(part, new RouterBench(settings), workspace);
          case "startup" -> measure(part, new StartupBench(settings), workspace);
          case "core" ->
              new Runner(
                      new OptionsBuilder().include(WakeUpBenchmark.class.getSimpleName()).build())
                  .run();
          case "checker" -> CheckerBench.run();
          case "simulation" -> SimulationBench.run();
          default ->
              throw new ParameterException(
                  java.util.Objects.requireNonNull(spec).commandLine(),
                  "there is no part \"" + part + "\"; there are store, core, checker, simulation");
        }
      }
    }
    return 0;
  }

  private void measure(String name, Part part, Workspace workspace)
      throws IOException, InterruptedException {
    Machine machine = Machine.here(workspace.newDirectory("machine"), workspace.fileSystem());
    System.out.println(name + ": " + machine.text());
    List<Section> sections = new ArrayList<>();
    part.run(
        section -> {
          sections.add(section);
          System.out.println(section.text());
        });
    new Report(name, machine, sections).write(results);
  }
}
