package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.Moment;
import dev.tidings.client.Mutation;
import dev.tidings.client.Selector;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.Watch;
import dev.tidings.client.WatchQuery;
import dev.tidings.client.WatchedWrite;
import java.io.PrintWriter;
import java.nio.ByteBuffer;
import java.nio.charset.CharacterCodingException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Base64;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code watch}: writes as they become visible, a line each. */
@Command(
    description = "Tell writes as they become visible, a line each, until Ctrl-C.",
    footer = {
      "",
      "For example:",
      "  bin/client watch color size                      two values",
      "  bin/client watch --prefix user/ --feed news      all keys that begin so, and a feed",
      "  bin/client watch --all --output json             everything",
      "  bin/client watch --all --since MOMENT --or 127.0.0.1:8001",
      "",
      "A connection that breaks is made again, for ever. The last line says how to go on later; as JSON,",
      "each line has the moment after it. With --session, what is told is a dependency of what the session",
      "does next."
    })
final class WatchCommand implements ClientCommand {
  private static final ObjectMapper JSON = new ObjectMapper();

  /** What a killed client is given to say how to go on. */
  private static final long LAST_WORDS_SECONDS = 2;

  private enum Output {
    TEXT,
    JSON
  }

  @Parameters(paramLabel = "KEY", arity = "0..*", description = "Values.")
  private List<String> keys = List.of();

  @Option(names = "--feed", paramLabel = "F", description = "A feed; may be repeated.")
  private List<String> feeds = List.of();

  @Option(
      names = "--prefix",
      paramLabel = "P",
      description = "All keys and feeds that begin so; may be repeated.")
  private List<String> prefixes = List.of();

  @Option(names = "--all", description = "Everything.")
  private boolean all;

  @Option(
      names = "--since",
      paramLabel = "MOMENT",
      description = "Tell all that came after a moment of an earlier watch. Default: from now on.")
  private @Nullable String since;

  @Option(
      names = "--or",
      paramLabel = "HOST:PORT",
      description = "A replica to go on at when the first does not answer; may be repeated.")
  private List<String> others = List.of();

  @Option(names = "--count", paramLabel = "N", description = "End after N writes.")
  private long count = Long.MAX_VALUE;

  @Option(names = "--output", paramLabel = "FORMAT", description = "text or json. Default: text.")
  private Output output = Output.TEXT;

  @Override
  public void run(Conversation conversation) {
    if (count < 1) {
      throw CommandFailure.usage("--count is 1 or more");
    }
    var done = new CountDownLatch(1);
    try (Watch watch = conversation.session().watch(query())) {
      // Ctrl-C ends the process, if nobody sits at a terminal of ours.
      var lastWords = new Thread(() -> awaitEnd(watch, done), "watch-end");
      Runtime.getRuntime().addShutdownHook(lastWords);
      try {
        tell(watch, conversation);
      } finally {
        done.countDown();
        remove(lastWords);
      }
    }
  }

  private static void awaitEnd(Watch watch, CountDownLatch done) {
    watch.close();
    try {
      done.await(LAST_WORDS_SECONDS, TimeUnit.SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private static void remove(Thread hook) {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The process is about to end.
    }
  }

  private WatchQuery query() {
    var selectors = new ArrayList<Selector>();
    keys.forEach(key -> selectors.add(new Selector.Register(Bytes.of(key))));
    feeds.forEach(feed -> selectors.add(new Selector.Feed(Bytes.of(feed))));
    try {
      prefixes.forEach(prefix -> selectors.add(new Selector.Prefix(Bytes.of(prefix))));
      if (all) {
        selectors.add(new Selector.Everything());
      }
      if (selectors.isEmpty()) {
        throw CommandFailure.usage("watch what? Keys, --feed, --prefix or --all");
      }
      return new WatchQuery(selectors, since == null ? null : Moment.parse(since), others);
    } catch (IllegalArgumentException e) {
      throw CommandFailure.usage(String.valueOf(e.getMessage()));
    }
  }

  private void tell(Watch watch, Conversation conversation) {
    try {
      watch.begin();
      for (long told = 0; told < count; told++) {
        WatchedWrite write = watch.next();
        conversation.out().println(output == Output.JSON ? json(write) : words(write));
        conversation.keep();
      }
    } catch (TidingsException e) {
      // Ctrl-C is how a watch ends.
      if (e.reason() != Reason.CLOSED && !Thread.interrupted()) {
        throw e;
      }
    } finally {
      if (output == Output.TEXT) {
        PrintWriter out = conversation.out();
        watch.moment().ifPresent(moment -> out.println("to go on: watch --since " + moment));
      }
    }
  }

  private static String words(WatchedWrite write) {
    return "%s: %s"
        .formatted(
            StoreCommands.words(write.write()),
            write.changes().stream()
                .map(it -> words(it.mutation()) + (it.replaced() ? " (replaced)" : ""))
                .collect(Collectors.joining(", ")));
  }

  private static String words(Mutation mutation) {
    if (mutation instanceof Mutation.Put put) {
      return "put %s = %s".formatted(Printable.of(put.key()), Printable.of(put.value()));
    } else if (mutation instanceof Mutation.Delete delete) {
      return "delete " + Printable.of(delete.key());
    } else if (mutation instanceof Mutation.Append append) {
      return "append %s + %s".formatted(Printable.of(append.feed()), Printable.of(append.value()));
    } else if (mutation instanceof Mutation.MultiPut put) {
      return "put --multi %s = %s".formatted(Printable.of(put.key()), Printable.of(put.value()));
    } else if (mutation instanceof Mutation.MultiDelete delete) {
      return "delete --multi " + Printable.of(delete.key());
    } else if (mutation instanceof Mutation.Increment increment) {
      return "incr %s by %d".formatted(Printable.of(increment.counter()), increment.by());
    } else if (mutation instanceof Mutation.DeleteCounter delete) {
      return "delete --counter " + Printable.of(delete.counter());
    } else if (mutation instanceof Mutation.Add add) {
      return "add %s + %s".formatted(Printable.of(add.set()), list(add.elements()));
    } else if (mutation instanceof Mutation.Remove remove) {
      return "remove %s - %s".formatted(Printable.of(remove.set()), list(remove.elements()));
    } else if (mutation instanceof Mutation.RemoveAll remove) {
      return "remove --all " + Printable.of(remove.set());
    } else if (mutation instanceof Mutation.DeleteMap delete) {
      return "delete --map " + Printable.of(delete.map());
    } else if (mutation instanceof Mutation.InMap field) {
      return "in map %s: %s".formatted(Printable.of(field.map()), words(field.change()));
    }
    throw new AssertionError(mutation);
  }

  private static String list(List<Bytes> elements) {
    return elements.stream().map(Printable::of).collect(Collectors.joining(", "));
  }

  private static String json(WatchedWrite write) {
    ObjectNode json =
        JSON.createObjectNode()
            .put("version", write.write().version().toString())
            .put("position", write.write().position().toString());
    var changes = json.putArray("changes");
    for (WatchedWrite.Change change : write.changes()) {
      ObjectNode node = changes.addObject();
      describe(node, change.mutation());
      if (change.mutation() instanceof Mutation.Put
          || change.mutation() instanceof Mutation.Delete) {
        node.put("replaced", change.replaced());
      }
    }
    return json.put("moment", write.moment().toString()).toString();
  }

  private static void describe(ObjectNode node, Mutation mutation) {
    if (mutation instanceof Mutation.Put put) {
      text(node.put("type", "put"), "key", put.key());
      text(node, "value", put.value());
    } else if (mutation instanceof Mutation.Delete delete) {
      text(node.put("type", "delete"), "key", delete.key());
    } else if (mutation instanceof Mutation.Append append) {
      text(node.put("type", "append"), "feed", append.feed());
      text(node, "value", append.value());
    } else if (mutation instanceof Mutation.MultiPut put) {
      text(node.put("type", "multi-put"), "key", put.key());
      text(node, "value", put.value());
    } else if (mutation instanceof Mutation.MultiDelete delete) {
      text(node.put("type", "multi-delete"), "key", delete.key());
    } else if (mutation instanceof Mutation.Increment increment) {
      text(node.put("type", "increment"), "counter", increment.counter());
      node.put("by", increment.by());
    } else if (mutation instanceof Mutation.DeleteCounter delete) {
      text(node.put("type", "delete-counter"), "counter", delete.counter());
    } else if (mutation instanceof Mutation.Add add) {
      text(node.put("type", "add"), "set", add.set());
      elements(node, add.elements());
    } else if (mutation instanceof Mutation.Remove remove) {
      text(node.put("type", "remove"), "set", remove.set());
      elements(node, remove.elements());
    } else if (mutation instanceof Mutation.RemoveAll remove) {
      text(node.put("type", "remove-all"), "set", remove.set());
    } else if (mutation instanceof Mutation.DeleteMap delete) {
      text(node.put("type", "delete-map"), "map", delete.map());
    } else if (mutation instanceof Mutation.InMap field) {
      describe(node, field.change());
      text(node, "map", field.map());
    } else {
      throw new AssertionError(mutation);
    }
  }

  private static void elements(ObjectNode node, List<Bytes> elements) {
    var array = node.putArray("elements");
    elements.forEach(element -> text(array.addObject(), "element", element));
  }

  /** As text where it is UTF-8, and else in base64 under another name. */
  private static void text(ObjectNode node, String name, Bytes bytes) {
    try {
      node.put(
          name,
          StandardCharsets.UTF_8
              .newDecoder()
              .decode(ByteBuffer.wrap(bytes.toByteArray()))
              .toString());
    } catch (CharacterCodingException e) {
      node.put(name + "_base64", Base64.getEncoder().encodeToString(bytes.toByteArray()));
    }
  }
}
