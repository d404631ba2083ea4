package dev.tidings.simulation;

import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.HashMap;
import java.util.Map;

/**
 * Looks at what each commit of each replica has made durable. Throws an {@link AssertionError} that
 * says what is wrong.
 */
final class CommitCheck {
  private final Map<Integer, Progress> progress = new HashMap<>();
  private final Map<Position, Write> logged = new HashMap<>();

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
              long first = before.held().upTo(origin) + 1;
              if (first <= last) {
                store
                    .log(origin, first, last, Integer.MAX_VALUE, Long.MAX_VALUE)
                    .forEach(write -> check(write, store.identity().origin(), before, now));
              }
            });
    for (Write write : store.stalledWrites()) {
      if (now.frontier().containsAll(write.dependencies())) {
        throw new AssertionError(
            "replica %d keeps %s from its readers, and shows all that it depends on, %s"
                .formatted(id, write.position(), write.dependencies()));
      }
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
