package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.CausalReplica.StalledWrite;
import dev.tidings.causal.Effect;
import dev.tidings.causal.PositionGapException;
import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.function.LongConsumer;

/**
 * Drives the core. Its event loop takes what has queued up, lets the core decide, commits it all in
 * one storage batch with one sync (group commit), and only then answers, sends and tells. Reads do
 * not wait for the loop, unless they need what is not visible yet.
 *
 * <p>The methods that take an {@link Answer} or a callback may be called from any thread; the rest
 * is confined to the loop.
 */
public final class Replica {
  /** So many requests wait for visibility at most. */
  private static final int MAX_WAITING = 10_000;

  /**
   * While so much of an origin's log is stalled, no more of it is taken. Its stream waits, and
   * nobody else's, and nothing waits for ever: of all writes that are not visible, the one with the
   * lowest version has everything it depends on, and nothing of its own origin is stalled before
   * it.
   */
  private static final int MAX_STALLED_WRITES = 10_000;

  private static final long MAX_STALLED_BYTES = 64L << 20;

  /** Stalled writes that a status lists. */
  private static final int MAX_LISTED = 100;

  private final Identity identity;
  private final Limits limits;
  private final Duration readWait;
  private final EventLoop loop;
  private final ReplicaStore store;
  private final InstantSource wallClock;
  private final Story story;
  private final LongConsumer onOwnHead;
  private final CausalReplica core;
  private final Map<Long, Waiting> waiting = new HashMap<>();

  /** Streams that have not been asked for more yet, and whose log they carry. */
  private final Map<PeerStream, Origin> paused = new HashMap<>();

  private final List<Runnable> afterCommit = new ArrayList<>();
  private ReplicaStore.Commit commit;
  private long ownHead;
  private long waiterCount;
  private long stalledTotal;
  private boolean stopping;

  /**
   * @param readWait how long a request waits for what its session depends on
   * @param onOwnHead told how far this replica's own log is durable, after each commit that added
   *     to it; called on the loop
   */
  public Replica(
      ReplicaStore store,
      Limits limits,
      Duration readWait,
      long maxForwardJumpTicks,
      EventLoop loop,
      InstantSource wallClock,
      Story story,
      LongConsumer onOwnHead) {
    this.identity = store.identity();
    this.store = store;
    this.limits = limits;
    this.readWait = readWait;
    this.loop = loop;
    this.wallClock = wallClock;
    this.story = story;
    this.onOwnHead = onOwnHead;
    Progress progress = store.progress();
    this.core =
        new CausalReplica(
            identity.origin(),
            identity.consistency(),
            maxForwardJumpTicks,
            progress,
            store.stalledWrites(),
            loop.nowMicros());
    this.ownHead = progress.held().upTo(identity.origin());
    this.commit = store.begin();
  }

  public Identity identity() {
    return identity;
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Accepts a client's write once what its session depends on is visible, and answers when it is
   * durable.
   */
  public void write(WriteRequest request, Answer<WriteResult> answer) {
    offer(() -> onWrite(request, answer), answer);
  }

  /** Answers at once if what the session depends on is readable, and else when it is. */
  public void read(ReadRequest request, Answer<ReadResult> answer) {
    try (ReadView view = store.view()) {
      if (view.frontier().containsAll(request.session().dependencies())) {
        answer(view, request, answer);
        return;
      }
    }
    offer(() -> onEarlyRead(request, answer), answer);
  }

  /**
   * Takes the next writes of a peer's log.
   *
   * @param delayTicks see {@link CausalReplica#onReplicatedWrite}
   */
  public void receive(List<Write> writes, long delayTicks, PeerStream stream) {
    loop.execute(() -> onReceive(writes, delayTicks, stream));
  }

  /** A peer has connected: takes what is durable here to the consumer, on the loop. */
  public void peerConnected(Origin peer, Consumer<VersionVector> consumer) {
    loop.execute(
        () ->
            afterCommit.add(
                () -> {
                  VersionVector held = core.progress().held();
                  story.peerConnected(peer, held.upTo(peer));
                  consumer.accept(held);
                }));
  }

  /** A peer's stream broke. */
  public void peerDisconnected(Origin peer) {
    loop.execute(() -> story.peerDisconnected(peer));
  }

  /** Runs something on the loop once all that was handed over before it is answered. */
  public void afterwards(Runnable task) {
    loop.execute(() -> afterCommit.add(task));
  }

  /** Tells how the replica stands. */
  public void status(Answer<ReplicaStatus> answer) {
    offer(
        () ->
            afterCommit.add(
                () -> {
                  Progress progress = core.progress();
                  List<ReplicaStatus.Stalled> listed =
                      core.stalled().stream()
                          .limit(MAX_LISTED)
                          .map(StalledWrite::write)
                          .map(
                              write ->
                                  new ReplicaStatus.Stalled(
                                      write.position(),
                                      write.version(),
                                      write.dependencies().minus(progress.frontier())))
                          .toList();
                  answer.succeed(
                      new ReplicaStatus(progress, listed, core.stalled().size(), stalledTotal));
                }),
        answer);
  }

  /** Refuses all requests that wait, and those that would. */
  public void stopWaiting() {
    loop.execute(
        () -> {
          stopping = true;
          List.copyOf(waiting.keySet()).forEach(id -> giveUp(id, new StoppingException()));
        });
  }

  /** The loop's hook: makes a round's changes durable, then answers. */
  public void onRoundEnd() {
    if (!commit.isEmpty()) {
      commit.sync(core.progress());
      commit.close();
      commit = store.begin();
      long head = core.progress().held().upTo(identity.origin());
      if (head > ownHead) {
        ownHead = head;
        onOwnHead.accept(head);
      }
    }
    // What runs now may add more, for the next round.
    List<Runnable> now = List.copyOf(afterCommit);
    afterCommit.clear();
    now.forEach(Runnable::run);
    resumePaused();
  }

  /** Ends the loop's use of the store; after the loop's last round. */
  public void close() {
    commit.close();
  }

  private void offer(Runnable task, Answer<?> answer) {
    if (!loop.offer(task)) {
      answer.refuse(new OverloadedException("the replica has too many requests queued up"));
    }
  }

  private void onWrite(WriteRequest request, Answer<WriteResult> answer) {
    if (answer.isAbandoned()) {
      return;
    }
    PositionSet dependencies = request.session().dependencies();
    if (!core.isVisible(dependencies)) {
      await(dependencies, () -> loop.execute(() -> onWrite(request, answer)), answer);
      return;
    }
    List<Effect> effects;
    try {
      effects =
          core.onClientWrite(
              request.session(), request.requestId(), request.mutations(), wallMicros());
    } catch (ForwardJumpException e) {
      answer.refuse(e);
      return;
    }
    carryOut(effects);
    Write write = accepted(effects);
    afterCommit.add(
        () ->
            answer.succeed(
                new WriteResult(
                    request.session().afterWrite(write.position(), write.version()),
                    write.position(),
                    write.version())));
  }

  private void onEarlyRead(ReadRequest request, Answer<ReadResult> answer) {
    Runnable readNow =
        () -> {
          try (ReadView view = store.view()) {
            answer(view, request, answer);
          }
        };
    PositionSet dependencies = request.session().dependencies();
    if (core.isVisible(dependencies)) {
      afterCommit.add(readNow);
    } else {
      await(dependencies, readNow, answer);
    }
  }

  private void answer(ReadView view, ReadRequest request, Answer<ReadResult> answer) {
    ReadResult result;
    try {
      result = Reader.read(view, request, identity.consistency(), limits);
    } catch (SizeLimitException e) {
      answer.refuse(e);
      return;
    }
    answer.succeed(result);
  }

  private void onReceive(List<Write> writes, long delayTicks, PeerStream stream) {
    Origin origin = writes.get(0).position().origin();
    try {
      for (Write write : writes) {
        carryOut(core.onReplicatedWrite(write, delayTicks, loop.nowMicros()));
      }
    } catch (PositionGapException | ForwardJumpException e) {
      afterCommit.add(() -> stream.refuse(e));
      return;
    }
    long heldUpTo = core.progress().held().upTo(origin);
    afterCommit.add(() -> stream.held(heldUpTo));
    paused.put(stream, origin);
  }

  private void resumePaused() {
    paused
        .entrySet()
        .removeIf(
            entry -> {
              if (entry.getKey().hasEnded()) {
                return true;
              }
              CausalReplica.Load load = core.stalledLoad(entry.getValue());
              if (load.writes() >= MAX_STALLED_WRITES || load.bytes() >= MAX_STALLED_BYTES) {
                return false;
              }
              entry.getKey().ready();
              return true;
            });
  }

  /** The core logs a client's write before anything else. */
  private static Write accepted(List<Effect> effects) {
    return ((Effect.Logged) effects.get(0)).write();
  }

  private void carryOut(List<Effect> effects) {
    long lamportTime = 0;
    for (Effect effect : effects) {
      if (effect instanceof Effect.Logged e) {
        lamportTime = e.lamportTime();
        commit.log(e.write());
      } else if (effect instanceof Effect.BecameVisible e) {
        commit.show(e.write());
        long time = lamportTime;
        afterCommit.add(() -> story.visible(e.write(), e.stalledForMicros(), time));
      } else if (effect instanceof Effect.Stalled e) {
        stalledTotal++;
        long time = lamportTime;
        afterCommit.add(() -> story.stalled(e.write(), e.missing(), time));
      } else if (effect instanceof Effect.Released e) {
        release(e.waiterId());
      } else {
        throw new AssertionError(effect);
      }
    }
  }

  /** A request that waits for visibility. */
  private record Waiting(Runnable go, Answer<?> answer, EventLoop.Timer timeout) {}

  private void await(PositionSet needs, Runnable go, Answer<?> answer) {
    if (stopping) {
      answer.refuse(new StoppingException());
      return;
    }
    if (waiting.size() >= MAX_WAITING) {
      answer.refuse(new OverloadedException("too many requests wait for visibility here"));
      return;
    }
    long id = waiterCount++;
    core.awaitVisible(id, needs);
    EventLoop.Timer timeout =
        loop.schedule(
            readWait.toNanos() / 1_000,
            () ->
                giveUp(
                    id,
                    new NotYetVisibleException(
                        identity.origin().replicaId(), needs.minus(core.progress().frontier()))));
    waiting.put(id, new Waiting(go, answer, timeout));
  }

  private void release(long waiterId) {
    Waiting request = waiting.remove(waiterId);
    if (request != null) {
      request.timeout().cancel();
      // What became visible is readable after the commit.
      afterCommit.add(request.go());
    }
  }

  private void giveUp(long waiterId, RuntimeException reason) {
    Waiting request = waiting.remove(waiterId);
    if (request != null) {
      request.timeout().cancel();
      core.cancelWait(waiterId);
      request.answer().refuse(reason);
    }
  }

  private long wallMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, wallClock.instant());
  }
}
