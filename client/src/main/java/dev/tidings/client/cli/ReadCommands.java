package dev.tidings.client.cli;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.client.Bytes;
import dev.tidings.client.Content;
import dev.tidings.client.CounterValue;
import dev.tidings.client.FeedPage;
import dev.tidings.client.Item;
import dev.tidings.client.KeyValue;
import dev.tidings.client.MapField;
import dev.tidings.client.MultiValue;
import dev.tidings.client.MultiValue.Sibling;
import dev.tidings.client.SetPage;
import dev.tidings.client.Value;
import dev.tidings.client.WriteInfo;
import java.util.Iterator;
import java.util.function.Supplier;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** What the store holds, of every type. */
final class ReadCommands {
  private static final int PAGE = 1_000;

  private ReadCommands() {}

  @Command(
      description = "Read a value.",
      footer = {
        "",
        "Where there is none, the exit code is 4.",
        "",
        "For example:",
        "  get color",
        "  get photo --output value > ring.jpg        the bytes, and nothing else",
        "  get color --output json                    with its version",
        "  get --multi wish                           all values that were put at the same time",
        "  get city --map alice                       field city of map alice",
        "  get color --keep                           and its moment, in the last line",
        "  get name --at CAISB3RpZ...                 from that moment"
      })
  static final class Get implements ClientCommand {
    @Parameters(paramLabel = "K", description = "The key.")
    private String key = "";

    @Option(names = "--multi", description = "Of a multi-value register.")
    private boolean multi;

    @Option(
        names = {"-v", "--verbose"},
        description = "With version and position.")
    private boolean verbose;

    @Mixin private final Names names = new Names();

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Bytes name = Names.of(key);
      if (multi) {
        readMulti(conversation, name);
        return;
      }
      Value value = moment.read(conversation, names.in(Item.register(name)));
      try (Rows rows = moment.rows(conversation, output)) {
        var row = new RegisterRow(name, value, verbose);
        if (value.bytes() == null) {
          output.absent(conversation, rows, row);
        } else {
          rows.addOnly(row);
        }
        moment.tell(rows);
      }
    }

    private void readMulti(Conversation conversation, Bytes name) {
      MultiValue value = moment.read(conversation, names.in(Item.multi(name)));
      try (Rows rows = moment.rows(conversation, output)) {
        if (value.values().isEmpty()) {
          rows.addText("(absent: no value here)");
          conversation.sayAbsent();
        }
        for (Sibling each : value.values()) {
          var row = new EntryRow("key", name, each.bytes(), each.writtenBy(), verbose);
          if (value.values().size() == 1) {
            rows.addOnly(row);
          } else {
            rows.add(row);
          }
        }
        moment.tell(rows);
      }
    }
  }

  private record RegisterRow(Bytes key, Value read, boolean verbose) implements Rows.Row {
    @Override
    public String text() {
      @Nullable WriteInfo write = read.writtenBy();
      @Nullable Bytes bytes = read.bytes();
      if (bytes != null) {
        return Printable.of(bytes) + (write == null ? "" : details(write, verbose));
      } else if (write != null) {
        return "(absent: deleted by " + StoreCommands.words(write) + ")";
      }
      return read.neverWritten()
          ? "(absent: never written here)"
          : "(absent: never written here, or deleted long ago)";
    }

    @Override
    public void json(ObjectNode row) {
      row.put("key", Rows.json(key));
      @Nullable Bytes bytes = read.bytes();
      row.put("value", bytes == null ? null : Rows.json(bytes));
      @Nullable WriteInfo write = read.writtenBy();
      if (write != null) {
        Rows.put(row, write);
      }
    }

    @Override
    public Bytes value() {
      @Nullable Bytes bytes = read.bytes();
      return bytes == null ? Bytes.EMPTY : bytes;
    }
  }

  /**
   * One of several values.
   *
   * @param kind what the name is of
   */
  private record EntryRow(
      String kind, Bytes name, Bytes value, WriteInfo writtenBy, boolean verbose)
      implements Rows.Row {
    @Override
    public String text() {
      return Printable.of(value) + details(writtenBy, verbose);
    }

    @Override
    public void json(ObjectNode row) {
      row.put(kind, Rows.json(name)).put("value", Rows.json(value));
      Rows.put(row, writtenBy);
    }
  }

  private static String details(WriteInfo write, boolean verbose) {
    return verbose ? "\n    " + StoreCommands.words(write) : "";
  }

  @Command(
      description = "Read a counter; one that was never incremented is at 0.",
      footer = {
        "",
        "For example:",
        "  counter likes",
        "  counter visits --map alice                 field visits of map alice"
      })
  static final class Counter implements ClientCommand {
    @Parameters(paramLabel = "COUNTER", description = "Its name.")
    private String counter = "";

    @Mixin private final Names names = new Names();

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Bytes name = Names.of(counter);
      CounterValue value = moment.read(conversation, names.in(Item.counter(name)));
      try (Rows rows = moment.rows(conversation, output)) {
        rows.add(new CounterRow(name, value.value()));
        moment.tell(rows);
      }
    }
  }

  private record CounterRow(Bytes counter, long sum) implements Rows.Row {
    @Override
    public String text() {
      return String.valueOf(sum);
    }

    @Override
    public void json(ObjectNode row) {
      row.put("counter", Rows.json(counter)).put("value", sum);
    }

    @Override
    public Bytes value() {
      return Bytes.of(text());
    }
  }

  /** Of what there may be many: all, or the first ones. */
  private static final class Limit {
    @Option(
        names = "--limit",
        paramLabel = "N",
        description = "The first N only, 1 or more. Default: all.")
    private @Nullable Integer limit;

    /** What to ask for at once; 0 for as many as there are in a page. */
    int page() {
      if (limit == null) {
        return 0;
      }
      if (limit < 1) {
        throw CommandFailure.usage("--limit is 1 or more, not " + limit);
      }
      return Math.min(limit, PAGE);
    }

    <E> Stream<E> of(Stream<E> all) {
      return limit == null ? all : all.limit(limit);
    }
  }

  /** Writes rows as they are read. */
  private static void tell(
      Conversation conversation,
      AtMoment moment,
      Output output,
      Supplier<Stream<? extends Rows.Row>> read) {
    try (Rows told = moment.rows(conversation, output)) {
      Stream<? extends Rows.Row> rows = read.get();
      Iterator<? extends Rows.Row> each = rows.iterator();
      if (!each.hasNext()) {
        told.addText("(empty)");
      }
      while (each.hasNext()) {
        told.add(each.next());
      }
      moment.tell(told);
    }
  }

  @Command(
      description = "Read a set.",
      footer = {
        "",
        "For example:",
        "  members guests",
        "  members guests --limit 10",
        "  members colors --map alice                 set colors of map alice"
      })
  static final class Members implements ClientCommand {
    @Parameters(paramLabel = "SET", description = "Its name.")
    private String set = "";

    @Mixin private final Names names = new Names();

    @Mixin private final Limit limit = new Limit();

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Bytes name = Names.of(set);
      Item<SetPage> first = names.in(new Item.Elements(name, limit.page(), Bytes.EMPTY));
      tell(
          conversation,
          moment,
          output,
          () ->
              limit
                  .of(moment.stream(conversation, first))
                  .map(element -> new ElementRow(name, element)));
    }
  }

  private record ElementRow(Bytes set, Bytes value) implements Rows.Row {
    @Override
    public String text() {
      return Printable.of(value);
    }

    @Override
    public void json(ObjectNode row) {
      row.put("set", Rows.json(set)).put("element", Rows.json(value));
    }
  }

  @Command(
      description = "Read a feed, in version order.",
      footer = {
        "",
        "For example:",
        "  feed news",
        "  feed news -v --limit 10",
        "  feed notes --map alice                     feed notes of map alice"
      })
  static final class Feed implements ClientCommand {
    @Parameters(paramLabel = "FEED", description = "Its name.")
    private String feed = "";

    @Option(
        names = {"-v", "--verbose"},
        description = "With version and position.")
    private boolean verbose;

    @Mixin private final Names names = new Names();

    @Mixin private final Limit limit = new Limit();

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Bytes name = Names.of(feed);
      Item<FeedPage> first = names.in(new Item.Feed(name, limit.page(), Bytes.EMPTY));
      tell(
          conversation,
          moment,
          output,
          () ->
              limit
                  .of(moment.stream(conversation, first))
                  .map(
                      entry ->
                          new EntryRow("feed", name, entry.value(), entry.writtenBy(), verbose)));
    }
  }

  @Command(
      description = "Read values in the order of their keys.",
      footer = {
        "",
        "For example:",
        "  range                                      all",
        "  range a m                                  from a on, and below m",
        "  range --prefix user/ --limit 10",
        "  range --prefix user/ --output json"
      })
  static final class Range implements ClientCommand {
    @Parameters(
        index = "0",
        arity = "0..1",
        paramLabel = "FROM",
        description = "The first key. Default: the first of all.")
    private String from = "";

    @Parameters(
        index = "1",
        arity = "0..1",
        paramLabel = "TO",
        description = "The first key that is not in it. Default: none.")
    private String to = "";

    @Option(names = "--prefix", paramLabel = "P", description = "Keys that begin so.")
    private @Nullable String prefix;

    @Mixin private final Limit limit = new Limit();

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Item.Range range;
      if (prefix == null) {
        range = Item.range(Bytes.of(from), Bytes.of(to));
      } else if (from.isEmpty() && to.isEmpty()) {
        range = Item.prefix(Bytes.of(prefix));
      } else {
        throw CommandFailure.usage("--prefix says from where to where, so FROM has no place");
      }
      var first = new Item.Range(range.from(), range.to(), limit.page());
      tell(
          conversation,
          moment,
          output,
          () -> limit.of(moment.stream(conversation, first)).map(RangeRow::new));
    }
  }

  private record RangeRow(KeyValue register) implements Rows.Row {
    @Override
    public String text() {
      return Printable.of(register.key()) + " = " + Printable.of(register.value());
    }

    @Override
    public void json(ObjectNode row) {
      row.put("key", Rows.json(register.key())).put("value", Rows.json(register.value()));
      Rows.put(row, register.writtenBy());
    }

    @Override
    public Bytes value() {
      return register.value();
    }
  }

  @Command(
      description = "Read all fields of a map.",
      footer = {
        "",
        "A line says a field's type, its name, and one value, sum, element or entry.",
        "",
        "For example:",
        "  map alice",
        "  map alice --output json"
      })
  static final class Fields implements ClientCommand {
    @Parameters(paramLabel = "M", description = "Its name.")
    private String map = "";

    @Mixin private final AtMoment moment = new AtMoment();

    @Mixin private final Output output = new Output();

    @Override
    public void run(Conversation conversation) {
      Bytes name = Names.of(map);
      tell(
          conversation,
          moment,
          output,
          () -> moment.map(conversation, name).flatMap(field -> rows(name, field)));
    }

    private static Stream<FieldRow> rows(Bytes map, MapField field) {
      Bytes name = field.name();
      Content content = field.content();
      if (content instanceof Value value) {
        return Stream.ofNullable(value.bytes())
            .map(bytes -> new FieldRow(map, "register", name, bytes, value.writtenBy()));
      } else if (content instanceof MultiValue multi) {
        return multi.values().stream()
            .map(each -> new FieldRow(map, "multi", name, each.bytes(), each.writtenBy()));
      } else if (content instanceof CounterValue counter) {
        Bytes sum = Bytes.of(String.valueOf(counter.value()));
        return Stream.of(new FieldRow(map, "counter", name, sum, null));
      } else if (content instanceof SetPage set) {
        return set.elements().stream()
            .map(element -> new FieldRow(map, "set", name, element, null));
      } else if (content instanceof FeedPage feed) {
        return feed.entries().stream()
            .map(entry -> new FieldRow(map, "feed", name, entry.value(), entry.writtenBy()));
      }
      throw new AssertionError(content);
    }
  }

  /**
   * One value of a field.
   *
   * @param writtenBy null where the type does not say that of each
   */
  private record FieldRow(
      Bytes map, String type, Bytes field, Bytes value, @Nullable WriteInfo writtenBy)
      implements Rows.Row {
    @Override
    public String text() {
      return "%s %s = %s".formatted(type, Printable.of(field), Printable.of(value));
    }

    @Override
    public void json(ObjectNode row) {
      row.put("map", Rows.json(map)).put("type", type).put("field", Rows.json(field));
      if (type.equals("counter")) {
        row.put("value", Long.parseLong(value.utf8()));
      } else {
        row.put("value", Rows.json(value));
      }
      if (writtenBy != null) {
        Rows.put(row, writtenBy);
      }
    }
  }
}
