package dev.tidings.client.cli;

import java.io.OutputStream;
import java.io.OutputStreamWriter;
import java.io.PrintWriter;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;

/** A pipe, a file, or one command: nobody to ask. */
record PlainConsole(PrintWriter out, OutputStream bytes) implements Console {
  PlainConsole(OutputStream bytes) {
    this(new PrintWriter(new OutputStreamWriter(bytes, StandardCharsets.UTF_8), true), bytes);
  }

  @Override
  public OutputStream bytes() {
    out.flush();
    return bytes;
  }

  @Override
  public Optional<String> ask(String question) {
    return Optional.empty();
  }

  @Override
  public void pause(Duration duration) {
    pauseThread(duration);
  }

  /** Sleeps; what interrupts it is the person at the terminal. */
  static void pauseThread(Duration duration) {
    try {
      Thread.sleep(duration.toMillis());
    } catch (InterruptedException e) {
      throw CommandFailure.refused("interrupted");
    }
  }
}
