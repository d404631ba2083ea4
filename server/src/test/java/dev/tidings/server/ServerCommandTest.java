package dev.tidings.server;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.io.PrintWriter;
import java.io.StringWriter;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

final class ServerCommandTest {
  @Command(name = "example")
  static final class Example implements Callable<Integer> {
    @Option(
        names = {"-h", "--help"},
        usageHelp = true)
    boolean isHelpRequested;

    @Option(names = "--id", required = true)
    int id;

    @Option(names = "--read-wait", defaultValue = "2000")
    int readWait;

    @Option(names = "--delay", defaultValue = "")
    String delay = "";

    @Override
    public Integer call() {
      return 0;
    }
  }

  @TempDir private Path directory = Path.of("");
  private final Example example = new Example();
  private final StringWriter errors = new StringWriter();
  private Path file = Path.of("");

  @BeforeEach
  void name() {
    file = directory.resolve("example.properties");
  }

  @Test
  void flags_win_over_the_file_and_the_file_over_defaults() throws IOException {
    assertEquals(0, run("id = 3 \ndelay=1-2=2s,1>3=500ms", "--config", file.toString()));
    assertEquals(3, example.id);
    assertEquals(2000, example.readWait);
    assertEquals("1-2=2s,1>3=500ms", example.delay);
    assertEquals(0, run("id=3\nread-wait=5\n", "--config=" + file, "--id=4"));
    assertEquals(4, example.id);
    assertEquals(5, example.readWait);
    assertEquals("", errors.toString());
  }

  @Test
  void unknown_key_is_named_with_its_file() throws IOException {
    assertEquals(2, run("id=3\nread-wiat=5", "--config", file.toString()));
    assertEquals(
        file + ": there is no option \"read-wiat\"; there are delay, id, read-wait\n",
        errors.toString());
  }

  @Test
  void what_is_for_the_command_line_only_is_no_key() throws IOException {
    assertEquals(2, run("config=x", "--config", file.toString()));
    assertEquals(2, run("help=true", "--config", file.toString()));
  }

  @Test
  void file_that_is_missing_or_no_text_is_named() throws IOException {
    assertEquals(2, run("", "--config", directory.resolve("none").toString()));
    assertEquals(2, run("id=\\u12", "--config", file.toString()));
    assertEquals(
        """
        there is no configuration file %s
        the configuration file %s cannot be read: java.lang.IllegalArgumentException: Malformed \\uxxxx encoding.
        """
            .formatted(directory.resolve("none"), file),
        errors.toString());
  }

  @Test
  void bad_value_and_missing_option_are_told_as_on_the_command_line() throws IOException {
    assertEquals(2, run("id=three", "--config", file.toString()));
    assertEquals(2, run("read-wait=1", "--config", file.toString()));
    assertEquals(2, run("id=1", "--config"));
    assertEquals(
        """
        Invalid value for option '--id': 'three' is not an int
        Missing required option: '--id=<id>'
        Missing required parameter for option '--config' (FILE)
        """,
        errors.toString());
  }

  private int run(String properties, String... arguments) throws IOException {
    Files.writeString(file, properties);
    CommandLine commandLine = ServerCommand.of(example);
    commandLine.setErr(new PrintWriter(errors, true));
    return ServerCommand.run(commandLine, arguments);
  }
}
