package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.demo.RingWord;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** The feed of the wedding ring: what is said in it, and what can be read. */
final class RingCommands {
  /** A watch of the feed will replace the polling. */
  private static final Duration POLL = Duration.ofMillis(100);

  private RingCommands() {}

  @Command(description = "Alice says that she has lost her wedding ring.")
  static final class Lost implements ClientCommand {
    @Override
    public void run(Conversation conversation) {
      say(conversation, RingWord.LOST, false);
    }
  }

  @Command(description = "Alice says that she has found it; waits until \"lost\" is readable.")
  static final class Found implements ClientCommand {
    @Option(names = "--no-wait", description = "Refuse instead of waiting.")
    private boolean noWait;

    @Override
    public void run(Conversation conversation) {
      say(conversation, RingWord.FOUND, noWait);
    }
  }

  @Command(description = "Bob says that he is glad; waits until \"found\" is readable.")
  static final class Glad implements ClientCommand {
    @Option(names = "--no-wait", description = "Refuse instead of waiting.")
    private boolean noWait;

    @Override
    public void run(Conversation conversation) {
      say(conversation, RingWord.GLAD, noWait);
    }
  }

  @Command(description = "Say anything.")
  static final class Say implements ClientCommand {
    @Parameters(paramLabel = "TEXT", arity = "1..*", description = "What to say.")
    private List<String> text = List.of();

    @Override
    public void run(Conversation conversation) {
      append(conversation, RingWord.entry(conversation.speaker().name(), String.join(" ", text)));
    }
  }

  @Command(description = "Read what has been said.")
  static final class Read implements ClientCommand {
    @Option(
        names = {"-v", "--verbose"},
        description = "With version, origin and dependencies.")
    private boolean verbose;

    @Override
    public void run(Conversation conversation) {
      List<FeedEntry> entries = conversation.session().feed(RingWord.FEED, verbose);
      if (entries.isEmpty()) {
        conversation.out().println("(nothing has been said here)");
      }
      for (FeedEntry entry : entries) {
        conversation.out().println(Printable.of(entry.value()));
        if (verbose) {
          WriteInfo write = entry.writtenBy();
          conversation
              .out()
              .printf(
                  "    version %s, position %s, origin %s, depends on %s%n",
                  write.version(),
                  write.position(),
                  write.position().origin(),
                  write.dependencies());
        }
      }
    }
  }

  private static void say(Conversation conversation, RingWord word, boolean noWait) {
    if (!conversation.speaker().words().contains(word)) {
      throw CommandFailure.refused(
          "only %s can say \"%s\"; any client can use: say TEXT"
              .formatted(word.speaker(), word.text()));
    }
    Optional<RingWord> needed = word.needs();
    if (needed.isPresent()) {
      waitFor(conversation, needed.get(), noWait || conversation.manner().noWait());
    }
    append(conversation, word.entry());
  }

  private static void append(Conversation conversation, Bytes entry) {
    WriteInfo write = conversation.session().append(RingWord.FEED, entry);
    conversation.out().printf("%s (%s)%n", Printable.of(entry), StoreCommands.words(write));
  }

  private static void waitFor(Conversation conversation, RingWord needed, boolean noWait) {
    if (isReadable(conversation, needed)) {
      return;
    }
    String missing =
        "%s has not said \"%s\" yet, as far as replica %s shows"
            .formatted(needed.speaker(), needed.text(), conversation.session().replica());
    if (noWait) {
      throw CommandFailure.refused(missing);
    }
    conversation.out().println("stalled: " + missing);
    long start = System.nanoTime();
    do {
      conversation.console().pause(POLL);
    } while (!isReadable(conversation, needed));
    conversation
        .out()
        .printf(
            java.util.Locale.ROOT,
            "\"%s\" is readable now, after %.1f s%n",
            needed.text(),
            (System.nanoTime() - start) / 1e9);
  }

  /** A replica that does not show yet what the session has seen does not show this either. */
  private static boolean isReadable(Conversation conversation, RingWord word) {
    try {
      return conversation.session().feed(RingWord.FEED, false).stream()
          .anyMatch(entry -> entry.value().equals(word.entry()));
    } catch (TidingsException e) {
      if (e.reason() == Reason.NOT_YET_VISIBLE) {
        return false;
      }
      throw e;
    }
  }
}
