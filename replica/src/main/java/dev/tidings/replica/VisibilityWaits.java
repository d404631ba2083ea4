package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.clock.PositionSet;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Requests that wait until what their session depends on is visible. Each waits for a bounded
 * while, and a bounded number of them. Confined to the replica's loop.
 */
final class VisibilityWaits {
  private static final int MOST = 10_000;

  /** A request that was let go is looked after again, if what shows it finds no space. */
  private static final long LOOK_MICROS = 500_000;

  private final CausalReplica core;
  private final EventLoop loop;
  private final Duration atMost;
  private final ReplicaMetrics metrics;
  private final Function<PositionSet, @Nullable RuntimeException> whyMissing;
  private final Map<Long, Waiting> waiting = new HashMap<>();
  private long count;
  private boolean stopping;

  private record Waiting(
      Runnable go, Answer<?> answer, long sinceMicros, EventLoop.Timer timeout) {}

  /**
   * @param atMost how long a request waits
   * @param whyMissing what a request is told whose time is up; null if nothing is missing any more
   */
  VisibilityWaits(
      CausalReplica core,
      EventLoop loop,
      Duration atMost,
      ReplicaMetrics metrics,
      Function<PositionSet, @Nullable RuntimeException> whyMissing) {
    this.core = core;
    this.loop = loop;
    this.atMost = atMost;
    this.metrics = metrics;
    this.whyMissing = whyMissing;
  }

  /** Goes on once all of it is visible, or refuses. */
  void await(PositionSet needs, Runnable go, Answer<?> answer) {
    if (stopping) {
      answer.refuse(new StoppingException());
      return;
    }
    if (waiting.size() >= MOST) {
      answer.refuse(new OverloadedException("too many requests wait for visibility here"));
      return;
    }
    long id = count++;
    core.awaitVisible(id, needs);
    EventLoop.Timer timeout = loop.schedule(atMost.toNanos() / 1_000, () -> timeOut(id, needs));
    waiting.put(id, new Waiting(go, answer, loop.nowMicros(), timeout));
  }

  /** What a request waits for is readable. */
  void release(long id) {
    Waiting request = end(id);
    if (request != null) {
      request.go().run();
    }
  }

  private void timeOut(long id, PositionSet needs) {
    RuntimeException why = whyMissing.apply(needs);
    if (why != null) {
      giveUp(id, why);
    } else if (waiting.containsKey(id)) {
      // It is about to become readable, and is released then, if the disk is not full.
      loop.schedule(LOOK_MICROS, () -> timeOut(id, needs));
    }
  }

  private void giveUp(long id, RuntimeException reason) {
    Waiting request = end(id);
    if (request != null) {
      core.cancelWait(id);
      request.answer().refuse(reason);
    }
  }

  /** Refuses all that wait, and those that would. */
  void stop() {
    stopping = true;
    List.copyOf(waiting.keySet()).forEach(id -> giveUp(id, new StoppingException()));
  }

  int size() {
    return waiting.size();
  }

  private @Nullable Waiting end(long id) {
    Waiting request = waiting.remove(id);
    if (request != null) {
      request.timeout().cancel();
      metrics.waited(loop.nowMicros() - request.sinceMicros());
    }
    return request;
  }
}
