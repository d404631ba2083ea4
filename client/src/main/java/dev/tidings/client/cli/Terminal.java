package dev.tidings.client.cli;

import dev.tidings.client.TidingsException;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jline.reader.EndOfFileException;
import org.jline.reader.LineReader;
import org.jline.reader.LineReaderBuilder;
import org.jline.reader.UserInterruptException;
import org.jline.reader.impl.DefaultParser;
import org.jline.reader.impl.completer.StringsCompleter;
import org.jline.terminal.Terminal.Signal;
import org.jline.terminal.Terminal.SignalHandler;
import org.jline.terminal.TerminalBuilder;
import org.jspecify.annotations.Nullable;

/**
 * A person at a terminal: prompt, history, completion. Ctrl-C ends a command, Ctrl-D the
 * conversation.
 */
final class Terminal implements Console, AutoCloseable {
  private final org.jline.terminal.Terminal terminal;
  private @Nullable LineReader reader;

  private Terminal(org.jline.terminal.Terminal terminal) {
    this.terminal = terminal;
  }

  static Terminal open() throws IOException {
    return new Terminal(TerminalBuilder.builder().encoding(StandardCharsets.UTF_8).build());
  }

  @Override
  public PrintWriter out() {
    return terminal.writer();
  }

  @Override
  public OutputStream bytes() {
    terminal.flush();
    return terminal.output();
  }

  @Override
  public Optional<String> ask(String question) {
    if (reader == null) {
      return Optional.empty();
    }
    try {
      return Optional.of(reader.readLine(question));
    } catch (UserInterruptException | EndOfFileException e) {
      return Optional.empty();
    }
  }

  @Override
  public void pause(Duration duration) {
    terminal.flush();
    PlainConsole.pauseThread(duration);
  }

  /** Until quit, or the end of input. */
  void run(Shell shell, Conversation conversation) {
    var lines = reader(shell);
    reader = lines;
    while (!conversation.isOver()) {
      String prompt = conversation.speaker().name() + "@" + conversation.session().replica() + "> ";
      try {
        runLine(shell, lines.readLine(prompt));
      } catch (UserInterruptException e) {
        // Ctrl-C at the prompt: what was typed is forgotten.
      } catch (EndOfFileException e) {
        return;
      }
    }
  }

  private void runLine(Shell shell, String line) {
    Thread worker = Thread.currentThread();
    SignalHandler before = terminal.handle(Signal.INT, signal -> worker.interrupt());
    try {
      shell.run(line);
    } catch (CommandFailure | TidingsException e) {
      terminal.writer().println(e.getMessage());
    } finally {
      terminal.handle(Signal.INT, before);
      // A Ctrl-C that came too late for the command is not one for the next.
      Thread.interrupted();
      terminal.flush();
    }
  }

  private LineReader reader(Shell shell) {
    var parser = new DefaultParser();
    parser.setEscapeChars(null);
    parser.setQuoteChars(new char[0]);
    LineReaderBuilder builder =
        LineReaderBuilder.builder()
            .terminal(terminal)
            .appName("tidings")
            .parser(parser)
            .completer(new StringsCompleter(shell.commandNames()))
            // "I have lost my wedding ring!" is not a question to the history.
            .option(LineReader.Option.DISABLE_EVENT_EXPANSION, true);
    historyFile().ifPresent(path -> builder.variable(LineReader.HISTORY_FILE, path));
    return builder.build();
  }

  /** Empty where there is no place for it: then history lasts as long as the conversation. */
  private static Optional<Path> historyFile() {
    String stateHome = System.getenv("XDG_STATE_HOME");
    Path directory =
        (stateHome == null || stateHome.isEmpty()
                ? Path.of(System.getProperty("user.home"), ".local", "state")
                : Path.of(stateHome))
            .resolve("tidings");
    try {
      Files.createDirectories(directory);
      return Optional.of(directory.resolve("client-history"));
    } catch (IOException e) {
      return Optional.empty();
    }
  }

  @Override
  public void close() {
    try {
      terminal.close();
    } catch (IOException e) {
      // The process is about to end.
    }
  }
}
