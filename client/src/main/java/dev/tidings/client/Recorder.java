package dev.tidings.client;

import dev.tidings.client.history.HistoryText;
import dev.tidings.client.history.HistoryWriter;
import dev.tidings.client.history.HistoryWriter.Operation;
import dev.tidings.clock.Version;
import dev.tidings.history.ObjectName;
import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import dev.tidings.history.Outcome;
import dev.tidings.history.RegisterName;
import dev.tidings.history.SeenVersion;
import java.io.BufferedOutputStream;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Writes down what sessions read and write, as a history for {@code bin/client check}; see {@link
 * Session#recordTo}. A write that was refused is recorded as aborted, one without an answer as of
 * unknown outcome, and a read without an answer not at all. All types and conditions are recorded;
 * of a range or a map what was found, not what was not there. Left out is what a watch tells.
 *
 * <p>The history says that nobody else has written the keys: a value from elsewhere is, to the
 * checker, one that nobody wrote. Safe for any number of threads.
 */
public final class Recorder implements AutoCloseable {
  private final HistoryWriter history;

  /** The first; after it nothing is recorded any more. */
  private @Nullable IOException failure;

  private Recorder(HistoryWriter history) {
    this.history = history;
  }

  /**
   * Begins a history, in place of what the file held.
   *
   * @throws IOException if the file cannot be written
   */
  public static Recorder to(Path file) throws IOException {
    return new Recorder(new HistoryWriter(new BufferedOutputStream(Files.newOutputStream(file))));
  }

  /**
   * @param replica which answered, or where the session was if none did
   * @param start when the request was sent, microseconds since 1970
   * @param unanswered the replicas at which a try may have happened that was not answered
   * @param ended gives the answer, or throws why there is none
   */
  void write(
      String session,
      String replica,
      long start,
      Set<String> unanswered,
      List<Mutation> mutations,
      List<Condition> conditions,
      AsyncSession.Outcome<DurableWrite> ended) {
    @Nullable SeenVersion version = null;
    Outcome outcome = Outcome.OK;
    Set<String> tried = new HashSet<>(unanswered);
    try {
      version = seen(ended.get().write().version());
      tried.add(replica);
    } catch (TidingsException e) {
      outcome = e.outcomeUnknown() ? Outcome.UNKNOWN : Outcome.ABORTED;
    }
    boolean countsOnce = conditions.isEmpty() && mutations.stream().allMatch(Mutation::commutes);
    for (int i = 1; i < tried.size() && !countsOnce; i++) {
      // Each would be a write of its own.
      add(session, Outcome.UNKNOWN, false, replica, start, operations(mutations, conditions, null));
    }
    boolean retried = tried.size() > 1 && countsOnce;
    add(session, outcome, retried, replica, start, operations(mutations, conditions, version));
  }

  private static List<Operation> operations(
      List<Mutation> mutations, List<Condition> conditions, @Nullable SeenVersion version) {
    var operations = new ArrayList<Operation>();
    for (Condition condition : conditions) {
      @Nullable Version expected = condition.version();
      operations.add(
          Operation.condition(
              register(condition.map(), condition.key()),
              expected == null ? null : seen(expected)));
    }
    for (Mutation mutation : mutations) {
      if (mutation instanceof Mutation.DeleteMap delete) {
        operations.add(Operation.of(new MapDelete(text(delete.map()), version)));
      } else if (mutation instanceof Mutation.InMap field) {
        operations.add(change(field.change(), field.map(), version));
      } else if (mutation instanceof Mutation.Simple change) {
        operations.add(change(change, null, version));
      } else {
        throw new AssertionError(mutation);
      }
    }
    return operations;
  }

  private static Operation change(
      Mutation.Simple change, @Nullable Bytes map, @Nullable SeenVersion version) {
    if (change instanceof Mutation.Put put) {
      return Operation.write(register(map, put.key()), text(put.value()), version);
    }
    if (change instanceof Mutation.Delete delete) {
      return Operation.write(register(map, delete.key()), null, version);
    }
    return Operation.of(update(change, map == null ? null : text(map), version));
  }

  private static RegisterName register(@Nullable Bytes map, Bytes key) {
    return new RegisterName(map == null ? null : text(map), text(key));
  }

  private static Update update(
      Mutation.Simple change, @Nullable String map, @Nullable SeenVersion version) {
    if (change instanceof Mutation.MultiPut put) {
      return update(ObjectName.Type.MULTI, map, put.key(), Kind.PUT, List.of(put.value()), version);
    }
    if (change instanceof Mutation.MultiDelete delete) {
      return update(ObjectName.Type.MULTI, map, delete.key(), Kind.CLEAR, List.of(), version);
    }
    if (change instanceof Mutation.Increment increment) {
      ObjectName counter = new ObjectName(ObjectName.Type.COUNTER, map, text(increment.counter()));
      return new Update(counter, Kind.INCREMENT, List.of(), increment.by(), version);
    }
    if (change instanceof Mutation.DeleteCounter delete) {
      return update(ObjectName.Type.COUNTER, map, delete.counter(), Kind.CLEAR, List.of(), version);
    }
    if (change instanceof Mutation.Add add) {
      return update(ObjectName.Type.SET, map, add.set(), Kind.ADD, add.elements(), version);
    }
    if (change instanceof Mutation.Remove remove) {
      return update(
          ObjectName.Type.SET, map, remove.set(), Kind.REMOVE, remove.elements(), version);
    }
    if (change instanceof Mutation.RemoveAll all) {
      return update(ObjectName.Type.SET, map, all.set(), Kind.CLEAR, List.of(), version);
    }
    if (change instanceof Mutation.Append append) {
      return update(
          ObjectName.Type.FEED, map, append.feed(), Kind.APPEND, List.of(append.value()), version);
    }
    throw new AssertionError(change);
  }

  private static Update update(
      ObjectName.Type type,
      @Nullable String map,
      Bytes key,
      Kind kind,
      List<Bytes> values,
      @Nullable SeenVersion version) {
    return new Update(
        new ObjectName(type, map, text(key)),
        kind,
        values.stream().map(Recorder::text).toList(),
        0,
        version);
  }

  /** As {@link #write}. */
  void read(
      String session,
      String replica,
      long start,
      Query query,
      AsyncSession.Outcome<Snapshot> ended) {
    Snapshot snapshot;
    try {
      snapshot = ended.get();
    } catch (TidingsException e) {
      return;
    }
    var operations = new ArrayList<Operation>();
    for (Item<?> item : query.items()) {
      if (item instanceof Item.Range range) {
        for (KeyValue each : snapshot.get(range).registers()) {
          operations.add(
              Operation.read(
                  register(null, each.key()),
                  text(each.value()),
                  seen(each.writtenBy().version())));
        }
      } else if (item instanceof Item.Fields fields) {
        for (MapField field : snapshot.get(fields).fields()) {
          addReading(field.name(), fields.map(), true, field.content(), operations);
        }
      } else if (item instanceof Item.InMap<?> field) {
        addReading(
            key(field.item()),
            field.map(),
            isFirstPage(field.item()),
            snapshot.get(field),
            operations);
      } else if (item instanceof Item.Simple<?> simple) {
        addReading(key(simple), null, isFirstPage(simple), snapshot.get(simple), operations);
      } else {
        throw new AssertionError(item);
      }
    }
    add(session, Outcome.OK, false, replica, start, operations);
  }

  private static Bytes key(Item.Simple<?> item) {
    if (item instanceof Item.Register register) {
      return register.key();
    }
    if (item instanceof Item.Multi multi) {
      return multi.key();
    }
    if (item instanceof Item.Counter counter) {
      return counter.counter();
    }
    if (item instanceof Item.Elements set) {
      return set.set();
    }
    if (item instanceof Item.Feed feed) {
      return feed.feed();
    }
    throw new AssertionError(item);
  }

  private static boolean isFirstPage(Item.Simple<?> item) {
    return item instanceof Item.Elements set
        ? set.from().size() == 0
        : !(item instanceof Item.Feed feed) || feed.after().size() == 0;
  }

  private static void addReading(
      Bytes key, @Nullable Bytes map, boolean isFirst, Content content, List<Operation> to) {
    if (!(content instanceof Value value)) {
      @Nullable String ofMap = map == null ? null : text(map);
      to.add(Operation.of(reading(key, ofMap, isFirst, content)));
      return;
    }
    RegisterName register = register(map, key);
    to.add(
        value.neverWritten()
            ? Operation.readNeverWritten(register)
            : Operation.read(register, text(value), version(value)));
  }

  private static Reading reading(
      Bytes key, @Nullable String map, boolean isFirst, Content content) {
    if (content instanceof MultiValue multi) {
      return new Reading(
          new ObjectName(ObjectName.Type.MULTI, map, text(key)),
          multi.values().stream()
              .map(each -> new Seen(text(each.bytes()), seen(each.writtenBy().version())))
              .toList(),
          0,
          changes(multi.changedBy()),
          true);
    }
    if (content instanceof CounterValue counter) {
      return new Reading(
          new ObjectName(ObjectName.Type.COUNTER, map, text(key)),
          List.of(),
          counter.value(),
          changes(counter.changedBy()),
          true);
    }
    if (content instanceof SetPage set) {
      return new Reading(
          new ObjectName(ObjectName.Type.SET, map, text(key)),
          set.elements().stream().map(element -> new Seen(text(element), null)).toList(),
          0,
          changes(set.changedBy()),
          isFirst && set.next().size() == 0);
    }
    if (content instanceof FeedPage feed) {
      return new Reading(
          new ObjectName(ObjectName.Type.FEED, map, text(key)),
          feed.entries().stream()
              .map(entry -> new Seen(text(entry.value()), seen(entry.writtenBy().version())))
              .toList(),
          0,
          null,
          isFirst && feed.next().size() == 0);
    }
    throw new AssertionError(content);
  }

  private static List<SeenVersion> changes(List<WriteInfo> changedBy) {
    return changedBy.stream().map(last -> seen(last.version())).toList();
  }

  /**
   * Records what a replica held when all that was written had reached it.
   *
   * @param replica its address, or another name
   * @param item an object, or a map's field
   * @param content of the item, from its beginning
   */
  public void finalContent(String replica, Item<?> item, Content content) {
    @Nullable Bytes map = null;
    Bytes key;
    if (item instanceof Item.InMap<?> field) {
      map = field.map();
      key = key(field.item());
    } else if (item instanceof Item.Simple<?> simple) {
      key = key(simple);
    } else {
      throw new IllegalArgumentException(item + " is of several objects");
    }
    RegisterName register = register(map, key);
    if (content instanceof Value value) {
      record(() -> history.finalValue(replica, register, text(value), version(value)));
    } else {
      Reading reading = reading(key, register.map(), true, content);
      record(() -> history.finalReading(replica, reading));
    }
  }

  private void add(
      String session,
      Outcome outcome,
      boolean retried,
      String replica,
      long start,
      List<Operation> operations) {
    if (!operations.isEmpty()) {
      long end = nowMicros();
      record(() -> history.group(session, outcome, retried, replica, start, end, operations));
    }
  }

  private interface Line {
    void write() throws IOException;
  }

  private synchronized void record(Line line) {
    if (failure != null) {
      return;
    }
    try {
      line.write();
    } catch (IOException e) {
      failure = e;
    }
  }

  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }

  private static String text(Bytes bytes) {
    return HistoryText.of(bytes.toByteArray());
  }

  private static @Nullable String text(Value value) {
    @Nullable Bytes bytes = value.bytes();
    return bytes == null ? null : text(bytes);
  }

  private static @Nullable SeenVersion version(Value value) {
    @Nullable WriteInfo write = value.writtenBy();
    return write == null ? null : seen(write.version());
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.lamportTime(), version.origin().replicaId(), version.origin().incarnation());
  }

  /**
   * Ends the history.
   *
   * @throws IOException if something could not be written; the history is then incomplete
   */
  @Override
  public synchronized void close() throws IOException {
    try {
      history.close();
    } catch (IOException e) {
      failure = failure == null ? e : failure;
    }
    if (failure != null) {
      throw failure;
    }
  }
}
