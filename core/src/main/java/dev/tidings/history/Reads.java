package dev.tidings.history;

import org.jspecify.annotations.Nullable;

/**
 * Looks at what a read could have read instead: for each chain, the last write of the key that is
 * causally before the read.
 */
final class Reads {
  private final History history;
  private final Sources sources;
  private final CausalOrder order;
  private final Writes writes;

  /** Causal consistency by itself puts concurrent writes into no order. */
  private final boolean versionsCount;

  /** How a read's source is older than a write that is causally before the read. */
  enum Older {
    /** The read saw the initial value. */
    INITIAL,
    /** The source is causally before the write. */
    CAUSALLY,
    /** The source has the lower version. */
    BY_VERSION
  }

  /** Takes what a read could have read. */
  interface Alternatives {
    /**
     * @param read an external read
     * @param run of {@link Writes}: one of the same key
     * @param entry of the run: a write that is causally before the read, and not its source
     * @return whether to go on with the same read
     */
    boolean examine(int read, int run, int entry);
  }

  Reads(History history, Model model, Sources sources, CausalOrder order, Writes writes) {
    this.history = history;
    this.sources = sources;
    this.order = order;
    this.writes = writes;
    versionsCount = model != Model.CC;
  }

  /** Each external read of a group, with each chain's last write before it. */
  void examine(int group, Alternatives alternatives) {
    for (int op = history.begin(group); op < history.end(group); op++) {
      if (sources.isExternalRead(op)) {
        examineRead(op, alternatives);
      }
    }
  }

  /** The last entry of a run of {@link Writes} that is causally before a group, or -1. */
  int latestKnown(int group, int run) {
    int reach = order.past(group, writes.chain(run));
    return reach == 0 ? -1 : writes.latest(run, reach);
  }

  private void examineRead(int read, Alternatives alternatives) {
    int group = history.group(read);
    int source = sources.of(read) < 0 ? -1 : history.group(sources.of(read));
    int key = history.key(read);
    for (int run = writes.beginRun(key); run < writes.endRun(key); run++) {
      int entry = latestKnown(group, run);
      if (entry < 0) {
        continue;
      }
      if (writes.group(entry) != source && !alternatives.examine(read, run, entry)) {
        return;
      }
      int newest = writes.newest(entry);
      if (newest != entry
          && writes.group(newest) != source
          && !alternatives.examine(read, run, newest)) {
        return;
      }
    }
  }

  /**
   * Where nothing tells why a key is absent, it may have been deleted, by whomever, if not before
   * the write, nor after it was seen to be absent.
   */
  private boolean mayBeDeletedBetween(int write, int read) {
    int delete = sources.lastDelete(history.key(write));
    while (delete >= 0 && (isOlder(delete, write) || isBehind(delete, history.group(read)))) {
      delete = sources.previousDelete(delete);
    }
    return delete >= 0;
  }

  private boolean isBehind(int delete, int group) {
    int deleter = history.group(delete);
    return deleter == group || (order.happened(deleter) && order.isBefore(group, deleter));
  }

  private boolean isOlder(int delete, int write) {
    int group = history.group(delete);
    return history.outcome(group) == Outcome.ABORTED
        || (order.happened(group) && order.isBefore(group, history.group(write)))
        || hasLowerVersion(delete, write);
  }

  private boolean hasLowerVersion(int write, int other) {
    return versionsCount && writes.rank(write) > 0 && writes.rank(write) < writes.rank(other);
  }

  /**
   * Whether, and how, a read's source is older than another write of the key. Needs the clocks of
   * all groups.
   *
   * @return null if it is not
   */
  @Nullable Older older(int read, int write) {
    int source = sources.of(read);
    if (source < 0) {
      boolean mayBeDeleted =
          history.isFinal(history.group(read)) || history.isConditionOfAbsence(read);
      return mayBeDeleted && mayBeDeletedBetween(write, read) ? null : Older.INITIAL;
    }
    if (history.group(source) == history.group(write)) {
      return null;
    }
    if (order.isBefore(history.group(source), history.group(write))) {
      return Older.CAUSALLY;
    }
    return hasLowerVersion(source, write) ? Older.BY_VERSION : null;
  }
}
