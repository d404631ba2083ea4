package dev.tidings.lab;

import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.report.Exports;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/lab export}: a run's events for other programs. */
@Command(
    name = "export",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description = "Writes all events of a run, each behind what it follows, for other programs.")
final class ExportCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Parameters(
      index = "0",
      paramLabel = "FORMAT",
      description = "shiviz (for the ShiViz viewer), csv or json.")
  private Format format = Format.CSV;

  @Parameters(index = "1", paramLabel = "DIR", description = "The run's directory.")
  private Path directory = Path.of("");

  @Option(
      names = "--to",
      paramLabel = "FILE",
      description = "Where it goes; what is there is replaced. Default: the terminal.")
  private @Nullable Path target;

  private enum Format {
    SHIVIZ,
    CSV,
    JSON
  }

  @Override
  public Integer call() throws InterruptedException {
    return Running.guard(
        () -> {
          Run run = Run.read(directory);
          String text =
              switch (format) {
                case SHIVIZ -> Exports.shiviz(run);
                case CSV -> Exports.table(run).toCsv();
                case JSON -> Exports.json(run);
              };
          if (target == null) {
            System.out.print(text);
          } else {
            Files.writeString(target, text);
            System.err.println("wrote " + target);
          }
          return 0;
        });
  }
}
