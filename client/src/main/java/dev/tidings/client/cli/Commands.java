package dev.tidings.client.cli;

import java.util.List;
import java.util.Objects;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands of a conversation, and how the words of one are parsed. */
final class Commands {
  private static final int USAGE_WIDTH = 110;

  private Commands() {}

  /** Adds to a command line the commands that work in every way of typing. */
  static void addTo(CommandLine commandLine) {
    commandLine
        .addSubcommand(new RingCommands.Lost())
        .addSubcommand(new RingCommands.Found())
        .addSubcommand(new RingCommands.Glad())
        .addSubcommand(new RingCommands.Say())
        .addSubcommand(new RingCommands.Read())
        .addSubcommand(new SessionCommands.Wait());
    StoreCommands.all().forEach(commandLine::addSubcommand);
    commandLine
        .addSubcommand(new StoreCommands.WriteTogether())
        .addSubcommand(new ReadCommands.Get())
        .addSubcommand(new ReadCommands.Range())
        .addSubcommand(new ReadCommands.Counter())
        .addSubcommand(new ReadCommands.Members())
        .addSubcommand(new ReadCommands.Feed())
        .addSubcommand(new ReadCommands.Fields())
        .addSubcommand(new WatchCommand())
        .addSubcommand(new SessionCommands.Show())
        .addSubcommand(new SessionCommands.Use())
        .addSubcommand(new StatusCommand())
        .addSubcommand(new AdminCommands.ChangeLink())
        .addSubcommand(new AdminCommands.ChangeLogLevel())
        .addSubcommand(new MemberCommands())
        .addSubcommand(new BackupCommands.Backup())
        .addSubcommand(new BackupCommands.Restore());
    addHelp(commandLine);
    // As wide as the widest example.
    commandLine.setUsageHelpWidth(USAGE_WIDTH);
    takeNumbers(commandLine);
    // Its changes have options of their own.
    subcommand(commandLine, StoreCommands.WriteTogether.NAME).setStopAtPositional(true);
  }

  /** In "incr stock -3" the last word is a number, and no option. */
  static void takeNumbers(CommandLine commandLine) {
    subcommand(commandLine, "incr").setUnmatchedOptionsArePositionalParams(true);
  }

  /** In "put temperature -5" the last word is a value; for commands whose words are counted. */
  static void takeDashes(CommandLine commandLine) {
    for (String name : List.of("put", "append", "say")) {
      subcommand(commandLine, name).setUnmatchedOptionsArePositionalParams(true);
    }
  }

  private static CommandLine subcommand(CommandLine commandLine, String name) {
    return Objects.requireNonNull(commandLine.getSubcommands().get(name));
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
    command.getSubcommands().values().forEach(Commands::addHelp);
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
      ParseResult result = commandLine.parseArgs(words.toArray(String[]::new));
      CommandLine last = innermost(result);
      if (last != commandLine && !last.getSubcommands().isEmpty() && !last.isUsageHelpRequested()) {
        throw CommandFailure.usage(
            "%s what? One of %s"
                .formatted(
                    last.getCommandName(), String.join(", ", last.getSubcommands().keySet())));
      }
      return result;
    } catch (UnmatchedArgumentException e) {
      String first = e.getUnmatched().get(0);
      CommandLine command = e.getCommandLine();
      if (first.startsWith("-")) {
        throw CommandFailure.usage(oneLine(e));
      }
      if (command.getSubcommands().isEmpty()) {
        throw CommandFailure.usage(
            "\"%s\" is one word too many for %s".formatted(first, command.getCommandName()));
      }
      String group = command == commandLine ? "" : command.getCommandName() + " ";
      throw CommandFailure.usage("there is no command \"" + group + first + "\"");
    } catch (ParameterException e) {
      throw CommandFailure.usage(oneLine(e));
    }
  }

  private static String oneLine(ParameterException e) {
    return String.valueOf(e.getMessage()).replaceAll("\\s+", " ");
  }
}
