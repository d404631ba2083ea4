package dev.tidings.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What clients saw: sessions, each a sequence of groups, each one or more reads and writes that
 * happened together; and, where it is known, what each replica held at the end. A read or write by
 * itself is a group of one. Immutable; made by {@link Builder}.
 *
 * <p>Groups, operations, sessions, keys and values go by number, from 0 on: a history of ten
 * million operations is a handful of arrays. Groups, and so operations, are in the order of the
 * file, which within a session is the session's order; the groups of the final states come last.
 */
public final class History {
  /** Stands for no value: the key was deleted, or never written. */
  public static final int ABSENT = -1;

  /** Stands for a version that is not known. */
  static final int NO_VERSION = -1;

  /** Stands for the version of what was never written. */
  private static final int NEVER_WRITTEN = -2;

  private static final int FINAL = -1;

  /** What {@link #startMicros} and {@link #endMicros} say where nothing is known. */
  public static final long NO_TIME = -1;

  private final List<String> sessions;
  private final List<String> keys;
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
  private final int[] opKey;
  private final int[] opValue;
  private final int[] opVersion;
  private final int[] opLine;
  private final int[] opGroup;

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
    opWrites = new boolean[opKey.length];
    opGroup = new int[opKey.length];
    for (int group = 0; group < groups; group++) {
      for (int op = begin(group); op < end(group); op++) {
        opGroup[op] = group;
        opWrites[op] = builder.opWrites.get(op) == 1;
      }
    }
  }

  public int sessions() {
    return sessions.size();
  }

  public int groups() {
    return groupSession.length;
  }

  /** All reads and writes, those of final states included. */
  public int operations() {
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

  /** The group's first operation; those up to {@link #end}, exclusive, are its operations. */
  public int begin(int group) {
    return groupBegin[group];
  }

  public int end(int group) {
    return groupBegin[group + 1];
  }

  public int size(int group) {
    return end(group) - begin(group);
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
    return opGroup[operation];
  }

  /** Whether it is a write; a write of an {@link #ABSENT} value is a delete. */
  public boolean isWrite(int operation) {
    return opWrites[operation];
  }

  int key(int operation) {
    return opKey[operation];
  }

  public String keyName(int operation) {
    return keys.get(opKey[operation]);
  }

  int value(int operation) {
    return opValue[operation];
  }

  /** Null for {@link #ABSENT}. */
  public @Nullable String valueName(int operation) {
    return opValue[operation] == ABSENT ? null : values.get(opValue[operation]);
  }

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
    return opLine[operation];
  }

  /** Where an operation stands, for people: {@code line 5}. */
  public String place(int operation) {
    if (!placesByTransaction) {
      return "line " + opLine[operation];
    }
    int group = opGroup[operation];
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
    private final Names sessions = new Names();
    private final Names keys = new Names();
    private final Names values = new Names();
    private final Names replicas = new Names();
    private final Map<SeenVersion, Integer> versions = new HashMap<>();
    private final List<SeenVersion> versionList = new ArrayList<>();

    private final Ints groupSession = new Ints();
    private final Ints groupBegin = new Ints();
    private final Ints groupReplica = new Ints();
    private final List<Outcome> groupOutcome = new ArrayList<>();
    private final Longs groupStart = new Longs();
    private final Longs groupEnd = new Longs();

    private final Ints opWrites = new Ints();
    private final Ints opKey = new Ints();
    private final Ints opValue = new Ints();
    private final Ints opVersion = new Ints();
    private final Ints opLine = new Ints();

    private final Map<String, List<FinalValue>> finals = new TreeMap<>();
    private boolean placesByTransaction;

    private record FinalValue(
        int line, String key, @Nullable String value, @Nullable SeenVersion version) {}

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
      groupReplica.add(replica == null ? -1 : replicas.number(replica));
      groupOutcome.add(outcome);
      groupStart.add(startMicros);
      groupEnd.add(endMicros);
    }

    /**
     * Adds a read to the group.
     *
     * @param value null if the key was absent: deleted, or never written
     * @param version of the write, or delete, that was read; null if it is not known
     */
    public void read(int line, String key, @Nullable String value, @Nullable SeenVersion version) {
      operation(line, 0, key, value, version);
    }

    /** Adds a read of a key of which the store said that it was never written. */
    public void readNeverWritten(int line, String key) {
      operation(line, 0, key, null, null);
      opVersion.set(opVersion.size() - 1, NEVER_WRITTEN);
    }

    /**
     * Adds a write to the group.
     *
     * @param value null for a delete
     * @param version null if it is not known
     */
    public void write(int line, String key, @Nullable String value, @Nullable SeenVersion version) {
      operation(line, 1, key, value, version);
    }

    private void operation(
        int line, int writes, String key, @Nullable String value, @Nullable SeenVersion version) {
      if (groupSession.size() == 0) {
        throw new IllegalStateException("an operation without a group");
      }
      opWrites.add(writes);
      opKey.add(keys.number(key));
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
        String key,
        @Nullable String value,
        @Nullable SeenVersion version) {
      List<FinalValue> held = finals.computeIfAbsent(replica, r -> new ArrayList<>());
      held.add(new FinalValue(line, key, value, version));
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
            Map<String, FinalValue> byKey = new HashMap<>();
            for (FinalValue value : held) {
              FinalValue before = byKey.put(value.key(), value);
              if (before != null) {
                throw new BadHistoryException(
                    "line %d: what replica %s held of key %s is told twice; before in line %d"
                        .formatted(value.line(), replica, value.key(), before.line()));
              }
              read(value.line(), value.key(), value.value(), value.version());
            }
          });
      return new History(this);
    }
  }
}
