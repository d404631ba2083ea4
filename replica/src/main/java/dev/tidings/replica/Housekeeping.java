package dev.tidings.replica;

import dev.tidings.causal.Membership;
import dev.tidings.causal.Progress;
import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.NavigableMap;
import java.util.Set;
import java.util.TreeMap;
import java.util.function.LongPredicate;

/**
 * Forgets what is not needed any more: the part of each log that every member holds, and deletes
 * that nobody can miss. Confined to the replica's loop.
 */
final class Housekeeping {
  /** A log is cut only if so much is gained. */
  private static final int MIN_CUT = 100;

  /** So much is forgotten in one round. */
  private static final int AT_ONCE = 1_000;

  private static final long HOUR_MICROS = 3_600_000_000L;

  private final Origin self;
  private final ReplicaStore store;
  private final Membership membership;
  private final TimeTable table;
  private final Retention retention;

  /** What was held by the end of an hour, as far as its requests may still be remembered. */
  private final NavigableMap<Long, VersionVector> heldBy = new TreeMap<>();

  /** Requests of this hour and before it need not be known; 0 for none. */
  private long forgotten;

  Housekeeping(
      Origin self,
      ReplicaStore store,
      Membership membership,
      TimeTable table,
      Retention retention) {
    this.self = self;
    this.store = store;
    this.membership = membership;
    this.table = table;
    this.retention = retention;
  }

  /** The hour since 1970 in which a wall-clock time lies. */
  static long hour(long micros) {
    return micros / HOUR_MICROS;
  }

  /**
   * Forgets some of it.
   *
   * @param durable what the store has
   * @param nowMicros wall-clock time
   * @return whether there is more to forget at once
   */
  boolean run(Progress durable, ReplicaStore.Commit commit, long nowMicros) {
    durable
        .held()
        .counts()
        .forEach((origin, held) -> cut(origin, held, durable, commit, nowMicros));
    table.keep(durable.frontier());
    boolean areEndedLogsDone = areEndsKnown() && areEndedLogsVisible(durable);
    boolean areMoreRequests = forgetRequests(durable, areEndedLogsDone, commit, nowMicros);
    boolean areMoreTombstones =
        areEndedLogsDone
            && commit.collectTombstones(
                    delete -> isShownByAll(delete.position()),
                    nowMicros - retention.tombstoneAge().toNanos() / 1_000,
                    AT_ONCE)
                == AT_ONCE;
    return areMoreRequests || areMoreTombstones;
  }

  /**
   * A session's last request is known for an hour at least, for the client that repeats it; and
   * until no other try of it can come: every member has shown what this replica held by then, and
   * accepts it no more, and what it had accepted before is visible here; so is what those had
   * accepted who are no members any more.
   */
  private boolean forgetRequests(
      Progress durable, boolean areEndedLogsDone, ReplicaStore.Commit commit, long nowMicros) {
    long hour = hour(nowMicros);
    heldBy.put(hour, durable.held());
    long oldest = hour - retention.maxLogAge().toHours();
    while (!heldBy.isEmpty()
        && heldBy.firstKey() < hour
        && (heldBy.firstKey() < oldest
            || (areEndedLogsDone && isShownByAll(heldBy.firstEntry().getValue())))) {
      forgotten = heldBy.pollFirstEntry().getKey() - 1;
    }
    return forgotten > 0
        && commit.forgetRequests(Math.min(forgotten, hour - 2), AT_ONCE) == AT_ONCE;
  }

  private boolean isShownByAll(VersionVector held) {
    return membership.others(self).stream()
        .allMatch(
            member -> member.filter(m -> table.kept(m).visible().dominates(held)).isPresent());
  }

  private void cut(
      Origin origin, long held, Progress durable, ReplicaStore.Commit commit, long nowMicros) {
    long from = store.logStart().upTo(origin);
    // What is stalled is in the log only.
    long visible = Math.min(held, durable.frontier().upTo(origin));
    if (visible - from < MIN_CUT) {
      return;
    }
    long end = store.logEnd(new Position(origin, held));
    long maxAgeMicros = retention.maxLogAge().toNanos() / 1_000;
    long surplus =
        last(
            from,
            visible,
            s -> end - store.logEnd(new Position(origin, s)) >= retention.logBytes());
    long needless = Math.min(surplus, heldByAll(origin));
    long tooMuch =
        last(
            from,
            surplus,
            s -> end - store.logEnd(new Position(origin, s)) >= retention.maxLogBytes());
    long tooOld =
        last(
            from,
            surplus,
            s ->
                nowMicros - store.log(new Position(origin, s)).committedAtMicros() >= maxAgeMicros);
    long upTo = Math.max(needless, Math.max(tooMuch, tooOld));
    if (upTo - from >= MIN_CUT) {
      commit.cutLog(origin, upTo);
    }
  }

  /** The last sequence of which it holds, if it holds up to some sequence: or {@code from}. */
  private static long last(long from, long to, LongPredicate holds) {
    long low = from;
    long high = to;
    while (low < high) {
      long middle = low + (high - low + 1) / 2;
      if (holds.test(middle)) {
        low = middle;
      } else {
        high = middle - 1;
      }
    }
    return low;
  }

  private long heldByAll(Origin origin) {
    return membership.others(self).stream()
        .mapToLong(member -> member.map(m -> table.row(m).held().upTo(origin)).orElse(0L))
        .min()
        .orElse(Long.MAX_VALUE);
  }

  /**
   * Whether every member shows that delete, and all that it wrote before it did so is visible here.
   * Then nobody will read what it deleted any more, and nothing will come that the delete would
   * have to hide: whatever a member writes after it has shown the delete has a higher version.
   */
  private boolean isShownByAll(Position position) {
    return membership.others(self).stream()
        .allMatch(
            member -> member.filter(m -> table.kept(m).visible().contains(position)).isPresent());
  }

  /** Whether every member knows which logs have ended, and takes them from members only. */
  private boolean areEndsKnown() {
    Set<Origin> ended = membership.ended();
    return membership.others(self).stream()
        .allMatch(
            member -> member.filter(m -> table.row(m).ended().containsAll(ended)).isPresent());
  }

  /** Logs that no longer grow have no one to promise anything: all of them must be here. */
  private boolean areEndedLogsVisible(Progress durable) {
    return table.rows().values().stream()
        .flatMap(row -> row.held().counts().entrySet().stream())
        .filter(log -> membership.rank(log.getKey()) == Membership.Rank.ENDED)
        .allMatch(log -> durable.frontier().upTo(log.getKey()) >= log.getValue());
  }
}
