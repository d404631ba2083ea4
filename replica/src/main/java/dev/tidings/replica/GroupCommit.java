package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Progress;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.ArrayList;
import java.util.List;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the loop's round has decided: one storage batch and one sync make it durable when the round
 * ends, and only then is it answered, sent and told. While the disk has no space nothing becomes
 * durable; what was decided is kept, and tried again. Confined to the replica's loop.
 */
final class GroupCommit {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  /** How long the answer to whether the disk is full holds. */
  private static final long FULL_MICROS = 50_000;

  /** How often a full disk is tried again. */
  static final long RETRY_MICROS = 500_000;

  private final ReplicaStore store;
  private final CausalReplica core;
  private final EventLoop loop;
  private final ReplicaMetrics metrics;
  private final Runnable onCommit;
  private final Runnable onFull;
  private List<Runnable> waiting = new ArrayList<>();
  private ReplicaStore.Commit changes;

  /** What the last commit has made durable. */
  private Progress durable;

  /** Whether the round's changes could not be made durable: they are tried again. */
  private boolean stuck;

  private boolean full;
  private long fullAskedMicros = Long.MIN_VALUE;

  /**
   * @param onCommit runs after each commit, before what waits for it
   * @param onFull runs when a retry finds the disk full: whatever keeps space is to end
   */
  GroupCommit(
      ReplicaStore store,
      CausalReplica core,
      EventLoop loop,
      ReplicaMetrics metrics,
      Runnable onCommit,
      Runnable onFull) {
    this.store = store;
    this.core = core;
    this.loop = loop;
    this.metrics = metrics;
    this.onCommit = onCommit;
    this.onFull = onFull;
    this.durable = store.progress();
    this.changes = store.begin();
  }

  /** The round's changes; another object after each commit. */
  ReplicaStore.Commit changes() {
    return changes;
  }

  /** Runs it once all that has been decided by now is durable. */
  void afterwards(Runnable task) {
    waiting.add(task);
  }

  /** The same, or at once while nothing can become durable. */
  void afterwardsIfPossible(Runnable task) {
    if (stuck) {
      task.run();
    } else {
      afterwards(task);
    }
  }

  /** What the last commit has made durable. */
  Progress durable() {
    return durable;
  }

  /** What will be durable when the round has ended. */
  Progress expected() {
    return stuck ? durable : core.progress();
  }

  /** Whether what has been decided waits for space on the disk. */
  boolean isStuck() {
    return stuck;
  }

  /** Whether nothing more is to be written now. */
  boolean isDiskFull() {
    long now = loop.nowMicros();
    if (fullAskedMicros == Long.MIN_VALUE || now - fullAskedMicros >= FULL_MICROS) {
      fullAskedMicros = now;
      boolean before = full;
      full = store.isFull();
      if (full != before) {
        LOG.warn(
            full
                ? "the disk is full: writes are refused until there is space"
                : "there is space on the disk again: writes are taken");
      }
    }
    return stuck || full;
  }

  /**
   * Ends the round.
   *
   * @return whether it could be made durable, and what waited for that has run
   */
  boolean end() {
    if (stuck || !commit()) {
      return false;
    }
    // What runs now may add more, for the next round.
    List<Runnable> now = waiting;
    waiting = new ArrayList<>();
    now.forEach(Runnable::run);
    return true;
  }

  /** Makes durable now what has been decided, and tells whether that succeeded. */
  boolean commit() {
    if (changes.isEmpty()) {
      return true;
    }
    try {
      long began = loop.nowMicros();
      changes.sync(core.progress());
      metrics.synced(loop.nowMicros() - began);
    } catch (DiskFullException e) {
      LOG.warn("the disk is full: what was about to be written waits for space");
      stuck = true;
      loop.schedule(RETRY_MICROS, this::retry);
      return false;
    }
    changes.close();
    changes = store.begin();
    durable = core.progress();
    onCommit.run();
    return true;
  }

  private void retry() {
    try {
      if (!store.isFull()) {
        onFull.run();
      }
      if (store.recover()) {
        stuck = false;
        LOG.info("there is space on the disk again");
      } else {
        loop.schedule(RETRY_MICROS, this::retry);
      }
    } catch (DiskFullException e) {
      loop.schedule(RETRY_MICROS, this::retry);
    }
  }

  /** Ends the loop's use of the store; after its last round. */
  void close() {
    changes.close();
  }
}
