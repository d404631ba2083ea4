package dev.tidings.history;

import dev.tidings.history.ObjectOperation.MapDelete;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Which write each read has read, found by version where the read has one, and by value where not;
 * and whatever is wrong already within a group, or between a read and the write that it has read.
 */
final class Sources {
  /** The source of a read of a key that was never written. */
  static final int INITIAL = -1;

  /** The source of a read of what nobody wrote. */
  static final int NOBODY = -2;

  /** The source of a read that does not count, and of a write. */
  static final int NONE = -3;

  private static final int NAMED_IN_MESSAGE = 5;

  /**
   * Something wrong with one operation.
   *
   * @param other an operation that it does not go with, or -1
   */
  record Fault(Pattern pattern, int operation, int other) {}

  private final History history;
  private final int[] source;
  private final int[] version;
  private final List<Fault> faults = new ArrayList<>();
  private final List<Fault> faultsOfUnknown = new ArrayList<>();

  /**
   * The last write of a key and value, over all groups; the ones before it by {@link #previous}.
   */
  private final LongIntMap byValue;

  private final int[] previous;
  private final LongIntMap byVersion = new LongIntMap(8);

  /** Of what one version was read first, by key and version. */
  private final LongIntMap readAtVersion = new LongIntMap(8);

  /** As {@link #readAtVersion}, of deletes that are not told apart. */
  private final LongIntMap readAtVersionOfSomeDelete = new LongIntMap(8);

  private final Map<Integer, Integer> choice;
  private final Map<Integer, List<Integer>> ambiguous = new TreeMap<>();
  private final Map<Integer, List<Integer>> openAbsences = new TreeMap<>();
  private @Nullable ObjectSources objects;

  private Sources(History history, Map<Integer, Integer> choice) {
    this.history = history;
    this.choice = choice;
    source = new int[history.registerOperations()];
    previous = new int[history.registerOperations()];
    byValue = new LongIntMap(history.registerOperations() / 2);
    version = new int[history.registerOperations()];
    for (int op = 0; op < version.length; op++) {
      version[op] = history.isByMapDelete(op) ? History.NO_VERSION : history.versionNumber(op);
    }
  }

  /**
   * @param choice for reads of {@link #openAbsences()}: what each is to have read
   * @throws BadHistoryException if a value that was read was written more than once, and nothing
   *     tells which write was read
   */
  static Sources of(History history, Map<Integer, Integer> choice) {
    var sources = new Sources(history, choice);
    sources.collectWrites();
    for (int group = 0; group < history.groups(); group++) {
      sources.resolve(group);
    }
    // Afterwards, since reads tell the versions of writes without an answer.
    for (int op = 0; op < history.registerOperations(); op++) {
      if (history.isCondition(op) && sources.counts(history.group(op))) {
        sources.resolve(op, sources.expected(op));
      }
    }
    if (!sources.ambiguous.isEmpty()) {
      throw sources.ambiguity(sources.ambiguous);
    }
    sources.objects = new ObjectSources(history, sources);
    return sources;
  }

  /** The same for what is no register. */
  ObjectSources objects() {
    return Objects.requireNonNull(objects);
  }

  /**
   * Reads that found nothing, where nothing tells whether the key was never written or deleted, or
   * by whom: each with what it may have read.
   */
  Map<Integer, List<Integer>> openAbsences() {
    return openAbsences;
  }

  /**
   * The write that a read has read: an operation, {@link #INITIAL}, {@link #NOBODY} or {@link
   * #NONE}.
   */
  int of(int operation) {
    return source[operation];
  }

  /**
   * Whether an operation is a read of another group's write, or of the initial value, which
   * causality must explain.
   */
  boolean isExternalRead(int operation) {
    return source[operation] == INITIAL
        || (source[operation] >= 0 && history.group(source[operation]) != history.group(operation));
  }

  /** A write's version, from its own answer or from who read it; or {@link History#NO_VERSION}. */
  int versionNumber(int write) {
    return version[write];
  }

  /** Faults of groups that happened, in the order of their operations. */
  List<Fault> faults() {
    return faults;
  }

  /** Faults of groups of unknown outcome: they count only if the group happened. */
  List<Fault> faultsOfUnknown() {
    return faultsOfUnknown;
  }

  private void collectWrites() {
    for (int op = 0; op < source.length; op++) {
      source[op] = NONE;
      previous[op] = -1;
      if (!history.isWrite(op)) {
        continue;
      }
      previous[op] = byValue.put(history.key(op), history.value(op) + 1, op);
      if (history.versionNumber(op) != History.NO_VERSION) {
        collectVersion(op);
      }
    }
  }

  private void collectVersion(int write) {
    int number = history.versionNumber(write);
    int other = byVersion.get(history.key(write), number);
    if (other >= 0 && isAborted(write)) {
      return;
    }
    byVersion.put(history.key(write), number, write);
    if (other >= 0 && !isAborted(other) && history.group(other) != history.group(write)) {
      fault(Pattern.VERSION_CLASH, write, other);
    }
  }

  /** The last delete of a key in the order of the file, of whatever outcome; or -1. */
  int lastDelete(int key) {
    return byValue.get(key, History.ABSENT + 1);
  }

  /** The delete of the same key before one; or -1. */
  int previousDelete(int delete) {
    return previous[delete];
  }

  private boolean isAborted(int operation) {
    return history.outcome(history.group(operation)) == Outcome.ABORTED;
  }

  private void resolve(int group) {
    if (!counts(group)) {
      return;
    }
    if (history.size(group) == 1) {
      int op = history.begin(group);
      if (!history.isWrite(op) && !history.isCondition(op)) {
        resolve(op, candidate(op));
      }
      return;
    }
    Map<Integer, Integer> written = new HashMap<>();
    Map<Integer, Integer> read = new HashMap<>();
    for (int op = history.begin(group); op < history.end(group); op++) {
      int key = history.key(op);
      if (history.isWrite(op)) {
        written.put(key, op);
        continue;
      }
      if (history.isCondition(op)) {
        continue;
      }
      Integer own = written.get(key);
      if (own != null) {
        boolean same = history.value(own) == history.value(op) && mayHaveVersion(own, version[op]);
        if (same) {
          source[op] = own;
        } else {
          fault(Pattern.OWN_WRITE_READ, op, own);
        }
        continue;
      }
      resolve(op, candidate(op));
      Integer before = read.putIfAbsent(key, op);
      if (before != null && groupOfSource(before) != groupOfSource(op)) {
        fault(Pattern.NON_REPEATABLE_READ, op, before);
      }
    }
  }

  /** Whether the group's reads tell anything: it may have happened, and if so it wrote. */
  private boolean counts(int group) {
    if (history.outcome(group) != Outcome.UNKNOWN) {
      return history.outcome(group) == Outcome.OK;
    }
    return IntStream.concat(
            IntStream.range(history.begin(group), history.end(group)),
            IntStream.range(history.objectBegin(group), history.objectEnd(group)))
        .anyMatch(history::isWrite);
  }

  /**
   * The write that a condition names, or what stands for none. Of an absence nothing tells whether
   * there was a delete, and whose.
   */
  private int expected(int condition) {
    if (history.isConditionOfAbsence(condition)) {
      return INITIAL;
    }
    int key = history.key(condition);
    int wanted = version[condition];
    int answered = byVersion.get(key, wanted);
    if (answered >= 0) {
      return lastWrite(history.group(answered), key);
    }
    int read = readAtVersion.get(key, wanted);
    if (read >= 0 && source[read] >= 0) {
      return source[read];
    }
    int found = NOBODY;
    for (int write = 0; write < source.length; write++) {
      boolean mayBe =
          history.isWrite(write)
              && history.key(write) == key
              && version[write] == History.NO_VERSION
              && mayBeOf(write, wanted)
              && !isAborted(write);
      if (mayBe && found >= 0 && history.group(found) != history.group(write)) {
        return NONE;
      }
      found = mayBe ? write : found;
    }
    return found;
  }

  private int lastWrite(int group, int key) {
    int op = history.end(group) - 1;
    while (!history.isWrite(op) || history.key(op) != key) {
      op--;
    }
    return op;
  }

  private int groupOfSource(int read) {
    return source[read] >= 0 ? history.group(source[read]) : source[read];
  }

  private boolean mayHaveVersion(int write, int wanted) {
    return wanted == History.NO_VERSION
        || version[write] == History.NO_VERSION
        || version[write] == wanted;
  }

  /** The write that a read names, or what stands for none. */
  private int candidate(int read) {
    int wanted = version[read];
    if (wanted != History.NO_VERSION) {
      int write = byVersion.get(history.key(read), wanted);
      boolean counts =
          write >= 0 && !(isAborted(write) && history.value(write) != history.value(read));
      return counts ? withValue(history.group(write), read) : byValue(read);
    }
    if (history.value(read) == History.ABSENT) {
      return history.isOfNeverWritten(read) || history.isFinal(history.group(read))
          ? INITIAL
          : absent(read);
    }
    return byValue(read);
  }

  /** Never written, or a delete. */
  private int absent(int read) {
    @Nullable Integer chosen = choice.get(read);
    if (chosen != null) {
      return chosen;
    }
    var candidates = new ArrayList<Integer>(List.of(INITIAL));
    int write = lastDelete(history.key(read));
    for (; write >= 0; write = previousDelete(write)) {
      if (!isAborted(write) && history.group(write) != history.group(read)) {
        candidates.add(write);
      }
    }
    if (candidates.size() > 1) {
      openAbsences.put(read, candidates);
    }
    return INITIAL;
  }

  /** The group's last write of what was read; nobody's; or none that can be told. */
  private int withValue(int group, int read) {
    for (int op = history.end(group) - 1; op >= history.begin(group); op--) {
      if (history.isWrite(op)
          && history.key(op) == history.key(read)
          && history.value(op) == history.value(read)) {
        return op;
      }
    }
    boolean byMapDelete =
        history.value(read) == History.ABSENT && deletes(group, history.register(read).map());
    return byMapDelete ? NONE : NOBODY;
  }

  /** Whether a group deletes a map. */
  private boolean deletes(int group, @Nullable String map) {
    return map != null
        && IntStream.range(history.objectBegin(group), history.objectEnd(group))
            .mapToObj(history::object)
            .anyMatch(op -> op instanceof MapDelete delete && delete.map().equals(map));
  }

  private int byValue(int read) {
    int found = NOBODY;
    @Nullable List<Integer> several = null;
    int write = byValue.get(history.key(read), history.value(read) + 1);
    for (; write >= 0; write = previous[write]) {
      boolean other = found < 0 || history.group(found) != history.group(write);
      if (other && mayBeOf(write, version[read])) {
        if (found != NOBODY) {
          if (several == null) {
            several = new ArrayList<>();
            several.add(found);
          }
          several.add(write);
        }
        found = write;
      }
    }
    if (several == null) {
      return found;
    }
    if (history.value(read) == History.ABSENT) {
      return someDelete(read, several);
    }
    ambiguous.put(read, several);
    return found;
  }

  /** One of several deletes without an answer; the same for all that have read one version. */
  private int someDelete(int read, List<Integer> candidates) {
    int first = readAtVersionOfSomeDelete.get(history.key(read), version[read]);
    if (first < 0) {
      first = read;
      readAtVersionOfSomeDelete.put(history.key(read), version[read], read);
      openAbsences.put(read, candidates);
    }
    return choice.getOrDefault(first, candidates.get(0));
  }

  /** Whether a read at a version that no write was answered may be of this write. */
  private boolean mayBeOf(int write, int wanted) {
    return wanted == History.NO_VERSION || history.versionNumber(write) == History.NO_VERSION;
  }

  private void resolve(int read, int write) {
    int group = history.group(read);
    if (write == NOBODY) {
      source[read] = NOBODY;
      int atVersion = writeAtVersion(read);
      int ofValue =
          history.isCondition(read) ? -1 : byValue.get(history.key(read), history.value(read) + 1);
      boolean otherVersion = atVersion < 0 && ofValue >= 0 && isAnswered(ofValue);
      if (otherVersion) {
        fault(Pattern.VERSION_CLASH, read, ofValue);
      } else {
        fault(Pattern.THIN_AIR_READ, read, atVersion);
      }
      return;
    }
    if (write == INITIAL || write == NONE) {
      source[read] = write;
      return;
    }
    int writer = history.group(write);
    if (writer == group) {
      fault(Pattern.FUTURE_READ, read, write);
    } else if (isAborted(write)) {
      fault(Pattern.ABORTED_READ, read, write);
    } else {
      source[read] = write;
      int replacement = replacement(write);
      if (replacement >= 0) {
        fault(Pattern.INTERMEDIATE_READ, read, replacement);
      }
      takeVersion(read, write);
    }
  }

  /** The write of another value that has the version that was read; or -1. */
  private int writeAtVersion(int read) {
    return version[read] == History.NO_VERSION
        ? -1
        : byVersion.get(history.key(read), version[read]);
  }

  /** A later write of the same key by the same group, or -1. */
  private int replacement(int write) {
    int group = history.group(write);
    for (int op = history.end(group) - 1; op > write; op--) {
      if (history.isWrite(op) && history.key(op) == history.key(write)) {
        return op;
      }
    }
    return -1;
  }

  private void takeVersion(int read, int write) {
    if (version[read] == History.NO_VERSION) {
      return;
    }
    if (version[write] == History.NO_VERSION) {
      version[write] = version[read];
    } else if (version[write] != version[read]) {
      fault(Pattern.VERSION_CLASH, read, write);
      return;
    }
    int other = readAtVersion.put(history.key(read), version[read], read);
    if (other >= 0 && groupOfSource(other) != groupOfSource(read)) {
      fault(Pattern.VERSION_CLASH, read, other);
    }
  }

  private void fault(Pattern pattern, int operation, int other) {
    boolean certain =
        isAnswered(operation) && (pattern != Pattern.VERSION_CLASH || isAnswered(other));
    (certain ? faults : faultsOfUnknown).add(new Fault(pattern, operation, other));
  }

  private boolean isAnswered(int operation) {
    return history.outcome(history.group(operation)) == Outcome.OK;
  }

  /** The refusal of a history that does not tell what these reads have read. */
  BadHistoryException ambiguity(Map<Integer, List<Integer>> reads) {
    String named =
        reads.entrySet().stream()
            .limit(NAMED_IN_MESSAGE)
            .map(each -> describe(each.getKey(), each.getValue()))
            .collect(Collectors.joining("; "));
    String more =
        reads.size() > NAMED_IN_MESSAGE
            ? "; and %d reads more".formatted(reads.size() - NAMED_IN_MESSAGE)
            : "";
    return new BadHistoryException(
        "ambiguous, since values are not unique per key and there are no versions: "
            + named
            + more);
  }

  private String describe(int read, List<Integer> candidates) {
    String origins =
        candidates.stream()
            .sorted()
            .limit(NAMED_IN_MESSAGE)
            .map(
                write ->
                    write == INITIAL
                        ? "never written"
                        : (history.value(write) == History.ABSENT ? "deleted in " : "written in ")
                            + history.place(write))
            .collect(Collectors.joining(", or "));
    String value = history.valueName(read);
    return "%s: key %s, %s: %s"
        .formatted(
            history.place(read),
            Explainer.shown(history.register(read)),
            value == null ? "absent" : "value " + value,
            origins);
  }
}
