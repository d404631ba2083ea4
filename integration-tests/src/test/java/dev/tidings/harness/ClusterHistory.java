package dev.tidings.harness;

import com.google.protobuf.ByteString;
import dev.tidings.clock.Position;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.ObjectName;
import dev.tidings.history.ObjectOperation;
import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.FeedEntry;
import dev.tidings.v1.MultiPut;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.Remove;
import dev.tidings.v1.Version;
import dev.tidings.v1.WriteInfo;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.function.BiConsumer;
import java.util.function.Consumer;
import java.util.function.ObjIntConsumer;
import java.util.function.Predicate;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What sessions saw of a cluster's registers k0, k1, …, and of its objects, for the checker. */
public final class ClusterHistory {
  private final List<Entry> entries = new ArrayList<>();

  /**
   * Something that a session did.
   *
   * @param session empty for what a replica holds in the end
   * @param positions of the writes that it has seen by it, its own included
   */
  private record Entry(
      String session, List<Position> positions, ObjIntConsumer<History.Builder> record) {}

  /** Each one-way link's delay, below 1.5 s, as for {@code --delay}. */
  public static String randomDelays(int replicas, Random chance) {
    var delays = new ArrayList<String>();
    for (int from = 1; from <= replicas; from++) {
      for (int to = 1; to <= replicas; to++) {
        if (from != to) {
          delays.add("%d>%d=%dms".formatted(from, to, chance.nextInt(1_500)));
        }
      }
    }
    return String.join(",", delays);
  }

  public static ReadItem[] items(int from, int to) {
    return IntStream.range(from, to)
        .mapToObj(k -> TestSession.key("k" + k))
        .toArray(ReadItem[]::new);
  }

  /** Records a write. */
  public void write(
      String session,
      List<Mutation> mutations,
      Outcome outcome,
      @Nullable ClientWriteResponse response) {
    write(session, mutations, outcome, false, response);
  }

  /**
   * Records a write.
   *
   * @param retried whether several replicas may have accepted it
   */
  public void write(
      String session,
      List<Mutation> mutations,
      Outcome outcome,
      boolean retried,
      @Nullable ClientWriteResponse response) {
    @Nullable SeenVersion version = response == null ? null : seen(response.getVersion());
    entries.add(
        new Entry(
            session,
            response == null ? List.of() : List.of(Wire.fromProto(response.getPosition())),
            (history, line) -> {
              begin(history, session, outcome);
              if (retried) {
                history.retried();
              }
              for (Mutation each : mutations) {
                if (each.hasPut()) {
                  String value = text(each.getPut().getValue());
                  history.write(line, text(each.getPut().getKey()), value, version);
                } else if (each.hasDelete()) {
                  history.write(line, text(each.getDelete().getKey()), null, version);
                } else {
                  history.object(line, operation(each, null, version));
                }
              }
            }));
  }

  private static ObjectOperation operation(
      Mutation change, @Nullable String map, @Nullable SeenVersion version) {
    return switch (change.getKindCase()) {
      case MULTI_PUT -> {
        MultiPut put = change.getMultiPut();
        yield put.hasValue()
            ? update(
                ObjectName.Type.MULTI,
                map,
                put.getKey(),
                Kind.PUT,
                List.of(put.getValue()),
                version)
            : update(ObjectName.Type.MULTI, map, put.getKey(), Kind.CLEAR, List.of(), version);
      }
      case INCREMENT ->
          new Update(
              new ObjectName(
                  ObjectName.Type.COUNTER, map, text(change.getIncrement().getCounter())),
              Kind.INCREMENT,
              List.of(),
              change.getIncrement().getBy(),
              version);
      case DELETE_COUNTER ->
          update(
              ObjectName.Type.COUNTER,
              map,
              change.getDeleteCounter().getCounter(),
              Kind.CLEAR,
              List.of(),
              version);
      case ADD ->
          update(
              ObjectName.Type.SET,
              map,
              change.getAdd().getSet(),
              Kind.ADD,
              change.getAdd().getElementsList(),
              version);
      case REMOVE -> {
        Remove remove = change.getRemove();
        yield remove.getAll()
            ? update(ObjectName.Type.SET, map, remove.getSet(), Kind.CLEAR, List.of(), version)
            : update(
                ObjectName.Type.SET,
                map,
                remove.getSet(),
                Kind.REMOVE,
                remove.getElementsList(),
                version);
      }
      case APPEND ->
          update(
              ObjectName.Type.FEED,
              map,
              change.getAppend().getFeed(),
              Kind.APPEND,
              List.of(change.getAppend().getValue()),
              version);
      case IN_MAP ->
          operation(change.getInMap().getChange(), text(change.getInMap().getMap()), version);
      case DELETE_MAP -> new MapDelete(text(change.getDeleteMap().getMap()), version);
      default -> throw new AssertionError(change);
    };
  }

  private static Update update(
      ObjectName.Type type,
      @Nullable String map,
      ByteString key,
      Kind kind,
      List<ByteString> values,
      @Nullable SeenVersion version) {
    return new Update(
        new ObjectName(type, map, text(key)),
        kind,
        values.stream().map(ClusterHistory::text).toList(),
        0,
        version);
  }

  /** Records an answer: registers, and objects, whole or a map's fields. */
  public void read(String session, List<ReadItem> items, ClientReadResponse response) {
    entries.add(
        new Entry(
            session,
            response.getResultsList().stream().flatMap(ClusterHistory::positions).toList(),
            (history, line) -> {
              begin(history, session, Outcome.OK);
              each(
                  items,
                  response,
                  (key, register) -> {
                    if (register.getNeverWritten()) {
                      history.readNeverWritten(line, key);
                    } else {
                      history.read(line, key, value(register), version(register));
                    }
                  },
                  reading -> history.object(line, reading));
            }));
  }

  /**
   * Records what a replica holds in the end. Of a register that is absent one replica may have
   * forgotten when it was deleted, and another not: so nothing is said of that.
   */
  public void end(int replica, List<ReadItem> items, ClientReadResponse response) {
    String name = Integer.toString(replica);
    entries.add(
        new Entry(
            "",
            List.of(),
            (history, line) ->
                each(
                    items,
                    response,
                    (key, register) ->
                        history.finalValue(
                            line,
                            name,
                            key,
                            value(register),
                            register.hasValue() ? version(register) : null),
                    reading -> history.finalReading(line, name, reading))));
  }

  private static void each(
      List<ReadItem> items,
      ClientReadResponse response,
      BiConsumer<String, Register> registers,
      Consumer<Reading> objects) {
    for (int i = 0; i < items.size(); i++) {
      ReadItem item = items.get(i);
      ReadResult result = response.getResults(i);
      if (item.hasKey()) {
        registers.accept(text(item.getKey()), result.getRegister());
      } else if (item.hasInMap()) {
        String map = text(item.getInMap().getMap());
        objects.accept(reading(map, key(item.getInMap().getItem()), result));
      } else {
        objects.accept(reading(null, key(item), result));
      }
    }
  }

  private static String key(ReadItem item) {
    return text(
        switch (item.getKindCase()) {
          case FEED -> item.getFeed().getFeed();
          case MULTI -> item.getMulti();
          case COUNTER -> item.getCounter();
          case SET -> item.getSet().getSet();
          default -> throw new AssertionError(item);
        });
  }

  private static Reading reading(@Nullable String map, String key, ReadResult result) {
    return switch (result.getKindCase()) {
      case FEED ->
          new Reading(
              new ObjectName(ObjectName.Type.FEED, map, key),
              entries(result.getFeed().getEntriesList()),
              0,
              null,
              result.getFeed().getNext().isEmpty());
      case MULTI ->
          new Reading(
              new ObjectName(ObjectName.Type.MULTI, map, key),
              entries(result.getMulti().getValuesList()),
              0,
              changes(result.getMulti().getChangedByList()),
              true);
      case COUNTER ->
          new Reading(
              new ObjectName(ObjectName.Type.COUNTER, map, key),
              List.of(),
              result.getCounter().getValue(),
              changes(result.getCounter().getChangedByList()),
              true);
      case SET ->
          new Reading(
              new ObjectName(ObjectName.Type.SET, map, key),
              result.getSet().getElementsList().stream()
                  .map(element -> new Seen(text(element), null))
                  .toList(),
              0,
              changes(result.getSet().getChangedByList()),
              result.getSet().getNext().isEmpty());
      default -> throw new AssertionError(result);
    };
  }

  private static List<Seen> entries(List<FeedEntry> entries) {
    return entries.stream()
        .map(entry -> new Seen(text(entry.getValue()), seen(entry.getWrittenBy().getVersion())))
        .toList();
  }

  private static List<SeenVersion> changes(List<WriteInfo> changedBy) {
    return changedBy.stream().map(last -> seen(last.getVersion())).toList();
  }

  /** Of the writes that a result tells of. */
  private static Stream<Position> positions(ReadResult result) {
    return writes(result).map(write -> Wire.fromProto(write.getPosition()));
  }

  /** All writes that a result tells of. */
  public static Stream<WriteInfo> writes(ReadResult result) {
    return switch (result.getKindCase()) {
      case REGISTER ->
          result.getRegister().hasWrittenBy()
              ? Stream.of(result.getRegister().getWrittenBy())
              : Stream.of();
      case FEED -> result.getFeed().getEntriesList().stream().map(FeedEntry::getWrittenBy);
      case MULTI ->
          Stream.concat(
              result.getMulti().getValuesList().stream().map(FeedEntry::getWrittenBy),
              result.getMulti().getChangedByList().stream());
      case COUNTER -> result.getCounter().getChangedByList().stream();
      case SET -> result.getSet().getChangedByList().stream();
      default -> throw new AssertionError(result);
    };
  }

  /** By causal convergence, from which the session guarantees follow. */
  public Judgement judge() {
    return judge(entries);
  }

  /**
   * As {@link #judge()}, where writes have been lost: first all that sessions saw while these were
   * there; and if that is causal, what the replicas hold in the end, and what sessions saw before
   * they had seen one of them. Nothing in it has seen what is left out, or it would have seen a
   * lost write too.
   */
  public Judgement judge(Predicate<Position> isThere) {
    Judgement all = judge(entries.stream().filter(entry -> !entry.session.isEmpty()).toList());
    if (all.violation().isPresent()) {
      return all;
    }
    Set<String> ended = new HashSet<>();
    var surviving = new ArrayList<Entry>();
    for (Entry entry : entries) {
      if (!entry.positions.stream().allMatch(isThere)) {
        ended.add(entry.session);
      }
      if (!ended.contains(entry.session)) {
        surviving.add(entry);
      }
    }
    return judge(surviving);
  }

  private static Judgement judge(List<Entry> entries) {
    var history = new History.Builder();
    for (int i = 0; i < entries.size(); i++) {
      entries.get(i).record.accept(history, i + 1);
    }
    return Checker.judge(history.build(), Model.CCV, groups -> {});
  }

  private static void begin(History.Builder history, String session, Outcome outcome) {
    history.group(session, outcome, null, History.NO_TIME, History.NO_TIME);
  }

  private static @Nullable String value(Register register) {
    return register.hasValue() ? text(register.getValue()) : null;
  }

  private static @Nullable SeenVersion version(Register register) {
    return register.hasWrittenBy() ? seen(register.getWrittenBy().getVersion()) : null;
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.getLamportTime(),
        version.getOrigin().getReplicaId(),
        version.getOrigin().getIncarnation());
  }

  private static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }
}
