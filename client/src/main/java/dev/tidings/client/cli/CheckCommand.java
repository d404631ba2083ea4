package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.history.HistoryFiles;
import dev.tidings.client.history.HistoryFormat;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.Checker;
import dev.tidings.history.Guarantee;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.Violation;
import dev.tidings.history.ViolationDiagram;
import dev.tidings.spacetime.SpaceTimeSvg;
import java.io.IOException;
import java.io.PrintWriter;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/client check}: judges recorded histories. */
@Command(
    description = "Say of recorded histories whether they were causal, and if not, why.",
    footer = {
      "",
      "For example:",
      "  bin/client check run.jsonl",
      "  bin/client check *.jsonl --model cc",
      "  bin/client check run.jsonl --diagram why.svg",
      "",
      "Exit codes: 0 causal, 1 not causal, 2 bad input or typed wrong, 3 anything else;",
      "of several files the highest, after all have been judged."
    })
final class CheckCommand implements StandaloneCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** How the verdict is told. */
  enum Output {
    TEXT,
    JSON
  }

  @Parameters(arity = "1..*", paramLabel = "FILE", description = "Histories, of any format.")
  private List<Path> files = List.of();

  @Option(
      names = "--model",
      paramLabel = "MODEL",
      description =
          "ccv (causal convergence, which includes that concurrent writes are seen in one order), cc"
              + " (causal consistency) or session (the four session guarantees alone). Default:"
              + " ${DEFAULT-VALUE}.",
      defaultValue = "ccv")
  private Model model = Model.CCV;

  @Option(
      names = "--output",
      paramLabel = "FORM",
      description = "text, or json: an object for each file, one a line. Default: text.",
      defaultValue = "text")
  private Output output = Output.TEXT;

  @Option(
      names = "--diagram",
      paramLabel = "SVG",
      description = "Draw the violation there, as a space-time diagram.")
  private @Nullable Path diagram;

  @Option(
      names = "--format",
      paramLabel = "FORMAT",
      description = "tidings, plume or dbcop. Default: told from the file's beginning.")
  private @Nullable HistoryFormat format;

  @Override
  public int run(PrintWriter out, PrintWriter errors) {
    if (diagram != null && files.size() > 1) {
      throw CommandFailure.usage("--diagram draws the violation of one file, not of several");
    }
    int highest = ExitCode.OK;
    for (Path file : files) {
      highest = Math.max(highest, check(file, out, errors));
      out.flush();
    }
    return highest;
  }

  private int check(Path file, PrintWriter out, PrintWriter errors) {
    try {
      History history = read(file, format);
      Judgement judgement = judge(history);
      errors.printf(
          "%s: %s of %s, judged by %s%n",
          file,
          count(history.operations(), "operation"),
          count(history.sessions(), "session"),
          words(model));
      out.print(output == Output.JSON ? json(file, history, judgement) : text(file, judgement));
      int exitCode = judgement.isCausal() ? ExitCode.OK : ExitCode.NOT_CAUSAL;
      return diagram == null || draw(diagram, file, history, judgement, errors)
          ? exitCode
          : ExitCode.FAILED;
    } catch (BadHistoryException e) {
      return failed(file, String.valueOf(e.getMessage()), ExitCode.BAD_INPUT, out, errors);
    } catch (IOException e) {
      return failed(file, words(e), ExitCode.FAILED, out, errors);
    } catch (OutOfMemoryError e) {
      return failed(
          file,
          "too large for the memory that Java may use; allow it more with TIDINGS_JAVA_OPTS=-Xmx8g",
          ExitCode.FAILED,
          out,
          errors);
    }
  }

  private static String count(int number, String noun) {
    return "%,d %s%s".formatted(number, noun, number == 1 ? "" : "s");
  }

  private Judgement judge(History history) {
    try (var progress = new Progress("judging", history.groups())) {
      return Checker.judge(history, model, progress);
    }
  }

  /** Reads a history, with a progress bar. */
  static History read(Path file, @Nullable HistoryFormat format) throws IOException {
    if (Files.isDirectory(file)) {
      throw new IOException("it is a directory");
    }
    try (var progress = new Progress("reading", Files.size(file))) {
      return HistoryFiles.read(file, format, progress);
    }
  }

  /** What is wrong with a file, for people. */
  static String words(IOException e) {
    return e instanceof NoSuchFileException
        ? "there is no such file"
        : "it cannot be read: " + e.getMessage();
  }

  private static String words(Model model) {
    return switch (model) {
      case CC -> "causal consistency (cc)";
      case CCV -> "causal convergence (ccv)";
      case SESSION -> "the session guarantees alone (session)";
    };
  }

  private String text(Path file, Judgement judgement) {
    var text = new StringBuilder(files.size() > 1 ? file + ": " : "");
    if (judgement.violation().isEmpty()) {
      return text.append("causal%n".formatted()).toString();
    }
    Violation violation = judgement.violation().get();
    text.append("NOT causal: %s%n".formatted(violation.headline()));
    violation.steps().forEach(step -> text.append("  %s%n".formatted(step.text())));
    if (!judgement.broken().isEmpty()) {
      text.append("  session guarantees broken: %s%n".formatted(broken(judgement)));
    }
    return text.toString();
  }

  private static String broken(Judgement judgement) {
    return judgement.broken().stream()
        .sorted()
        .map(Guarantee::words)
        .collect(Collectors.joining(", "));
  }

  private static String json(Path file, History history, Judgement judgement) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("file", file.toString())
            .put("causal", judgement.isCausal())
            .put("model", judgement.model().name().toLowerCase(Locale.ROOT))
            .put("operations", history.operations())
            .put("sessions", history.sessions());
    judgement
        .violation()
        .ifPresent(
            violation -> {
              json.put("pattern", violation.pattern().words());
              @Nullable Guarantee guarantee = violation.guarantee();
              json.put("guarantee", guarantee == null ? null : guarantee.words());
              ArrayNode broken = json.putArray("broken");
              judgement.broken().stream().sorted().map(Guarantee::words).forEach(broken::add);
              ArrayNode steps = json.putArray("steps");
              for (Violation.Step step : violation.steps()) {
                steps
                    .addObject()
                    .put("line", history.line(step.operation()))
                    .put("place", step.place())
                    .put("who", step.who())
                    .put("text", step.text());
              }
            });
    return json + System.lineSeparator();
  }

  private int failed(Path file, String why, int exitCode, PrintWriter out, PrintWriter errors) {
    errors.printf("%s: %s%n", file, why);
    if (output == Output.JSON) {
      out.println(JSON.createObjectNode().put("file", file.toString()).put("error", why));
    }
    return exitCode;
  }

  /** Whether there was nothing to draw, or it could be drawn. */
  private static boolean draw(
      Path diagram, Path file, History history, Judgement judgement, PrintWriter errors) {
    if (judgement.violation().isEmpty()) {
      errors.println(diagram + " is not written, since there is no violation to draw");
      return true;
    }
    Violation violation = judgement.violation().get();
    String title = "%s is not causal: %s".formatted(file.getFileName(), violation.headline());
    String svg = SpaceTimeSvg.withoutScale(ViolationDiagram.of(title, history, violation));
    try {
      Files.writeString(diagram, svg);
      return true;
    } catch (IOException e) {
      errors.printf("%s cannot be written: %s%n", diagram, e);
      return false;
    }
  }
}
