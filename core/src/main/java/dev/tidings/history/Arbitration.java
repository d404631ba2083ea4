package dev.tidings.history;

import java.util.Arrays;
import java.util.Comparator;

/**
 * The order into which causal convergence must put the writes of each key: a write that a read knew
 * of, and did not return, is older than the one that it returned (the conflict relation CF of
 * Bouajjani et al.); and versions, where they are known, decide.
 */
final class Arbitration {
  private final CausalOrder order;
  private final Reads reads;
  private final Sources sources;
  private final History history;
  private final Writes writes;

  /** From the older group to the newer. */
  private final Edges newer = new Edges();

  private boolean initialMissed;

  Arbitration(History history, Sources sources, CausalOrder order, Writes writes, Reads reads) {
    this.history = history;
    this.sources = sources;
    this.order = order;
    this.writes = writes;
    this.reads = reads;
  }

  /** Learns from the reads of a group, whose clock and whose sources' clocks are known. */
  void visit(int group) {
    reads.examine(group, this::learn);
  }

  private boolean learn(int read, int run, int entry) {
    int source = sources.of(read);
    if (source < 0) {
      initialMissed = true;
      return true;
    }
    int newest = history.group(source);
    if (!order.knows(newest, writes.chain(run), writes.position(entry))) {
      int rank = writes.rank(writes.operation(entry));
      boolean versionsSay = rank > 0 && rank < writes.rank(source);
      if (!versionsSay) {
        newer.add(writes.group(entry), newest);
      }
    }
    return true;
  }

  /** Whether a read saw an initial value, although a write of the key was causally before it. */
  boolean initialMissed() {
    return initialMissed;
  }

  /** What reads said, where neither causality nor versions say it: from the older to the newer. */
  Edges newer() {
    newer.deduplicate();
    return newer;
  }

  /** From each write of a known version to the group with the key's next version. */
  Edges versions() {
    var edges = new Edges();
    if (!writes.haveVersions()) {
      return edges;
    }
    for (int key = 0; key < history.keys(); key++) {
      Integer[] known = writesWithVersions(key);
      for (int i = 1; i < known.length; i++) {
        edges.add(history.group(known[i - 1]), history.group(known[i]));
      }
    }
    return edges;
  }

  private Integer[] writesWithVersions(int key) {
    int begin = writes.beginRun(key) == writes.endRun(key) ? 0 : writes.begin(writes.beginRun(key));
    int end =
        begin == 0 && writes.beginRun(key) == writes.endRun(key)
            ? 0
            : writes.end(writes.endRun(key) - 1);
    Integer[] known = new Integer[end - begin];
    int count = 0;
    for (int entry = begin; entry < end; entry++) {
      if (writes.rank(writes.operation(entry)) > 0) {
        known[count++] = writes.operation(entry);
      }
    }
    known = Arrays.copyOf(known, count);
    Arrays.sort(known, Comparator.comparingInt(writes::rank));
    return known;
  }
}
