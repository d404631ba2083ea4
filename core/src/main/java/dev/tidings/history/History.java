package dev.tidings.history;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.BitSet;
import java.util.Collections;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients saw: sessions, each a sequence of groups, each one or more operations that happened
 * together, reads and writes of registers, and updates and readings of objects; and, where it is
 * known, what each replica held at the end. A read or write by itself is a group of one. Immutable;
 * made by {@link Builder}.
 *
 * <p>Groups, operations, sessions, keys and values go by number, from 0 on: a history of ten
 * million operations is a handful of arrays. Groups, and so operations, are in the order of the
 * file, which within a session is the session's order; the groups of the final states come last.
 */
public final class History {
  /** Stands for no value: the key was deleted, or never written. */
  public static final int ABSENT = -1;

  /** Stands for the value of which a condition tells the version alone. */
  private static final int UNTOLD = -2;

  /** Stands for a version that is not known. */
  static final int NO_VERSION = -1;

  /** Stands for the version of what was never written. */
  private static final int NEVER_WRITTEN = -2;

  private static final int FINAL = -1;

  /** What {@link #startMicros} and {@link #endMicros} say where nothing is known. */
  public static final long NO_TIME = -1;

  private final List<String> sessions;
  private final List<RegisterName> keys;
  private final List<String> values;
  private final List<String> replicas;
  private final List<SeenVersion> versions;

  private final int[] groupSession;
  private final int[] groupBegin;
  private final int[] groupReplica;
  private final Outcome[] groupOutcome;
  private final long[] groupStart;
  private final long[] groupEnd;

  private final boolean placesByTransaction;
  private final boolean[] opWrites;
  private final BitSet conditions;
  private final BitSet byMapDelete;
  private final int[] opKey;
  private final int[] opValue;
  private final int[] opVersion;
  private final int[] opLine;
  private final int[] opGroup;

  private final int[] groupObjectBegin;
  private final boolean[] groupRetried;
  private final List<ObjectOperation> objectOps;
  private final int[] objectOpLine;
  private final int[] objectOpGroup;

  private History(Builder builder) {
    sessions = Collections.unmodifiableList(builder.sessions.names());
    keys = Collections.unmodifiableList(builder.keys.names());
    values = Collections.unmodifiableList(builder.values.names());
    replicas = Collections.unmodifiableList(builder.replicas.names());
    versions = Collections.unmodifiableList(builder.versionList);
    placesByTransaction = builder.placesByTransaction;
    groupSession = builder.groupSession.toArray();
    builder.groupBegin.add(builder.opKey.size());
    groupBegin = builder.groupBegin.toArray();
    groupReplica = builder.groupReplica.toArray();
    int groups = groupSession.length;
    groupOutcome = builder.groupOutcome.toArray(Outcome[]::new);
    groupStart = new long[groups];
    groupEnd = new long[groups];
    for (int group = 0; group < groups; group++) {
      groupStart[group] = builder.groupStart.get(group);
      groupEnd[group] = builder.groupEnd.get(group);
    }
    opKey = builder.opKey.toArray();
    opValue = builder.opValue.toArray();
    opVersion = builder.opVersion.toArray();
    opLine = builder.opLine.toArray();
    conditions = builder.conditions;
    byMapDelete = builder.byMapDelete;
    opWrites = new boolean[opKey.length];
    opGroup = new int[opKey.length];
    for (int group = 0; group < groups; group++) {
      for (int op = begin(group); op < end(group); op++) {
        opGroup[op] = group;
        opWrites[op] = builder.opWrites.get(op) == 1;
      }
    }
    builder.groupObjectBegin.add(builder.objectOps.size());
    groupObjectBegin = builder.groupObjectBegin.toArray();
    groupRetried = new boolean[groups];
    builder.retried.forEach(group -> groupRetried[group] = true);
    objectOps = List.copyOf(builder.objectOps);
    objectOpLine = builder.objectOpLine.toArray();
    objectOpGroup = new int[objectOps.size()];
    for (int group = 0; group < groups; group++) {
      Arrays.fill(objectOpGroup, groupObjectBegin[group], groupObjectBegin[group + 1], group);
    }
  }

  public int sessions() {
    return sessions.size();
  }

  public int groups() {
    return groupSession.length;
  }

  /** All that was read and written, final states included. */
  public int operations() {
    return opKey.length - byMapDelete.cardinality() + objectOps.size();
  }

  /** Reads and writes of registers: the operations from 0 up to here. Those of objects follow. */
  public int registerOperations() {
    return opKey.length;
  }

  public String sessionName(int session) {
    return sessions.get(session);
  }

  int keys() {
    return keys.size();
  }

  /** Whether this group is not of a session, but what a replica held at the end. */
  public boolean isFinal(int group) {
    return groupSession[group] == FINAL;
  }

  /** The session of a group that is not {@link #isFinal}. */
  public int session(int group) {
    return groupSession[group];
  }

  /** The group's first read or write of a register; they go up to {@link #end}, exclusive. */
  public int begin(int group) {
    return groupBegin[group];
  }

  public int end(int group) {
    return groupBegin[group + 1];
  }

  /** How many reads and writes of registers the group has. */
  public int size(int group) {
    return end(group) - begin(group);
  }

  /** The group's first operation on an object; they go up to {@link #objectEnd}, exclusive. */
  public int objectBegin(int group) {
    return opKey.length + groupObjectBegin[group];
  }

  public int objectEnd(int group) {
    return opKey.length + groupObjectBegin[group + 1];
  }

  boolean hasObjects() {
    return !objectOps.isEmpty();
  }

  /** An operation that is not of a register. */
  public ObjectOperation object(int operation) {
    return objectOps.get(operation - opKey.length);
  }

  private boolean isOfObject(int operation) {
    return operation >= opKey.length;
  }

  /** Whether several replicas may have accepted it, each under a version of its own. */
  public boolean isRetried(int group) {
    return groupRetried[group];
  }

  public Outcome outcome(int group) {
    return groupOutcome[group];
  }

  /** The replica that was asked, or that holds this at the end; null where it is not told. */
  public @Nullable String replica(int group) {
    return groupReplica[group] < 0 ? null : replicas.get(groupReplica[group]);
  }

  /** When the client asked, microseconds by its own clock, or {@link #NO_TIME}. */
  public long startMicros(int group) {
    return groupStart[group];
  }

  /** When the client had its answer, microseconds by its own clock, or {@link #NO_TIME}. */
  public long endMicros(int group) {
    return groupEnd[group];
  }

  public int group(int operation) {
    return isOfObject(operation) ? objectOpGroup[operation - opKey.length] : opGroup[operation];
  }

  /**
   * Whether it is a write, or an update of an object; a write of an {@link #ABSENT} value is a
   * delete.
   */
  public boolean isWrite(int operation) {
    return isOfObject(operation)
        ? object(operation) instanceof ObjectOperation.Update
        : opWrites[operation];
  }

  int key(int operation) {
    return opKey[operation];
  }

  public RegisterName register(int operation) {
    return keys.get(opKey[operation]);
  }

  int value(int operation) {
    return opValue[operation];
  }

  /** Null for {@link #ABSENT}, and of a condition. */
  public @Nullable String valueName(int operation) {
    return opValue[operation] < 0 ? null : values.get(opValue[operation]);
  }

  /**
   * Whether it is a condition under which its group was accepted: the replica that accepted it
   * showed the register at {@link #version}, or, if that is null, without a value. It stands for a
   * read.
   */
  public boolean isCondition(int operation) {
    return conditions.get(operation);
  }

  /** Whether it is a condition of a register without a value. */
  boolean isConditionOfAbsence(int operation) {
    return conditions.get(operation) && opValue[operation] == ABSENT;
  }

  /**
   * Whether it is what the delete of a map may have done to one of its registers: a delete of it,
   * if the replica that accepted it showed a value, which nobody tells. So its version is not known
   * until somebody reads it. Not one of the {@link #operations()}.
   */
  public boolean isByMapDelete(int operation) {
    return byMapDelete.get(operation);
  }

  /** Of a read or write of a register. */
  public @Nullable SeenVersion version(int operation) {
    return opVersion[operation] < 0 ? null : versions.get(opVersion[operation]);
  }

  /** Whether it is a read that tells that the key was never written, and not deleted either. */
  public boolean isOfNeverWritten(int operation) {
    return opVersion[operation] == NEVER_WRITTEN;
  }

  /** Equal versions have equal numbers; {@link #NO_VERSION} for none. */
  int versionNumber(int operation) {
    return Math.max(NO_VERSION, opVersion[operation]);
  }

  List<SeenVersion> versions() {
    return versions;
  }

  /** The line of the file, from 1 on. */
  public int line(int operation) {
    return isOfObject(operation) ? objectOpLine[operation - opKey.length] : opLine[operation];
  }

  /** Where an operation stands, for people: {@code line 5}. */
  public String place(int operation) {
    if (!placesByTransaction) {
      return "line " + line(operation);
    }
    int group = group(operation);
    int number = 1;
    for (int before = 0; before < group; before++) {
      number += groupSession[before] == groupSession[group] ? 1 : 0;
    }
    String event = size(group) == 1 ? "" : ", event " + (operation - begin(group) + 1);
    return "session %d, transaction %d%s".formatted(groupSession[group] + 1, number, event);
  }

  /**
   * Takes a history in, operation by operation, in the order of each session. Used by one thread.
   */
  public static final class Builder {
    private final Names<String> sessions = new Names<>();
    private final Names<RegisterName> keys = new Names<>();
    private final Names<String> values = new Names<>();
    private final Names<String> replicas = new Names<>();
    private final Map<SeenVersion, Integer> versions = new HashMap<>();
    private final List<SeenVersion> versionList = new ArrayList<>();

    private final Ints groupSession = new Ints();
    private Ints groupBegin = new Ints();
    private final Ints groupReplica = new Ints();
    private final List<Outcome> groupOutcome = new ArrayList<>();
    private final Longs groupStart = new Longs();
    private final Longs groupEnd = new Longs();

    private Ints opWrites = new Ints();
    private Ints opKey = new Ints();
    private Ints opValue = new Ints();
    private Ints opVersion = new Ints();
    private Ints opLine = new Ints();
    private BitSet conditions = new BitSet();
    private final BitSet byMapDelete = new BitSet();

    private final Ints groupObjectBegin = new Ints();
    private final Set<Integer> retried = new HashSet<>();
    private final List<ObjectOperation> objectOps = new ArrayList<>();
    private final Ints objectOpLine = new Ints();

    private final Map<String, Final> finals = new TreeMap<>();
    private boolean placesByTransaction;

    private static final class Final {
      final List<FinalValue> values = new ArrayList<>();
      final List<FinalReading> readings = new ArrayList<>();
    }

    private record FinalReading(int line, ObjectOperation.Reading reading) {}

    private record FinalValue(
        int line, RegisterName register, @Nullable String value, @Nullable SeenVersion version) {}

    /**
     * Lets messages say in which session, transaction and event something is, each counted from 1,
     * instead of in which line: for formats whose lines say nothing.
     */
    public void placesByTransaction() {
      placesByTransaction = true;
    }

    /** Makes a session known; sessions are also made known by their first group. */
    public void session(String name) {
      sessions.number(name);
    }

    /** Begins a session's next group, to which the operations that follow belong. */
    public void group(
        String session,
        Outcome outcome,
        @Nullable String replica,
        long startMicros,
        long endMicros) {
      group(sessions.number(session), outcome, replica, startMicros, endMicros);
    }

    private void group(
        int session, Outcome outcome, @Nullable String replica, long startMicros, long endMicros) {
      groupSession.add(session);
      groupBegin.add(opKey.size());
      groupObjectBegin.add(objectOps.size());
      groupReplica.add(replica == null ? -1 : replicas.number(replica));
      groupOutcome.add(outcome);
      groupStart.add(startMicros);
      groupEnd.add(endMicros);
    }

    /** Says of the group that it may have been accepted by several replicas, as one request. */
    public void retried() {
      retried.add(groupSession.size() - 1);
    }

    /** Adds an update of an object, or a reading of one, to the group. */
    public void object(int line, ObjectOperation operation) {
      if (groupSession.size() == 0) {
        throw new IllegalStateException("an operation without a group");
      }
      objectOps.add(operation);
      objectOpLine.add(line);
    }

    /**
     * Adds a read to the group.
     *
     * @param value null if the key was absent: deleted, or never written
     * @param version of the write, or delete, that was read; null if it is not known
     */
    public void read(int line, String key, @Nullable String value, @Nullable SeenVersion version) {
      read(line, RegisterName.of(key), value, version);
    }

    /** As {@link #read(int, String, String, SeenVersion)}, of a map's field too. */
    public void read(
        int line, RegisterName register, @Nullable String value, @Nullable SeenVersion version) {
      operation(line, 0, register, value, version);
    }

    /** As {@link #readNeverWritten(int, RegisterName)}, of no map's field. */
    public void readNeverWritten(int line, String key) {
      readNeverWritten(line, RegisterName.of(key));
    }

    /** Adds a read of a register of which the store said that it was never written. */
    public void readNeverWritten(int line, RegisterName register) {
      operation(line, 0, register, null, null);
      opVersion.set(opVersion.size() - 1, NEVER_WRITTEN);
    }

    /**
     * Adds a condition under which the group was accepted, wherever in the group it stands.
     *
     * @param version that the register was to have; null if it was to have no value
     */
    public void condition(int line, RegisterName register, @Nullable SeenVersion version) {
      operation(line, 0, register, null, version);
      conditions.set(opKey.size() - 1);
      if (version != null) {
        opValue.set(opValue.size() - 1, UNTOLD);
      }
    }

    /**
     * Adds a write to the group.
     *
     * @param value null for a delete
     * @param version null if it is not known
     */
    public void write(int line, String key, @Nullable String value, @Nullable SeenVersion version) {
      write(line, RegisterName.of(key), value, version);
    }

    /** As {@link #write(int, String, String, SeenVersion)}, of a map's field too. */
    public void write(
        int line, RegisterName register, @Nullable String value, @Nullable SeenVersion version) {
      operation(line, 1, register, value, version);
    }

    private void operation(
        int line,
        int writes,
        RegisterName register,
        @Nullable String value,
        @Nullable SeenVersion version) {
      if (groupSession.size() == 0) {
        throw new IllegalStateException("an operation without a group");
      }
      opWrites.add(writes);
      opKey.add(keys.number(register));
      opValue.add(value == null ? ABSENT : values.number(value));
      opVersion.add(version == null ? NO_VERSION : number(version));
      opLine.add(line);
    }

    private int number(SeenVersion version) {
      Integer known = versions.putIfAbsent(version, versionList.size());
      if (known != null) {
        return known;
      }
      versionList.add(version);
      return versionList.size() - 1;
    }

    /**
     * Tells what a replica held at the end, when all that was written had reached it. What is not
     * told is not known.
     */
    public void finalValue(
        int line,
        String replica,
        RegisterName register,
        @Nullable String value,
        @Nullable SeenVersion version) {
      finalOf(replica).values.add(new FinalValue(line, register, value, version));
    }

    /**
     * As {@link #finalValue(int, String, RegisterName, String, SeenVersion)}, of no map's field.
     */
    public void finalValue(
        int line,
        String replica,
        String key,
        @Nullable String value,
        @Nullable SeenVersion version) {
      finalValue(line, replica, RegisterName.of(key), value, version);
    }

    /** Tells what a replica held of an object at the end; as {@link #finalValue}. */
    public void finalReading(int line, String replica, ObjectOperation.Reading reading) {
      finalOf(replica).readings.add(new FinalReading(line, reading));
    }

    private Final finalOf(String replica) {
      return finals.computeIfAbsent(replica, r -> new Final());
    }

    /**
     * The history. The builder is of no more use.
     *
     * @throws BadHistoryException if a replica is told twice what it held of one key
     */
    public History build() {
      finals.forEach(
          (replica, held) -> {
            group(FINAL, Outcome.OK, replica, NO_TIME, NO_TIME);
            Map<Object, Integer> lines = new HashMap<>();
            for (FinalValue value : held.values) {
              RegisterName register = value.register();
              checkOnce(value.line(), replica, register, register.key(), lines);
              read(value.line(), register, value.value(), value.version());
            }
            for (FinalReading each : held.readings) {
              ObjectName name = each.reading().object();
              checkOnce(each.line(), replica, name, name.key(), lines);
              object(each.line(), each.reading());
            }
          });
      if (objectOps.stream().anyMatch(op -> op instanceof ObjectOperation.MapDelete)) {
        addDeletesByMapDeletes();
      }
      return new History(this);
    }

    /** See {@link History#isByMapDelete}. */
    private void addDeletesByMapDeletes() {
      Map<String, List<Integer>> registersOf = new HashMap<>();
      for (int key = 0; key < keys.names().size(); key++) {
        @Nullable String map = keys.names().get(key).map();
        if (map != null) {
          registersOf.computeIfAbsent(map, m -> new ArrayList<>()).add(key);
        }
      }
      Ints begins = groupBegin;
      Ints[] columns = {opWrites, opKey, opValue, opVersion, opLine};
      BitSet wereConditions = conditions;
      groupBegin = new Ints();
      opWrites = new Ints();
      opKey = new Ints();
      opValue = new Ints();
      opVersion = new Ints();
      opLine = new Ints();
      conditions = new BitSet();
      Ints[] copies = {opWrites, opKey, opValue, opVersion, opLine};
      for (int group = 0; group < begins.size(); group++) {
        groupBegin.add(opKey.size());
        Set<Integer> written = new HashSet<>();
        int end = group + 1 < begins.size() ? begins.get(group + 1) : columns[0].size();
        for (int op = begins.get(group); op < end; op++) {
          for (int column = 0; column < columns.length; column++) {
            copies[column].add(columns[column].get(op));
          }
          conditions.set(opKey.size() - 1, wereConditions.get(op));
          if (columns[0].get(op) == 1) {
            written.add(columns[1].get(op));
          }
        }
        addDeletesByMapDeletes(group, registersOf, written);
      }
    }

    /**
     * @param written registers that the group writes itself: what it leaves of them is its affair
     */
    private void addDeletesByMapDeletes(
        int group, Map<String, List<Integer>> registersOf, Set<Integer> written) {
      int end =
          group + 1 < groupObjectBegin.size() ? groupObjectBegin.get(group + 1) : objectOps.size();
      for (int object = groupObjectBegin.get(group); object < end; object++) {
        if (!(objectOps.get(object) instanceof ObjectOperation.MapDelete delete)) {
          continue;
        }
        for (int register : registersOf.getOrDefault(delete.map(), List.of())) {
          if (written.add(register)) {
            byMapDelete.set(opKey.size());
            operation(
                objectOpLine.get(object), 1, keys.names().get(register), null, delete.version());
          }
        }
      }
    }

    private static void checkOnce(
        int line, String replica, Object name, String key, Map<Object, Integer> lines) {
      Integer before = lines.put(name, line);
      if (before != null) {
        throw new BadHistoryException(
            "line %d: what replica %s held of key %s is told twice; before in line %d"
                .formatted(line, replica, key, before));
      }
    }
  }
}
