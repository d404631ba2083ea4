package dev.tidings.client.cli;

import dev.tidings.client.TidingsException;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.PrintWriter;
import java.util.List;
import java.util.Set;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.ParseResult;

/** Runs commands line by line, from a script or for {@link Terminal}. Confined to one thread. */
final class Shell {
  private final Conversation conversation;
  private final CommandLine commandLine;

  Shell(Conversation conversation) {
    this.conversation = conversation;
    this.commandLine =
        new CommandLine(new Line())
            .addSubcommand("quit", new SessionCommands.Quit())
            .addSubcommand("help", new Help());
    Commands.addTo(commandLine, name -> true);
    Commands.takeDashes(commandLine);
  }

  /**
   * One line; an empty one, or one that begins with {@code #}, does nothing.
   *
   * @throws CommandFailure if it is not a command, or could not be done
   * @throws TidingsException if a replica refused or did not answer
   */
  void run(String line) {
    if (line.isBlank() || line.stripLeading().startsWith("#")) {
      return;
    }
    ParseResult result = Commands.parse(commandLine, Words.of(line));
    CommandLine command = Commands.innermost(result);
    if (command.isUsageHelpRequested()) {
      command.usage(conversation.out());
    } else if (command.getCommand() instanceof ClientCommand known) {
      conversation.run(known);
    } else {
      throw new AssertionError(command.getCommandName());
    }
  }

  /**
   * A whole script, up to its first error.
   *
   * @param name for messages
   * @return the exit code
   */
  int runScript(BufferedReader script, String name, PrintWriter errors) {
    int number = 0;
    try {
      String line;
      while (!conversation.isOver() && (line = script.readLine()) != null) {
        number++;
        run(line);
      }
      return ExitCode.OK;
    } catch (CommandFailure e) {
      errors.printf("%s, line %d: %s%n", name, number, e.getMessage());
      return e.exitCode();
    } catch (TidingsException e) {
      errors.printf("%s, line %d: %s%n", name, number, e.getMessage());
      return ExitCode.of(e);
    } catch (IOException e) {
      errors.printf("%s cannot be read after line %d: %s%n", name, number, e.getMessage());
      return ExitCode.REFUSED;
    }
  }

  /** For completion. */
  Set<String> commandNames() {
    return commandLine.getSubcommands().keySet();
  }

  @Command(name = "")
  private static final class Line {}

  @Command(description = "Say what can be typed.")
  private final class Help implements ClientCommand {
    @CommandLine.Parameters(arity = "0..1", paramLabel = "COMMAND")
    private List<String> command = List.of();

    @Override
    public void run(Conversation conversation) {
      if (!command.isEmpty()) {
        CommandLine known = commandLine.getSubcommands().get(command.get(0));
        if (known == null) {
          throw CommandFailure.usage("there is no command \"" + command.get(0) + "\"");
        }
        known.usage(conversation.out());
        return;
      }
      commandLine
          .getSubcommands()
          .forEach(
              (name, each) ->
                  conversation
                      .out()
                      .printf(
                          "  %-8s %s%n",
                          name, each.getCommandSpec().usageMessage().description()[0]));
    }
  }
}
