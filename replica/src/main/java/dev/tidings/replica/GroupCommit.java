package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Progress;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What the loop's rounds have decided: one storage batch and one sync make it durable, and only
 * then is it answered, sent and told. While a batch is written the next is gathered, so it has what
 * came meanwhile. While the disk has no space nothing becomes durable; what was decided is kept,
 * and tried again. Confined to the replica's loop, but for the writing itself.
 */
final class GroupCommit {
  private static final Logger LOG = LoggerFactory.getLogger(GroupCommit.class);

  /** So many writes are decided at most while others are written, and a round more. */
  private static final int MOST_AHEAD = 1_024;

  /** And so many bytes of their keys and values. */
  private static final long MOST_BYTES_AHEAD = 16L << 20;

  /** How long the answer to whether the disk is full holds. */
  private static final long FULL_MICROS = 50_000;

  /** How often a full disk is tried again. */
  static final long RETRY_MICROS = 500_000;

  private final ReplicaStore store;
  private final CausalReplica core;
  private final EventLoop loop;
  private final Committer committer;
  private final ReplicaMetrics metrics;
  private final Runnable onCommit;
  private final Runnable onFull;

  /** Runs once the changes are durable. */
  private List<Waiting> waiting = new ArrayList<>();

  /** Runs when the round ends: nothing that it has waited for is left. */
  private List<Waiting> due = new ArrayList<>();

  private ReplicaStore.Commit changes;

  /** What is being written, or waits for space. */
  private @Nullable UnderWay underWay;

  /** What the last commit has made durable. */
  private Progress durable;

  /** Whether what is under way could not be made durable: it is tried again. */
  private boolean stuck;

  private boolean full;
  private long fullAskedMicros = Long.MIN_VALUE;

  /**
   * @param committer who writes what the loop does not want to wait for
   * @param onCommit runs after each commit, before what waits for it
   * @param onFull runs when a retry finds the disk full: whatever keeps space is to end
   */
  GroupCommit(
      ReplicaStore store,
      CausalReplica core,
      EventLoop loop,
      Committer committer,
      ReplicaMetrics metrics,
      Runnable onCommit,
      Runnable onFull) {
    this.store = store;
    this.core = core;
    this.loop = loop;
    this.committer = committer;
    this.metrics = metrics;
    this.onCommit = onCommit;
    this.onFull = onFull;
    this.durable = store.progress();
    this.changes = store.begin();
  }

  /**
   * What is done after a commit.
   *
   * @param needsIt whether it waits for space if the commit finds none
   */
  private record Waiting(Runnable task, boolean needsIt) {}

  /**
   * Changes on their way to the disk.
   *
   * @param waiting runs once they are durable
   * @param writing writes them, once, by whichever thread comes first; how long that took, µs
   */
  private record UnderWay(
      ReplicaStore.Commit changes,
      Progress progress,
      List<Waiting> waiting,
      FutureTask<Long> writing) {}

  /** What is being decided now; another object once that goes to the disk. */
  ReplicaStore.Commit changes() {
    return changes;
  }

  /** Runs it once all that has been decided by now is durable. */
  void afterwards(Runnable task) {
    waiting.add(new Waiting(task, true));
  }

  /** The same, or as soon as it is known that nothing can become durable. */
  void afterwardsIfPossible(Runnable task) {
    if (stuck) {
      task.run();
    } else {
      waiting.add(new Waiting(task, false));
    }
  }

  /** What the last commit has made durable. */
  Progress durable() {
    return durable;
  }

  /** What will be durable soon. */
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

  /** Ends a round: what it has decided goes to the disk, at once or after what is on its way. */
  void end() {
    runAll(takeDue());
    if (underWay != null && !stuck && isFarAhead()) {
      runAll(finish(underWay));
    }
    if (underWay != null) {
      return;
    }
    if (changes.isEmpty()) {
      runAll(takeWaiting());
      return;
    }
    UnderWay next = begin();
    if (!committer.offer(
        next.changes().size(),
        () -> {
          next.writing().run();
          loop.execute(() -> written(next));
        })) {
      runAll(finish(next));
    }
  }

  /** The loop must not run ahead of the disk for long. */
  private boolean isFarAhead() {
    return changes.size() >= MOST_AHEAD || changes.bytes() >= MOST_BYTES_AHEAD;
  }

  /** What runs may add more, for a later round. */
  private static void runAll(List<Waiting> tasks) {
    tasks.forEach(each -> each.task().run());
  }

  private List<Waiting> takeWaiting() {
    List<Waiting> now = waiting;
    waiting = new ArrayList<>();
    return now;
  }

  private List<Waiting> takeDue() {
    List<Waiting> now = due;
    due = new ArrayList<>();
    return now;
  }

  private UnderWay begin() {
    UnderWay now = underWay(changes, core.progress(), takeWaiting());
    changes = changes.next();
    underWay = now;
    return now;
  }

  private UnderWay underWay(ReplicaStore.Commit changes, Progress progress, List<Waiting> waiting) {
    return new UnderWay(
        changes,
        progress,
        waiting,
        new FutureTask<>(
            () -> {
              long began = loop.nowMicros();
              changes.sync(progress);
              return loop.nowMicros() - began;
            }));
  }

  private void written(UnderWay it) {
    // The loop may have waited for it itself.
    if (underWay != null && underWay.writing() == it.writing() && !stuck) {
      runAll(finish(it));
    }
  }

  /**
   * Writes what is under way, or waits until that is done.
   *
   * @return what waits for it; if the disk is full, only what does not wait for space
   */
  private List<Waiting> finish(UnderWay it) {
    it.writing().run();
    try {
      metrics.synced(it.writing().get());
    } catch (InterruptedException e) {
      throw new IllegalStateException("nobody interrupts the loop", e);
    } catch (ExecutionException e) {
      if (e.getCause() instanceof DiskFullException) {
        LOG.warn("the disk is full: what was about to be written waits for space");
        stuck = true;
        loop.schedule(RETRY_MICROS, this::retry);
        List<Waiting> impatient = takeImpatient(it.waiting());
        impatient.addAll(takeImpatient(waiting));
        return impatient;
      }
      if (e.getCause() instanceof Error error) {
        throw error;
      }
      throw (RuntimeException) e.getCause();
    }
    it.changes().close();
    underWay = null;
    durable = it.progress();
    onCommit.run();
    return it.waiting();
  }

  private static List<Waiting> takeImpatient(List<Waiting> from) {
    var impatient = new ArrayList<Waiting>();
    from.removeIf(each -> !each.needsIt() && impatient.add(each));
    return impatient;
  }

  /**
   * Makes durable now all that has been decided, and tells whether that succeeded. What waits for
   * it runs when the round has ended.
   */
  boolean commit() {
    while (!stuck && (underWay != null || !changes.isEmpty())) {
      due.addAll(finish(underWay == null ? begin() : underWay));
    }
    return !stuck;
  }

  private void retry() {
    try {
      if (!store.isFull()) {
        onFull.run();
      }
      if (!store.recover()) {
        loop.schedule(RETRY_MICROS, this::retry);
        return;
      }
    } catch (DiskFullException e) {
      loop.schedule(RETRY_MICROS, this::retry);
      return;
    }
    LOG.info("there is space on the disk again");
    UnderWay before = underWay;
    if (before != null) {
      stuck = false;
      underWay = underWay(before.changes(), before.progress(), before.waiting());
      runAll(finish(underWay));
    }
  }

  /** Ends the loop's use of the store; after its last round, and when nothing is written more. */
  void close() {
    if (underWay != null) {
      underWay.changes().close();
    }
    changes.close();
  }
}
