package dev.tidings.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;

import dev.tidings.server.ServerCommand;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Model.OptionSpec;

final class ReplicaMainTest {
  private static final Path REFERENCE = Path.of("..", "config", "replica.properties");

  /** An option that is commented out; a comment's # is followed by a space. */
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#([a-z-]+)=(.*)$");

  @TempDir private Path directory = Path.of("");
  private final CommandLine commandLine = ServerCommand.of(new ReplicaMain());

  @Test
  void reference_file_lists_every_option_with_its_default() throws IOException {
    Map<String, String> listed =
        COMMENTED_OUT
            .matcher(Files.readString(REFERENCE))
            .results()
            .collect(Collectors.toMap(m -> m.group(1), m -> m.group(2)));
    assertEquals(ServerCommand.keys(commandLine), listed.keySet());
    for (OptionSpec option : commandLine.getCommandSpec().options()) {
      if (option.defaultValue() != null) {
        assertEquals(option.defaultValue(), listed.get(option.longestName().substring(2)));
      }
    }
  }

  @Test
  void reference_file_changes_nothing_and_uncommented_it_is_the_defaults_of_replica_1()
      throws IOException {
    Path uncommented = directory.resolve("replica.properties");
    Files.writeString(
        uncommented, COMMENTED_OUT.matcher(Files.readString(REFERENCE)).replaceAll("$1=$2"));
    ReplicaConfig defaults = config("--id=1");
    assertNull(defaults.metricsListen());
    assertEquals(defaults, config("--id=1", "--config=" + REFERENCE));
    assertEquals(
        config("--id=1", "--metrics-listen=127.0.0.1:8300"), config("--config=" + uncommented));
  }

  private static ReplicaConfig config(String... arguments) {
    var main = new ReplicaMain();
    CommandLine commandLine = ServerCommand.of(main);
    ServerCommand.configure(commandLine, arguments);
    commandLine.parseArgs(arguments);
    return main.config();
  }
}
