package dev.tidings.simulation;

import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.Collection;
import java.util.HashMap;
import java.util.Map;
import java.util.OptionalLong;
import java.util.function.Function;

/**
 * Looks at what each commit of each replica has made durable. Throws an {@link AssertionError} that
 * says what is wrong.
 */
final class CommitCheck {
  private final Map<Integer, Progress> progress = new HashMap<>();
  private final Map<Position, Write> logged = new HashMap<>();
  private final Function<Origin, OptionalLong> neededAfter;

  /** What each founder has ever shown, unless it is to leave. */
  private final Map<Integer, PositionSet> shown = new HashMap<>();

  /** What all these had shown when a write was accepted. */
  private final Map<Position, PositionSet> stable = new HashMap<>();

  /**
   * @param neededAfter from where on somebody will need an origin's log; empty if limits, and not
   *     needs, decide what is kept
   */
  CommitCheck(Collection<Integer> founders, Function<Origin, OptionalLong> neededAfter) {
    founders.forEach(id -> shown.put(id, PositionSet.EMPTY));
    this.neededAfter = neededAfter;
  }

  /** A replica has lost its disk. */
  void wiped(int id) {
    progress.remove(id);
  }

  /** A replica is to be removed: from now on some may not count it any more. */
  void leaves(int id) {
    shown.remove(id);
  }

  /** So much is visible at a replica. */
  void shows(int id, PositionSet frontier) {
    shown.computeIfPresent(id, (i, ever) -> ever.union(frontier));
  }

  /** What every member had shown, at least, when a write was accepted. */
  PositionSet stableFor(Position write) {
    // It may be read before its commit is looked at.
    return stable.getOrDefault(write, shownByAll());
  }

  private PositionSet shownByAll() {
    return shown.values().stream()
        .reduce((one, other) -> one.minus(one.minus(other)))
        .orElse(PositionSet.EMPTY);
  }

  void committed(int id, ReplicaStore store) {
    Progress now = store.progress();
    Progress before = progress.getOrDefault(id, Progress.NONE);
    progress.put(id, now);
    if (!now.held().dominates(before.held()) || !now.frontier().containsAll(before.frontier())) {
      throw new AssertionError(
          "replica %d held and showed %s, and then %s".formatted(id, before, now));
    }
    shows(id, now.frontier());
    PositionSet stableNow = shownByAll();
    now.held()
        .counts()
        .forEach(
            (origin, last) -> {
              // What came with a snapshot is not in the log.
              long first = Math.max(before.held().upTo(origin), store.logStart().upTo(origin)) + 1;
              for (long s = first; s <= last; s++) {
                Write write = store.log(new Position(origin, s));
                check(write, store.identity().origin(), before, now);
                stable.putIfAbsent(write.position(), stableNow);
              }
            });
    store.logStart().counts().forEach((origin, cut) -> checkCut(id, origin, cut, now));
    for (Write write : store.stalledWrites()) {
      if (now.frontier().containsAll(write.dependencies())) {
        throw new AssertionError(
            "replica %d keeps %s from its readers, and shows all that it depends on, %s"
                .formatted(id, write.position(), write.dependencies()));
      }
    }
  }

  private void checkCut(int id, Origin origin, long cut, Progress now) {
    if (now.frontier().upTo(origin) < cut) {
      throw new AssertionError(
          "replica %d has cut off the log of %s up to %d, and shows %s"
              .formatted(id, origin, cut, now.frontier()));
    }
    OptionalLong needed = neededAfter.apply(origin);
    if (needed.isPresent() && needed.getAsLong() < cut) {
      throw new AssertionError(
          "replica %d has cut off the log of %s up to %d, and a member holds it up to %d only"
              .formatted(id, origin, cut, needed.getAsLong()));
    }
  }

  private void check(Write write, Origin self, Progress before, Progress now) {
    Write known = logged.putIfAbsent(write.position(), write);
    if (known != null && !known.equals(write)) {
      throw new AssertionError(
          "%s is two writes: %s, and at %s %s".formatted(write.position(), known, self, write));
    }
    boolean isOwn = write.position().origin().equals(self);
    long time = write.version().lamportTime();
    if (isOwn ? time <= before.lamportTime() : time >= now.lamportTime()) {
      throw new AssertionError(
          "%s has Lamport time %d; that of %s was %d before and is %d"
              .formatted(write.position(), time, self, before.lamportTime(), now.lamportTime()));
    }
  }
}
