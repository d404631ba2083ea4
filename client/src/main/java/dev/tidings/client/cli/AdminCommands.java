package dev.tidings.client.cli;

import dev.tidings.client.LogLevel;
import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.ReplicaStatus.Link;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.function.UnaryOperator;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** For people who run replicas: their simulated links, and what they log. */
final class AdminCommands {
  private static final Duration MAX_DELAY = Duration.ofDays(1);

  private AdminCommands() {}

  @Command(
      description = "Change simulated links: 1-3 both ways, 1>3 one way.",
      footer = {
        "",
        "For example:",
        "  link 1-3 delay=20s       what 1 and 3 send each other takes 20 s",
        "  link 1-3 2-3 cut         nothing reaches replica 3, nor leaves it",
        "  link 1-3 2-3 heal        it all arrives, in order",
        "  link 1>3 cut 2-3 delay=500ms"
      })
  static final class ChangeLink implements ClientCommand {
    @Parameters(
        paramLabel = "LINK… delay=DURATION|cut|heal",
        arity = "1..*",
        description = "Links, then what is to be done with them; repeat for more.")
    private List<String> words = List.of();

    @Override
    public void run(Conversation conversation) {
      List<LinkChange> changes = LinkChange.parse(words);
      var cluster = SeenCluster.from(conversation, conversation.session().replica());
      for (LinkChange change : changes) {
        Link link = change.apply(cluster);
        conversation
            .out()
            .printf(
                "link %d>%d: delay %s%s%n",
                change.from(),
                change.to(),
                Durations.words(link.delay()),
                link.cut() ? ", cut" : "");
      }
    }
  }

  /** What is to be done with one link, one way. */
  private record LinkChange(int from, int to, UnaryOperator<Link> action) {
    private static final Pattern LINK = Pattern.compile("(\\d{1,9})([->])(\\d{1,9})");

    static List<LinkChange> parse(List<String> words) {
      var changes = new ArrayList<LinkChange>();
      var links = new ArrayList<Matcher>();
      for (String word : words) {
        Matcher link = LINK.matcher(word);
        if (link.matches()) {
          links.add(link);
          continue;
        }
        UnaryOperator<Link> action = action(word);
        if (links.isEmpty()) {
          throw CommandFailure.usage("\"" + word + "\" which link? Say, for example: 1-3 " + word);
        }
        for (Matcher each : links) {
          int a = Integer.parseInt(each.group(1));
          int b = Integer.parseInt(each.group(3));
          changes.add(new LinkChange(a, b, action));
          if (each.group(2).equals("-")) {
            changes.add(new LinkChange(b, a, action));
          }
        }
        links.clear();
      }
      if (!links.isEmpty()) {
        throw CommandFailure.usage(
            "what is to be done with link "
                + links.get(0).group()
                + "? Say delay=DURATION, cut or heal");
      }
      return changes;
    }

    private static UnaryOperator<Link> action(String word) {
      if (word.equals("cut")) {
        return link -> new Link(link.delay(), true);
      }
      if (word.equals("heal")) {
        return link -> new Link(link.delay(), false);
      }
      if (!word.startsWith("delay=")) {
        throw CommandFailure.usage(
            "\""
                + word
                + "\" is neither a link, such as 1-3 or 1>3, nor delay=DURATION, cut or heal");
      }
      try {
        Duration delay = Durations.parse(word.substring("delay=".length()));
        if (delay.compareTo(MAX_DELAY) > 0) {
          throw CommandFailure.usage("a delay of " + Durations.words(delay) + " is above a day");
        }
        return link -> new Link(delay, link.cut());
      } catch (IllegalArgumentException e) {
        throw CommandFailure.usage(String.valueOf(e.getMessage()));
      }
    }

    Link apply(SeenCluster cluster) {
      ReplicaStatus sender = cluster.status(from);
      Link now =
          sender.peers().stream()
              .filter(peer -> peer.replicaId() == to)
              .findFirst()
              .orElseThrow(
                  () ->
                      CommandFailure.refused(
                          "there is no link from replica %d to replica %d".formatted(from, to)))
              .link();
      Link next = action.apply(now);
      cluster.setLink(from, to, next);
      return next;
    }
  }

  @Command(
      description = "Change what a server logs, until it stops.",
      footer = {
        "",
        "For example:",
        "  log-level DEBUG",
        "  log-level WARN --logger dev.tidings.replica.ReplicaServer     no story of writes",
        "  log-level INFO --logger io.grpc --replica 127.0.0.1:8002"
      })
  static final class ChangeLogLevel implements ClientCommand {
    private static final String OURS = "dev.tidings";

    @Parameters(
        paramLabel = "LEVEL",
        description =
            "One of ${COMPLETION-CANDIDATES}; each logs what those before it do, and more.")
    private LogLevel level = LogLevel.INFO;

    @Option(
        names = "--logger",
        paramLabel = "NAME",
        defaultValue = OURS,
        description =
            "A package or class, and what is below it; \"\" for all that have no level of their own. Default: "
                + OURS
                + ".")
    private String logger = OURS;

    @Override
    public void run(Conversation conversation) {
      String server = conversation.session().replica();
      LogLevel before = conversation.tidings().admin(server).setLogLevel(logger, level);
      conversation
          .out()
          .printf(
              "%s logs %s at %s (before: %s)%n",
              server, logger.isEmpty() ? "everything else" : logger, level, before);
    }
  }
}
