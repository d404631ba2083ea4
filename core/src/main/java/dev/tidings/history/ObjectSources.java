package dev.tidings.history;

import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/**
 * Which updates readings of objects have seen, as far as single values and versions tell; and
 * whatever is wrong already with a reading by itself.
 */
final class ObjectSources {
  private static final int[] NONE = {};

  /**
   * Something wrong with one reading.
   *
   * @param seen which of what it has seen
   * @param other an update that it does not go with, or -1
   */
  record Fault(Pattern pattern, int reading, int seen, int other) {}

  /** A replica in one incarnation, as versions tell it. */
  record Origin(int replica, int incarnation) {
    static Origin of(SeenVersion version) {
      return new Origin(version.replica(), version.incarnation());
    }
  }

  /** All that was done to one object, and seen of it. */
  static final class Log {
    /** Those that may have happened, deletes of the object's map included. */
    final List<Integer> updates = new ArrayList<>();

    /** Those that were answered, and what replicas held at the end. */
    final List<Integer> readings = new ArrayList<>();

    private final Map<String, List<Integer>> byValue = new HashMap<>();
    private final Map<Origin, NavigableMap<Long, Integer>> byVersion = new HashMap<>();
  }

  private final History history;
  private final Sources sources;
  private final Map<ObjectName, Log> logs = new LinkedHashMap<>();
  private final @Nullable SeenVersion[] learned;
  private final Map<Integer, int[]> seenSources = new HashMap<>();
  private final Map<Integer, int[]> changeSources = new HashMap<>();
  private final int[][] writers;
  private final List<Fault> faults = new ArrayList<>();

  ObjectSources(History history, Sources sources) {
    this.history = history;
    this.sources = sources;
    learned = new SeenVersion[history.groups()];
    writers = new int[history.hasObjects() ? history.groups() : 0][];
    if (history.hasObjects()) {
      learnFromRegisters();
      collect();
      logs.values().forEach(log -> log.readings.forEach(reading -> resolve(log, reading)));
      logs.values().forEach(this::indexVersions);
      logs.values().forEach(log -> log.readings.forEach(reading -> resolveChanges(log, reading)));
      collectWriters();
    }
  }

  /** A write without an answer has the version that was read of any part of it. */
  private void learnFromRegisters() {
    for (int op = 0; op < history.registerOperations(); op++) {
      int version = history.isWrite(op) ? sources.versionNumber(op) : History.NO_VERSION;
      if (version != History.NO_VERSION) {
        learned[history.group(op)] = history.versions().get(version);
      }
    }
  }

  private void collect() {
    Map<String, List<Integer>> mapDeletes = new HashMap<>();
    for (int group = 0; group < history.groups(); group++) {
      for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
        ObjectOperation operation = history.object(op);
        if (operation instanceof Update update) {
          Log log = log(update.object());
          Integer number = op;
          // What did not happen is known too, so that a read of it can be told.
          if (update.kind() != Kind.REMOVE) {
            update
                .values()
                .forEach(
                    each -> log.byValue.computeIfAbsent(each, e -> new ArrayList<>()).add(number));
          }
          if (history.outcome(group) != Outcome.ABORTED) {
            log.updates.add(op);
          }
        } else if (operation instanceof Reading reading) {
          if (history.outcome(group) == Outcome.OK) {
            log(reading.object()).readings.add(op);
          }
        } else if (operation instanceof MapDelete delete
            && history.outcome(group) != Outcome.ABORTED) {
          mapDeletes.computeIfAbsent(delete.map(), m -> new ArrayList<>()).add(op);
        }
      }
    }
    logs.forEach(
        (object, log) -> {
          if (object.map() != null && object.type() != ObjectName.Type.FEED) {
            log.updates.addAll(mapDeletes.getOrDefault(object.map(), List.of()));
          }
        });
  }

  private Log log(ObjectName object) {
    return logs.computeIfAbsent(object, o -> new Log());
  }

  private void resolve(Log log, int op) {
    Reading reading = (Reading) history.object(op);
    int[] found = new int[reading.seen().size()];
    Set<Object> met = new HashSet<>();
    @Nullable SeenVersion last = null;
    for (int i = 0; i < found.length; i++) {
      Seen seen = reading.seen().get(i);
      found[i] = source(log, op, i, seen);
      Object what = found[i] < 0 ? seen : (Object) found[i];
      boolean isSet = reading.object().type() == ObjectName.Type.SET;
      if (!met.add(isSet ? seen : what) && (found[i] >= 0 || seen.version() != null)) {
        faults.add(new Fault(Pattern.DOUBLE_READ, op, i, found[i]));
      }
      boolean isFeed = reading.object().type() == ObjectName.Type.FEED;
      if (isFeed && last != null && seen.version() != null && last.compareTo(seen.version()) > 0) {
        faults.add(new Fault(Pattern.FEED_ORDER, op, i, -1));
      }
      last = seen.version();
    }
    seenSources.put(op, found);
  }

  /** The only update that it can come from; -1 if there are several, or none. */
  private int source(Log log, int reading, int number, Seen seen) {
    List<Integer> all = log.byValue.getOrDefault(seen.value(), List.of());
    List<Integer> candidates = all.stream().filter(op -> !isAborted(op)).toList();
    if (candidates.isEmpty()) {
      Pattern pattern = all.isEmpty() ? Pattern.THIN_AIR_READ : Pattern.ABORTED_READ;
      faults.add(new Fault(pattern, reading, number, all.isEmpty() ? -1 : all.get(0)));
      return -1;
    }
    if (seen.version() == null) {
      return candidates.size() == 1 ? candidates.get(0) : -1;
    }
    for (int candidate : candidates) {
      if (seen.version().equals(version(candidate))) {
        return candidate;
      }
    }
    List<Integer> open = candidates.stream().filter(op -> !isExact(op)).toList();
    if (open.isEmpty()) {
      faults.add(new Fault(Pattern.VERSION_CLASH, reading, number, candidates.get(0)));
      return -1;
    }
    if (open.size() > 1) {
      return -1;
    }
    int only = open.get(0);
    if (!history.isRetried(history.group(only))) {
      learned[history.group(only)] = seen.version();
    }
    return only;
  }

  private boolean isAborted(int op) {
    return history.outcome(history.group(op)) == Outcome.ABORTED;
  }

  private void indexVersions(Log log) {
    for (int op : log.updates) {
      @Nullable SeenVersion version = version(op);
      if (version != null && isExact(op)) {
        log.byVersion
            .computeIfAbsent(Origin.of(version), o -> new TreeMap<>())
            .put(version.time(), op);
      }
    }
  }

  private void resolveChanges(Log log, int op) {
    @Nullable List<SeenVersion> changes = ((Reading) history.object(op)).changedBy();
    if (changes == null) {
      return;
    }
    int[] found = new int[changes.size()];
    for (int i = 0; i < found.length; i++) {
      SeenVersion last = changes.get(i);
      @Nullable NavigableMap<Long, Integer> known = log.byVersion.get(Origin.of(last));
      Map.@Nullable Entry<Long, Integer> before =
          known == null ? null : known.floorEntry(last.time());
      found[i] = before == null ? -1 : before.getValue();
    }
    changeSources.put(op, found);
  }

  private void collectWriters() {
    Map<Integer, Set<Integer>> byReader = new HashMap<>();
    for (Map<Integer, int[]> all : List.of(seenSources, changeSources)) {
      all.forEach(
          (reading, found) -> {
            int reader = history.group(reading);
            Arrays.stream(found)
                .filter(op -> op >= 0 && history.group(op) != reader)
                .forEach(
                    op ->
                        byReader
                            .computeIfAbsent(reader, r -> new TreeSet<>())
                            .add(history.group(op)));
          });
    }
    byReader.forEach(
        (reader, all) -> writers[reader] = all.stream().mapToInt(Integer::intValue).toArray());
  }

  /** The groups of which a group has seen updates of objects, each once, itself not counted. */
  int[] writers(int group) {
    return writers.length == 0 || writers[group] == null ? NONE : writers[group];
  }

  Collection<Log> logs() {
    return logs.values();
  }

  List<Fault> faults() {
    return faults;
  }

  /** Of each value, element or entry of a reading the update that it comes from, or -1. */
  int[] seen(int reading) {
    return seenSources.getOrDefault(reading, NONE);
  }

  /** An update by a group that a reading has seen, or -1. */
  int seenOf(int reading, int group) {
    for (Map<Integer, int[]> all : List.of(seenSources, changeSources)) {
      for (int op : all.getOrDefault(reading, NONE)) {
        if (op >= 0 && history.group(op) == group) {
          return op;
        }
      }
    }
    return -1;
  }

  /** An update's version; null if it is not known, of a retried one that of its answer. */
  @Nullable SeenVersion version(int update) {
    ObjectOperation operation = history.object(update);
    @Nullable SeenVersion own =
        operation instanceof Update u
            ? u.version()
            : operation instanceof MapDelete delete ? delete.version() : null;
    return own == null ? learned[history.group(update)] : own;
  }

  /** Whether the version is known, and the only one. */
  boolean isExact(int update) {
    return version(update) != null && !history.isRetried(history.group(update));
  }
}
