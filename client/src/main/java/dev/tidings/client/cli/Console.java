package dev.tidings.client.cli;

import java.io.OutputStream;
import java.io.PrintWriter;
import java.time.Duration;
import java.util.Optional;

/** Where a conversation's words go, and where answers to its questions come from. */
interface Console {
  /** Flushed after every line. */
  PrintWriter out();

  /** The same place, for bytes as they are. What was written to {@link #out} stands before them. */
  OutputStream bytes();

  /** Asks the person at the terminal; empty if there is none, or no answer. */
  Optional<String> ask(String question);

  /**
   * Waits.
   *
   * @throws CommandFailure if the person interrupts
   */
  void pause(Duration duration);
}
