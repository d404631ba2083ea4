package dev.tidings.client.cli;

import java.util.List;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands of a conversation, and how the words of one are parsed. */
final class Commands {
  private Commands() {}

  /** Adds to a command line the commands that work in every way of typing. */
  static void addTo(CommandLine commandLine) {
    commandLine
        .addSubcommand(new RingCommands.Lost())
        .addSubcommand(new RingCommands.Found())
        .addSubcommand(new RingCommands.Glad())
        .addSubcommand(new RingCommands.Say())
        .addSubcommand(new RingCommands.Read())
        .addSubcommand(new SessionCommands.Wait())
        .addSubcommand(new StoreCommands.Put())
        .addSubcommand(new StoreCommands.Get())
        .addSubcommand(new StoreCommands.Delete())
        .addSubcommand(new SessionCommands.Show())
        .addSubcommand(new SessionCommands.Use())
        .addSubcommand(new AdminCommands.Status())
        .addSubcommand(new AdminCommands.ChangeLink())
        .addSubcommand(new AdminCommands.ChangeLogLevel());
    addHelp(commandLine);
    commandLine.getSubcommands().values().forEach(Commands::addHelp);
  }

  /** Who speaks, and over which session, means nothing to a command without a session. */
  static void dropConversationOptions(CommandLine commandLine) {
    for (CommandLine each : commandLine.getSubcommands().values()) {
      if (each.getCommand() instanceof StandaloneCommand standalone) {
        List.copyOf(each.getCommandSpec().options()).stream()
            .filter(CommandLine.Model.OptionSpec::inherited)
            .filter(option -> !standalone.connects() || !option.longestName().equals("--timeout"))
            .forEach(each.getCommandSpec()::remove);
      }
    }
  }

  private static void addHelp(CommandLine command) {
    command
        .getCommandSpec()
        .addOption(
            CommandLine.Model.OptionSpec.builder("-h", "--help")
                .usageHelp(true)
                .description("Show this.")
                .build());
  }

  /** What was typed: the innermost command. */
  static CommandLine innermost(ParseResult result) {
    ParseResult last = result;
    while (last.hasSubcommand()) {
      last = last.subcommand();
    }
    return last.commandSpec().commandLine();
  }

  /**
   * @throws CommandFailure if the words are not a command
   */
  static ParseResult parse(CommandLine commandLine, List<String> words) {
    try {
      return commandLine.parseArgs(words.toArray(String[]::new));
    } catch (UnmatchedArgumentException e) {
      String first = e.getUnmatched().get(0);
      throw CommandFailure.usage(
          e.getCommandLine() == commandLine && !first.startsWith("-")
              ? "there is no command \"" + first + "\""
              : oneLine(e));
    } catch (ParameterException e) {
      throw CommandFailure.usage(oneLine(e));
    }
  }

  private static String oneLine(ParameterException e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }
}
