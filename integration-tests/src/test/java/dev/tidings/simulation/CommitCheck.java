package dev.tidings.simulation;

import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.replica.storage.ReplicaStore;
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

  /**
   * @param neededAfter from where on somebody will need an origin's log; empty if limits, and not
   *     needs, decide what is kept
   */
  CommitCheck(Function<Origin, OptionalLong> neededAfter) {
    this.neededAfter = neededAfter;
  }

  /** A replica has lost its disk. */
  void wiped(int id) {
    progress.remove(id);
  }

  void committed(int id, ReplicaStore store) {
    Progress now = store.progress();
    Progress before = progress.getOrDefault(id, Progress.NONE);
    progress.put(id, now);
    if (!now.held().dominates(before.held()) || !now.frontier().containsAll(before.frontier())) {
      throw new AssertionError(
          "replica %d held and showed %s, and then %s".formatted(id, before, now));
    }
    now.held()
        .counts()
        .forEach(
            (origin, last) -> {
              // What came with a snapshot is not in the log.
              long first = Math.max(before.held().upTo(origin), store.logStart().upTo(origin)) + 1;
              for (long s = first; s <= last; s++) {
                Write write = store.log(new Position(origin, s));
                check(write, store.identity().origin(), before, now);
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
