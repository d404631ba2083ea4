package dev.tidings.client.cli;

import dev.tidings.client.Session;
import dev.tidings.client.SessionContents;
import dev.tidings.clock.PositionSet;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The session itself: its time, its token, its replica. */
final class SessionCommands {
  private SessionCommands() {}

  @Command(
      description =
          "Let N seconds pass, and N ticks of the session's clock. Asks when N is missing.")
  static final class Wait implements ClientCommand {
    @Parameters(paramLabel = "N", arity = "0..1", description = "Whole seconds, 0 or more.")
    private @Nullable String seconds;

    @Option(names = "--time-scale", paramLabel = "X", description = "What a second takes.")
    private @Nullable Double timeScale;

    @Override
    public void run(Conversation conversation) {
      long seconds = seconds(conversation);
      double scale =
          timeScale == null
              ? conversation.manner().timeScale()
              : new Conversation.Manner(timeScale, false).timeScale();
      conversation.console().pause(Duration.ofMillis(Math.round(seconds * 1_000 * scale)));
      conversation.session().advanceClock(seconds);
      conversation
          .out()
          .printf("waited %d s; the time is now %d%n", seconds, conversation.session().clock());
    }

    private long seconds(Conversation conversation) {
      Optional<String> given =
          seconds != null ? Optional.of(seconds) : conversation.console().ask("how many seconds? ");
      String text =
          given.orElseThrow(() -> CommandFailure.usage("wait how long? Say wait N, in seconds"));
      // A day is as long as a simulated link may delay; nobody waits longer.
      if (!text.strip().matches("\\d{1,5}") || Integer.parseInt(text.strip()) > 86_400) {
        throw CommandFailure.usage(
            "\"" + text + "\" is not a number of seconds: a whole number from 0 to 86400");
      }
      return Long.parseLong(text.strip());
    }
  }

  @Command(description = "Move the session to another replica.")
  static final class Use implements ClientCommand {
    @Parameters(paramLabel = "HOST:PORT", description = "The replica's client port.")
    private String replica = "";

    @Override
    public void run(Conversation conversation) {
      try {
        conversation.session().moveTo(replica);
      } catch (IllegalArgumentException e) {
        throw CommandFailure.usage(String.valueOf(e.getMessage()));
      }
      conversation.out().println("the session is now at replica " + replica);
    }
  }

  @Command(description = "Say what the session carries.")
  static final class Show implements ClientCommand {
    @Override
    public void run(Conversation conversation) {
      Session session = conversation.session();
      conversation
          .out()
          .printf(
              "%s's session is at replica %s; its time is %d%n",
              conversation.speaker().name(), session.replica(), session.clock());
      Optional<SessionContents> contents = contents(session);
      if (contents.isEmpty()) {
        conversation.out().println("it has read and written nothing yet, so it has no token");
        return;
      }
      conversation
          .out()
          .printf(
              "its token (%d bytes) is of cluster \"%s\", with Lamport time %d%n",
              session.save().token().size(), contents.get().cluster(), contents.get().clock());
      conversation
          .out()
          .println("its next write depends on " + words(contents.get().dependencies()));
    }

    private static Optional<SessionContents> contents(Session session) {
      try {
        return session.contents();
      } catch (IllegalArgumentException e) {
        throw CommandFailure.refused(String.valueOf(e.getMessage()));
      }
    }
  }

  @Command(description = "Leave.")
  static final class Quit implements ClientCommand {
    @Override
    public void run(Conversation conversation) {
      conversation.quit();
    }
  }

  /** A position set for people who have never seen one. */
  static String words(PositionSet positions) {
    var words = new ArrayList<String>();
    positions.forEachRange(
        (origin, first, last) ->
            words.add(
                first == last
                    ? "write %d of %s".formatted(first, origin)
                    : "writes %d to %d of %s".formatted(first, last, origin)));
    return words.isEmpty() ? "nothing" : String.join(", ", words);
  }
}
