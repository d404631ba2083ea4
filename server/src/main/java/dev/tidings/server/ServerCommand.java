package dev.tidings.server;

import java.io.IOException;
import java.io.Reader;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Properties;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;
import org.slf4j.bridge.SLF4JBridgeHandler;
import picocli.CommandLine;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Model.OptionSpec;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.PropertiesDefaultProvider;

/** A server's command line: its options, and {@code --config FILE}, which says the rest. */
public final class ServerCommand {
  private static final String CONFIG = "--config";

  private ServerCommand() {}

  /** A command line that tells a mistake in one line. */
  public static CommandLine of(Object command) {
    var commandLine = new CommandLine(command);
    commandLine.getCommandSpec().addOption(configOption());
    commandLine.setParameterExceptionHandler((problem, arguments) -> tell(problem));
    return commandLine;
  }

  private static OptionSpec configOption() {
    return OptionSpec.builder(CONFIG)
        .type(Path.class)
        .paramLabel("FILE")
        .description(
            "A file of options, such as config/${COMMAND-NAME}.properties; those given here win over it. Default: none.")
        .build();
  }

  /** Runs the command; returns the exit code, 2 for a mistake in the arguments or the file. */
  public static int run(CommandLine commandLine, String... arguments) {
    SLF4JBridgeHandler.removeHandlersForRootLogger();
    SLF4JBridgeHandler.install();
    try {
      configure(commandLine, arguments);
    } catch (ParameterException e) {
      return tell(e);
    }
    return commandLine.execute(arguments);
  }

  /**
   * Takes the defaults of all options from the file that the arguments name, if they name one.
   *
   * @throws ParameterException if the file cannot be read, or has a key that is no option
   */
  public static void configure(CommandLine commandLine, String... arguments) {
    Path file = configFile(arguments);
    if (file == null) {
      return;
    }
    Properties properties = load(commandLine, file);
    Set<String> known = keys(commandLine);
    for (String key : new TreeSet<>(properties.stringPropertyNames())) {
      if (!known.contains(key)) {
        throw new ParameterException(
            commandLine,
            "%s: there is no option \"%s\"; there are %s"
                .formatted(file, key, String.join(", ", known)));
      }
    }
    commandLine.setDefaultValueProvider(new PropertiesDefaultProvider(properties));
  }

  /** What a file may say: all options but those that are for a command line only. */
  public static Set<String> keys(CommandLine commandLine) {
    var keys = new TreeSet<String>();
    for (OptionSpec option : commandLine.getCommandSpec().options()) {
      if (!option.usageHelp() && !option.longestName().equals(CONFIG)) {
        keys.add(option.longestName().substring("--".length()));
      }
    }
    return keys;
  }

  /** Looked for first and alone, since picocli asks for defaults before it reads arguments. */
  private static @Nullable Path configFile(String... arguments) {
    var alone = new CommandLine(CommandSpec.create().addOption(configOption()));
    alone.setUnmatchedArgumentsAllowed(true);
    try {
      return alone.parseArgs(arguments).matchedOptionValue(CONFIG, null);
    } catch (ParameterException e) {
      // The whole command line will say so, and better.
      return null;
    }
  }

  private static Properties load(CommandLine commandLine, Path file) {
    var properties = new Properties();
    try (Reader reader = Files.newBufferedReader(file)) {
      properties.load(reader);
    } catch (NoSuchFileException e) {
      throw new ParameterException(commandLine, "there is no configuration file " + file, e);
    } catch (IOException | IllegalArgumentException e) {
      throw new ParameterException(
          commandLine, "the configuration file %s cannot be read: %s".formatted(file, e), e);
    }
    // A space at the end of a line is not seen, and never meant.
    properties.replaceAll((key, value) -> value.toString().strip());
    return properties;
  }

  private static int tell(ParameterException problem) {
    problem.getCommandLine().getErr().println(problem.getMessage());
    return problem.getCommandLine().getCommandSpec().exitCodeOnInvalidInput();
  }
}
