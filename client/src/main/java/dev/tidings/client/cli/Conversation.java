package dev.tidings.client.cli;

import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.demo.RingWord;
import java.io.PrintWriter;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Who speaks, over which session, and how: what commands work on. Confined to one thread. */
final class Conversation {
  /** Who speaks. */
  record Speaker(String name, Set<RingWord> words) {
    Speaker {
      words = Set.copyOf(words);
      if (name.isBlank() || name.chars().anyMatch(Character::isISOControl)) {
        throw CommandFailure.usage("a name is one line of text, and not blank");
      }
    }
  }

  /**
   * How patient the conversation is.
   *
   * @param timeScale what a second of {@code wait} takes, in seconds
   * @param noWait whether what has to wait for something is refused instead
   */
  record Manner(double timeScale, boolean noWait) {
    Manner {
      if (!(timeScale >= 0 && timeScale <= 1_000)) {
        throw CommandFailure.usage("--time-scale " + timeScale + " is not a number from 0 to 1000");
      }
    }
  }

  private final Tidings tidings;
  private final Session session;
  private final Speaker speaker;
  private final Manner manner;
  private final Console console;
  private final Input input;
  private final @Nullable SessionFile file;
  private boolean over;
  private boolean absent;

  /**
   * @param file where the session is kept; null for nowhere
   */
  Conversation(
      Tidings tidings,
      Session session,
      Speaker speaker,
      Manner manner,
      Console console,
      Input input,
      @Nullable SessionFile file) {
    this.tidings = tidings;
    this.session = session;
    this.speaker = speaker;
    this.manner = manner;
    this.console = console;
    this.input = input;
    this.file = file;
  }

  Tidings tidings() {
    return tidings;
  }

  Session session() {
    return session;
  }

  Speaker speaker() {
    return speaker;
  }

  Manner manner() {
    return manner;
  }

  Console console() {
    return console;
  }

  Input input() {
    return input;
  }

  PrintWriter out() {
    return console.out();
  }

  /** Runs a command, and keeps the session after it, whether it could be done or not. */
  void run(ClientCommand command) {
    try {
      command.run(this);
    } finally {
      keep();
    }
  }

  /** Keeps the session as it is now, in case that what goes on is not to end. */
  void keep() {
    if (file != null) {
      file.save(session.save());
    }
  }

  /** What was to be read is not there. */
  void sayAbsent() {
    absent = true;
  }

  boolean hasSaidAbsent() {
    return absent;
  }

  /** Nothing more is wanted. */
  void quit() {
    over = true;
  }

  boolean isOver() {
    return over;
  }
}
