package dev.tidings.client.cli;

import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.function.Supplier;
import picocli.CommandLine;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.ParseResult;
import picocli.CommandLine.UnmatchedArgumentException;

/** The commands of a conversation, and how the words of one are parsed. */
final class Commands {
  private static final int USAGE_WIDTH = 110;

  private Commands() {}

  /** By their names, in the order of the help: the commands that work in every way of typing. */
  private static Map<String, Supplier<Object>> all() {
    var all = new LinkedHashMap<String, Supplier<Object>>();
    all.put("lost", RingCommands.Lost::new);
    all.put("found", RingCommands.Found::new);
    all.put("glad", RingCommands.Glad::new);
    all.put("say", RingCommands.Say::new);
    all.put("read", RingCommands.Read::new);
    all.put("wait", SessionCommands.Wait::new);
    StoreCommands.changes().forEach((name, change) -> all.put(name, change::get));
    all.put(StoreCommands.WriteTogether.NAME, StoreCommands.WriteTogether::new);
    all.put("get", ReadCommands.Get::new);
    all.put("range", ReadCommands.Range::new);
    all.put("counter", ReadCommands.Counter::new);
    all.put("members", ReadCommands.Members::new);
    all.put("feed", ReadCommands.Feed::new);
    all.put("map", ReadCommands.Fields::new);
    all.put("watch", WatchCommand::new);
    all.put("session", SessionCommands.Show::new);
    all.put("use", SessionCommands.Use::new);
    all.put("status", StatusCommand::new);
    all.put("link", AdminCommands.ChangeLink::new);
    all.put("log-level", AdminCommands.ChangeLogLevel::new);
    all.put("admin", MemberCommands::new);
    all.put("backup", BackupCommands.Backup::new);
    all.put("restore", BackupCommands.Restore::new);
    return all;
  }

  /**
   * Adds to a command line the commands that work in every way of typing.
   *
   * @param added only those of these names; making a command costs more than most of them take
   */
  static void addTo(CommandLine commandLine, Predicate<String> added) {
    all()
        .forEach(
            (name, command) -> {
              if (added.test(name)) {
                commandLine.addSubcommand(name, command.get());
              }
            });
    addHelp(commandLine);
    // As wide as the widest example.
    commandLine.setUsageHelpWidth(USAGE_WIDTH);
    takeNumbers(commandLine);
    // Its changes have options of their own.
    subcommand(commandLine, StoreCommands.WriteTogether.NAME)
        .ifPresent(write -> write.setStopAtPositional(true));
  }

  /** In "incr stock -3" the last word is a number, and no option. */
  static void takeNumbers(CommandLine commandLine) {
    takeOptionsAsWords(commandLine, "incr");
  }

  /** In "put temperature -5" the last word is a value; for commands whose words are counted. */
  static void takeDashes(CommandLine commandLine) {
    for (String name : List.of("put", "append", "say")) {
      takeOptionsAsWords(commandLine, name);
    }
  }

  private static void takeOptionsAsWords(CommandLine commandLine, String name) {
    subcommand(commandLine, name)
        .ifPresent(command -> command.setUnmatchedOptionsArePositionalParams(true));
  }

  private static Optional<CommandLine> subcommand(CommandLine commandLine, String name) {
    return Optional.ofNullable(commandLine.getSubcommands().get(name));
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
