package dev.tidings.client.cli;

import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** A pipe, a file, or one command: nobody to ask. */
record PlainConsole(PrintWriter out) implements Console {
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
