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

  /** The groups of each chain, by position: those of sessions first. */
  private final int[][] groups;

  private Guarantees(
      History history, Sources sources, CausalOrder order, Writes writes, Reads reads) {
    this.history = history;
    this.sources = sources;
    this.order = order;
    this.writes = writes;
    this.reads = reads;
    groups = groupsByChain();
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
    for (int session = 0; session < history.sessions(); session++) {
      guarantees.examineSession(session);
    }
    return guarantees.broken;
  }

  private int[][] groupsByChain() {
    int[] lengths = new int[order.chains()];
    for (int group = 0; group < order.groups(); group++) {
      if (order.chain(group) >= 0) {
        lengths[order.chain(group)]++;
      }
    }
    int[][] byChain = new int[lengths.length][];
    Arrays.setAll(byChain, chain -> new int[lengths[chain]]);
    for (int group = 0; group < order.groups(); group++) {
      if (order.chain(group) >= 0) {
        byChain[order.chain(group)][order.position(group) - 1] = group;
      }
    }
    return byChain;
  }

  /**
   * How far a session has come to know what another chain did before it wrote something that the
   * session has read.
   */
  private static final class Reached {
    private final int[] position;
    private final int[] writer;
    private final int[] seer;

    Reached(int chains) {
      position = new int[chains];
      writer = new int[chains];
      seer = new int[chains];
    }

    void add(int chain, int upTo, int writtenBy, int seenBy) {
      if (upTo > position[chain]) {
        position[chain] = upTo;
        writer[chain] = writtenBy;
        seer[chain] = seenBy;
      }
    }
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

  private void examineSession(int session) {
    if (broken.size() == Guarantee.values().length) {
      return;
    }
    var before = new Reached(order.chains());
    var including = new Reached(order.chains());
    for (int group : groups[session]) {
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (sources.of(op) >= 0 && sources.isExternalRead(op)) {
          see(history.group(sources.of(op)), group, before, including);
        }
      }
      boolean[] suspect = {false};
      reads.examine(
          group,
          (read, run, entry) -> {
            suspect[0] |= reads.older(read, writes.operation(entry)) != null;
            return !suspect[0];
          });
      for (int op = history.begin(group); suspect[0] && op < history.end(group); op++) {
        if (sources.isExternalRead(op)) {
          examineRead(op, before);
          examineWhatWasRead(op, including);
        }
      }
    }
  }

  /** A writer of unknown outcome is a chain of its own, behind its session's. */
  private void see(int writer, int seer, Reached before, Reached including) {
    int chain = order.chain(writer);
    int position = order.position(writer);
    before.add(chain, position - 1, writer, seer);
    including.add(chain, position, writer, seer);
    int predecessor = order.predecessor(writer);
    if (predecessor >= 0 && order.chain(predecessor) != chain) {
      before.add(order.chain(predecessor), order.position(predecessor), writer, seer);
      including.add(order.chain(predecessor), order.position(predecessor), writer, seer);
    }
  }

  private void examineRead(int read, Reached before) {
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
      } else if (before.position[chain] > 0) {
        test(
            Guarantee.MONOTONIC_WRITES,
            read,
            run,
            before.position[chain],
            write ->
                path(
                    new Hop(Kind.SESSION, write, before.writer[chain]),
                    new Hop(Kind.READ, before.writer[chain], before.seer[chain]),
                    new Hop(Kind.SESSION, before.seer[chain], group)));
      }
    }
  }

  private void examineWhatWasRead(int read, Reached including) {
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
      } else if (including.position[chain] >= order.position(reader)) {
        int seenWriter = including.writer[chain];
        int seer = including.seer[chain];
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
