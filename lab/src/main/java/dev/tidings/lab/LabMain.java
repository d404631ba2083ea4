package dev.tidings.lab;

import picocli.CommandLine;
import picocli.CommandLine.Command;

/** {@code bin/lab}: the drift laboratory's commands. */
@Command(
    name = "lab",
    mixinStandardHelpOptions = true,
    usageHelpAutoWidth = true,
    description =
        "The drift laboratory: hosts with different clock speeds, and what becomes of logical time.",
    subcommands = RunCommand.class)
public final class LabMain {
  private LabMain() {}

  /** Exits 0 if the run went through, 1 if it failed, 2 for a bad command line. */
  public static void main(String[] args) {
    System.exit(new CommandLine(new LabMain()).execute(args));
  }
}
