package dev.tidings.history;

import dev.tidings.history.Hop.Kind;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;

/**
 * Looks for reads that break a session guarantee: that return something older than a write W of the
 * same key, where W is seen to be before the read in the guarantee's own way.
 */
final class Guarantees {
  /**
   * A read that breaks a guarantee.
   *
   * @param newer the write W
   * @param path from W's group to the read's
   */
  record Broken(int read, int newer, List<Hop> path) {}

  private final History history;
  private final Sources sources;
  private final CausalOrder order;
  private final Writes writes;
  private final Reads reads;
  private final Map<Guarantee, Broken> broken = new EnumMap<>(Guarantee.class);

  /** What sessions have read: writes by key, session, and position of the reading group. */
  private final int[] firstOfKey;

  private final int[] readerGroup;
  private final int[] readWrite;

  /** The groups of each session that were answered, by position. */
  private final int[][] groups;

  private Guarantees(
      History history, Sources sources, CausalOrder order, Writes writes, Reads reads) {
    this.history = history;
    this.sources = sources;
    this.order = order;
    this.writes = writes;
    this.reads = reads;
    groups = answeredGroups();
    firstOfKey = new int[history.keys() + 1];
    eachWriteRead((reader, write) -> firstOfKey[history.key(write) + 1]++);
    for (int key = 0; key < history.keys(); key++) {
      firstOfKey[key + 1] += firstOfKey[key];
    }
    readerGroup = new int[firstOfKey[history.keys()]];
    readWrite = new int[readerGroup.length];
    int[] next = firstOfKey.clone();
    eachWriteRead(
        (reader, write) -> {
          int entry = next[history.key(write)]++;
          readerGroup[entry] = reader;
          readWrite[entry] = write;
        });
  }

  /**
   * For each guarantee that is broken, the first read that breaks it, by session. Needs the clocks
   * of all groups.
   */
  static Map<Guarantee, Broken> find(
      History history, Sources sources, CausalOrder order, Writes writes, Reads reads) {
    var guarantees = new Guarantees(history, sources, order, writes, reads);
    for (int[] session : guarantees.groups) {
      guarantees.examineSession(session);
    }
    return guarantees.broken;
  }

  private int[][] answeredGroups() {
    int[][] answered = new int[history.sessions()][];
    for (int session = 0; session < answered.length; session++) {
      int last = order.last(session);
      answered[session] = new int[last < 0 ? 0 : order.position(last)];
      for (int group = last; group >= 0; group = order.predecessor(group)) {
        answered[session][order.position(group) - 1] = group;
      }
    }
    return answered;
  }

  private interface WriteRead {
    void take(int reader, int write);
  }

  private void eachWriteRead(WriteRead taker) {
    for (int[] session : groups) {
      for (int group : session) {
        for (int op = history.begin(group); op < history.end(group); op++) {
          if (sources.of(op) < 0 || !sources.isExternalRead(op)) {
            continue;
          }
          int writer = history.group(sources.of(op));
          for (int write = history.begin(writer); write < history.end(writer); write++) {
            if (history.isWrite(write)) {
              taker.take(group, write);
            }
          }
        }
      }
    }
  }

  private void examineSession(int[] session) {
    if (broken.size() == Guarantee.values().length) {
      return;
    }
    int[] seen = new int[order.chains()];
    int[] seenBy = new int[order.chains()];
    Arrays.fill(seenBy, -1);
    for (int group : session) {
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
          int writer = history.group(sources.of(op));
          int chain = order.chain(writer);
          if (seen[chain] < order.position(writer)) {
            seen[chain] = order.position(writer);
            seenBy[chain] = group;
          }
        }
      }
      boolean[] suspect = {false};
      reads.examine(
          group,
          (read, entry) -> {
            suspect[0] |= reads.older(read, writes.operation(entry)) != null;
            return !suspect[0];
          });
      for (int op = history.begin(group); suspect[0] && op < history.end(group); op++) {
        if (sources.isExternalRead(op)) {
          examineRead(op, seen, seenBy);
        }
      }
    }
  }

  private void examineRead(int read, int[] seen, int[] seenBy) {
    int group = history.group(read);
    int session = order.chain(group);
    int key = history.key(read);
    for (int run = writes.beginRun(key); run < writes.endRun(key); run++) {
      int chain = writes.chain(run);
      if (chain == session) {
        test(
            Guarantee.READ_YOUR_WRITES,
            read,
            run,
            order.position(group) - 1,
            write -> List.of(new Hop(Kind.SESSION, write, group)));
      } else if (seen[chain] > 1) {
        int seenWriter = groups[chain][seen[chain] - 1];
        int seer = seenBy[chain];
        test(
            Guarantee.MONOTONIC_WRITES,
            read,
            run,
            seen[chain] - 1,
            write ->
                path(
                    new Hop(Kind.SESSION, write, seenWriter),
                    new Hop(Kind.READ, seenWriter, seer),
                    new Hop(Kind.SESSION, seer, group)));
      }
    }
    examineWhatWasRead(read, seen, seenBy);
  }

  private void examineWhatWasRead(int read, int[] seen, int[] seenBy) {
    int group = history.group(read);
    int session = order.chain(group);
    for (int entry = firstOfKey[history.key(read)];
        entry < firstOfKey[history.key(read) + 1];
        entry++) {
      int reader = readerGroup[entry];
      int writer = history.group(readWrite[entry]);
      int chain = order.chain(reader);
      if (chain == session) {
        if (order.position(reader) < order.position(group)) {
          test(
              Guarantee.MONOTONIC_READS,
              read,
              readWrite[entry],
              path(new Hop(Kind.READ, writer, reader), new Hop(Kind.SESSION, reader, group)));
        }
      } else if (seen[chain] >= order.position(reader)) {
        int seenWriter = groups[chain][seen[chain] - 1];
        int seer = seenBy[chain];
        test(
            Guarantee.WRITES_FOLLOW_READS,
            read,
            readWrite[entry],
            path(
                new Hop(Kind.READ, writer, reader),
                new Hop(Kind.SESSION, reader, seenWriter),
                new Hop(Kind.READ, seenWriter, seer),
                new Hop(Kind.SESSION, seer, group)));
      }
    }
  }

  /** Without hops from a group to itself. */
  private static List<Hop> path(Hop... hops) {
    return Arrays.stream(hops).filter(hop -> hop.from() != hop.to()).toList();
  }

  private interface PathFrom {
    List<Hop> path(int writer);
  }

  private void test(Guarantee guarantee, int read, int run, int position, PathFrom pathFrom) {
    int latest = writes.latest(run, position);
    if (latest < 0) {
      return;
    }
    for (int entry : new int[] {latest, writes.newest(latest)}) {
      test(guarantee, read, writes.operation(entry), pathFrom.path(writes.group(entry)));
    }
  }

  private void test(Guarantee guarantee, int read, int write, List<Hop> path) {
    if (!broken.containsKey(guarantee) && reads.older(read, write) != null) {
      broken.put(guarantee, new Broken(read, write, path));
    }
  }
}
