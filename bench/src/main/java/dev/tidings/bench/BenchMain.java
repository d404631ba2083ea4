package dev.tidings.bench;

import dev.tidings.bench.contestants.EchoCommand;
import dev.tidings.bench.results.Machine;
import dev.tidings.bench.results.Report;
import dev.tidings.bench.results.ResultsPage;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.StolenTime;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
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
    synopsisSubcommandLabel = "",
    description = "Measures, side by side with others; docs/performance.md explains.")
public final class BenchMain implements Callable<Integer> {
  /** What is measured unless something else is named. */
  private static final List<String> USUAL =
      List.of("store", "replication", "visibility", "router", "startup", "simulation");

  /** Apart: they take long, or nobody else has their like. */
  private static final List<String> APART = List.of("core", "checker", "growth");

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--only",
      split = "[ ,]+",
      splitSynopsisLabel = ",",
      paramLabel = "PART",
      description =
          "Which parts: store, replication, visibility, router, startup, simulation, which are the default; core, checker,"
              + " growth.")
  private List<String> only = List.of();

  @Option(names = "--quick", description = "Fewer and shorter rounds, and smaller sizes.")
  private boolean quick;

  @Option(
      names = "--rounds",
      paramLabel = "N",
      description = "How many rounds, 1 or more. Default: each part's own number.")
  private @Nullable Integer rounds;

  @Option(
      names = "--most-keys",
      paramLabel = "N",
      defaultValue = "10000000",
      description = "How far growth goes with keys, 10000 or more. Default: ${DEFAULT-VALUE}.")
  private int mostKeys;

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
    var commandLine = new CommandLine(new BenchMain());
    commandLine.setParameterExceptionHandler(
        (problem, arguments) -> {
          problem.getCommandLine().getErr().println(problem.getMessage());
          return problem.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
        });
    System.exit(commandLine.execute(args));
  }

  @Override
  public Integer call() throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("tidings.home", ".")).toAbsolutePath();
    List<String> parts = only.isEmpty() ? USUAL : only;
    for (String part : parts) {
      if (!USUAL.contains(part) && !APART.contains(part)) {
        throw mistake(
            "there is no part \"%s\"; there are %s, %s"
                .formatted(part, String.join(", ", USUAL), String.join(", ", APART)));
      }
    }
    if (mostKeys < 10_000 || mostKeys > 99_999_999) {
      throw mistake("--most-keys is 10000 to 99999999, not " + mostKeys);
    }
    if (rounds != null && rounds < 1) {
      throw mistake("--rounds is 1 or more, not " + rounds);
    }
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
        measure(part, part(part, settings), workspace);
      }
    }
    return 0;
  }

  private ParameterException mistake(String words) {
    return new ParameterException(Objects.requireNonNull(spec).commandLine(), words);
  }

  private Part part(String name, Settings settings) {
    return switch (name) {
      case "store" -> new StoreBench(settings);
      case "replication" -> new ReplicationBench(settings);
      case "visibility" -> new VisibilityBench(settings);
      case "router" -> new RouterBench(settings);
      case "startup" -> new StartupBench(settings);
      case "growth" -> new GrowthBench(settings, mostKeys);
      case "core" -> new CoreBench(quick);
      case "checker" -> new CheckerBench(quick, results);
      case "simulation" -> new SimulationBench(quick);
      default -> throw new AssertionError(name);
    };
  }

  private void measure(String name, Part part, Workspace workspace)
      throws IOException, InterruptedException {
    Machine machine = Machine.here(workspace.newDirectory("machine"), workspace.fileSystem());
    System.out.println(name + ": " + machine.text());
    var ofAll = new StolenTime();
    var ofSection = new StolenTime();
    List<Section> sections = new ArrayList<>();
    part.run(
        section -> {
          sections.add(section);
          System.out.print(section.text());
          String stolen = StolenTime.text(ofSection.share());
          System.out.println(stolen.isEmpty() ? "" : "  " + stolen + "\n");
        });
    if (!sections.isEmpty()) {
      new Report(name, machine, ofAll.share(), sections).write(results);
      System.out.println("charts in " + ResultsPage.write(results));
    }
  }
}
