package dev.tidings.lab;

import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.ArgSpec;
import picocli.CommandLine.Option;

/** {@code bin/lab}: the drift laboratory's commands. */
@Command(
    name = "lab",
    usageHelpAutoWidth = true,
    description =
        "The drift laboratory: hosts with different clock speeds, and what becomes of logical time.",
    subcommands = {
      RunCommand.class,
      SimulateCommand.class,
      RerunCommand.class,
      ReportCommand.class,
      ExportCommand.class,
      SweepCommand.class,
      StudyCommand.class
    })
public final class LabMain {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  private LabMain() {}

  /** Exits 0 if the run went through, 1 if it failed, 2 for a bad command line. */
  public static void main(String[] args) {
    System.exit(execute(args));
  }

  /** Runs what the arguments say, and returns the exit code. */
  static int execute(String... args) {
    return execute(new LabMain(), args);
  }

  /** Runs a command, which answers a bad value with one line. */
  static int execute(Object command, String... args) {
    return new CommandLine(command)
        .setCaseInsensitiveEnumValuesAllowed(true)
        .setParameterExceptionHandler(
            (problem, arguments) -> {
              problem.getCommandLine().getErr().println(words(problem));
              return problem.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
            })
        .execute(args);
  }

  /** What is wrong, and where picocli only names a type of Java's, what is allowed. */
  private static String words(CommandLine.ParameterException problem) {
    String words = String.valueOf(problem.getMessage());
    CommandLine command = problem.getCommandLine();
    if (!command.getSubcommands().isEmpty()) {
      return words + "; commands are " + String.join(", ", command.getSubcommands().keySet());
    }
    if (problem instanceof CommandLine.UnmatchedArgumentException) {
      return words + "; --help tells what there is";
    }
    String told =
        words
            .replaceFirst("is not a double$", "is not a number")
            .replaceFirst("is not an? (int|long)$", "is not a whole number")
            .replaceFirst("cannot convert ('.*') to BigDecimal .*", "$1 is not a number");
    ArgSpec option = problem.getArgSpec();
    if (option == null || told.equals(words)) {
      return words;
    }
    String allowed =
        String.join(" ", option.description())
            .replace("${DEFAULT-VALUE}", String.valueOf(option.defaultValue()));
    return told + "; " + option.paramLabel() + ": " + allowed;
  }
}
