package dev.tidings.router;

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

final class RouterMainTest {
  private static final Path REFERENCE = Path.of("..", "config", "router.properties");

  /** An option that is commented out; a comment's # is followed by a space. */
  private static final Pattern COMMENTED_OUT = Pattern.compile("(?m)^#([a-z-]+)=(.*)$");

  @TempDir private Path directory = Path.of("");
  private final CommandLine commandLine = ServerCommand.of(new RouterMain());

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
  void reference_file_parses_as_it_is_and_uncommented() throws IOException {
    Path uncommented = directory.resolve("router.properties");
    Files.writeString(
        uncommented, COMMENTED_OUT.matcher(Files.readString(REFERENCE)).replaceAll("$1=$2"));
    ServerCommand.configure(commandLine, "--config=" + REFERENCE);
    assertNull(commandLine.parseArgs().commandSpec().findOption("--metrics-listen").getValue());
    ServerCommand.configure(commandLine, "--config=" + uncommented);
    assertEquals(
        "127.0.0.1:8400",
        commandLine.parseArgs().commandSpec().findOption("--metrics-listen").getValue());
  }
}
