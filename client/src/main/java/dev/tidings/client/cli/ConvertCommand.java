package dev.tidings.client.cli;

import dev.tidings.client.history.HistoryFiles;
import dev.tidings.client.history.HistoryFormat;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Path;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/client convert}: from one history format to another. */
@Command(
    description = "Write a recorded history in another format.",
    footer = {
      "",
      "plume and dbcop know integers only, and no versions, times, replicas, deletes, unknown",
      "outcomes or final states. The first three are left out; for the others conversion is refused.",
      "Names and values that are no integers are numbered, in the order of their appearance.",
      "",
      "Exit codes: 0 done, 2 bad input or typed wrong, 3 anything else."
    })
final class ConvertCommand implements StandaloneCommand {
  @Parameters(index = "0", paramLabel = "FROM", description = "A history, of any format.")
  private Path from = Path.of("");

  @Parameters(index = "1", paramLabel = "TO", description = "Where to write it.")
  private Path to = Path.of("");

  @Option(
      names = "--to",
      required = true,
      paramLabel = "FORMAT",
      description = "tidings, plume or dbcop.")
  private HistoryFormat format = HistoryFormat.TIDINGS;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "What FROM is in. Default: told from its beginning.")
  private @Nullable HistoryFormat formatOfSource;

  @Override
  public int run(PrintWriter out, PrintWriter errors) {
    History history;
    try {
      history = CheckCommand.read(from, formatOfSource);
    } catch (BadHistoryException e) {
      errors.printf("%s: %s%n", from, e.getMessage());
      return ExitCode.BAD_INPUT;
    } catch (IOException e) {
      errors.printf("%s: %s%n", from, CheckCommand.words(e));
      return ExitCode.FAILED;
    }
    try {
      HistoryFiles.write(history, format, to);
      if (format != HistoryFormat.TIDINGS && hasVersions(history)) {
        errors.println(
            "versions are left out, and with them what they tell of the order of writes");
      }
    } catch (BadHistoryException e) {
      errors.printf("%s: %s%n", from, e.getMessage());
      return ExitCode.BAD_INPUT;
    } catch (IOException e) {
      errors.printf("%s: it cannot be written: %s%n", to, e.getMessage());
      return ExitCode.FAILED;
    }
    return ExitCode.OK;
  }

  private static boolean hasVersions(History history) {
    return IntStream.range(0, history.registerOperations())
        .anyMatch(op -> history.version(op) != null);
  }
}
