package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.CausalReplica.StalledWrite;
import dev.tidings.causal.Effect;
import dev.tidings.causal.PositionGapException;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.DamagedDataException;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.storage.LastRequest;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import java.time.Duration;
import java.time.Instant;
import java.time.InstantSource;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.Iterator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.function.Consumer;
import java.util.function.LongConsumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Drives the core. Its event loop takes what has queued up, lets the core decide, commits it all in
 * one storage batch with one sync (group commit), and only then answers, sends and tells. Reads do
 * not wait for the loop, unless they need what is not visible yet.
 *
 * <p>The methods that take an {@link Answer} or a callback may be called from any thread; the rest
 * is confined to the loop.
 */
public final class Replica {
  private static final Logger LOG = LoggerFactory.getLogger(Replica.class);

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

  /**
   * Repeated requests are recognised for an hour at least, so that what is remembered of sessions
   * has an end.
   */
  private static final long HOUR_MICROS = 3_600_000_000L;

  /** How long the answer to whether the disk is full holds. */
  private static final long FULL_MICROS = 50_000;

  /** How often a full disk is tried again. */
  private static final long RETRY_MICROS = 500_000;

  private final Identity identity;
  private final Limits limits;
  private final Duration readWait;
  private final EventLoop loop;
  private final ReplicaStore store;
  private final InstantSource wallClock;
  private final Story story;
  private final ReplicaMetrics metrics;
  private final LongConsumer onOwnHead;
  private final CausalReplica core;
  private final Map<Long, Waiting> waiting = new HashMap<>();

  /** Streams that have not been asked for more yet, and whose log they carry. */
  private final Map<PeerStream, Origin> paused = new LinkedHashMap<>();

  private final List<Runnable> afterCommit = new ArrayList<>();
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private ReplicaStore.Commit commit;
  private long ownHead;
  private long waiterCount;
  private long stalledTotal;
  private boolean stopping;
  private volatile Standing standing;

  /** What peers sent while the disk is full, by origin: it is taken when there is space. */
  private final Map<Origin, Runnable> unread = new HashMap<>();

  /** Whether the round's changes could not be made durable: they are tried again. */
  private boolean stuck;

  private boolean full;
  private long fullAskedMicros = Long.MIN_VALUE;

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
      ReplicaMetrics metrics,
      LongConsumer onOwnHead) {
    this.identity = store.identity();
    this.store = store;
    this.limits = limits;
    this.readWait = readWait;
    this.loop = loop;
    this.wallClock = wallClock;
    this.story = story;
    this.metrics = metrics;
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
    this.standing = standingNow();
  }

  public Identity identity() {
    return identity;
  }

  public Limits limits() {
    return limits;
  }

  /**
   * Accepts a client's write once what its session depends on is visible, and answers when it is
   * durable on as many replicas as are asked for, or the time for that is over.
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
            onceDurable(
                () -> {
                  VersionVector held = durable().held();
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
    offer(() -> onceDurable(() -> answer.succeed(statusNow())), answer);
  }

  /** Runs it after the round's commit, or at once while no round can be committed. */
  private void onceDurable(Runnable task) {
    if (stuck) {
      task.run();
    } else {
      afterCommit.add(task);
    }
  }

  private Progress durable() {
    return stuck ? store.progress() : core.progress();
  }

  private ReplicaStatus statusNow() {
    Progress progress = durable();
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
    return new ReplicaStatus(progress, listed, core.stalled().size(), stalledTotal);
  }

  /** How the replica stood when its last round ended. Any thread, at no cost to the loop. */
  Standing standing() {
    return standing;
  }

  private Standing standingNow() {
    Iterator<StalledWrite> stalled = core.stalled().iterator();
    return new Standing(
        core.progress(),
        core.stalled().size(),
        stalledTotal,
        stalled.hasNext() ? OptionalLong.of(stalled.next().sinceMicros()) : OptionalLong.empty(),
        waiting.size(),
        acknowledgements.waiting());
  }

  /** Refuses all requests that wait, and those that would. */
  public void stopWaiting() {
    loop.execute(
        () -> {
          stopping = true;
          List.copyOf(waiting.keySet()).forEach(id -> giveUp(id, new StoppingException()));
          acknowledgements.giveUpAll();
        });
  }

  /** The loop's hook: makes a round's changes durable, then answers. */
  public void onRoundEnd() {
    if (stuck) {
      return;
    }
    if (!commit.isEmpty()) {
      try {
        long began = loop.nowMicros();
        commit.sync(core.progress());
        metrics.synced(loop.nowMicros() - began);
      } catch (DiskFullException e) {
        LOG.warn("the disk is full: what was about to be written waits for space");
        stuck = true;
        loop.schedule(RETRY_MICROS, this::retry);
        return;
      }
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
    // Last, since an answer may begin to wait for acknowledgements.
    standing = standingNow();
  }

  private void retry() {
    try {
      store.recover();
      stuck = false;
      LOG.info("there is space on the disk again");
    } catch (DiskFullException e) {
      loop.schedule(RETRY_MICROS, this::retry);
    }
  }

  /** Whether nothing more is to be written now. */
  private boolean isDiskFull() {
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
    if (isDiskFull()) {
      answer.refuse(new DiskFullException());
      return;
    }
    PositionSet dependencies = request.session().dependencies();
    if (!core.isVisible(dependencies)) {
      await(dependencies, () -> loop.execute(() -> onWrite(request, answer)), answer);
      return;
    }
    Optional<LastRequest> last =
        request.requestId().flatMap(id -> commit.lastRequest(id.session(), hour()));
    long number = request.requestId().map(RequestId::number).orElse(0L);
    if (last.isPresent() && number <= last.get().number()) {
      if (number == last.get().number()) {
        succeedWhenDurable(request, last.get().position(), last.get().version(), answer);
      } else {
        answer.refuse(new SupersededRequestException(number, last.get().number()));
      }
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
    succeedWhenDurable(request, write.position(), write.version(), answer);
  }

  private void succeedWhenDurable(
      WriteRequest request, Position position, Version version, Answer<WriteResult> answer) {
    boolean isOwn = position.origin().equals(identity.origin());
    Runnable succeed =
        () ->
            answer.succeed(
                new WriteResult(
                    request.session().afterWrite(position, version),
                    position,
                    version,
                    isOwn ? acknowledgements.count(position.sequence()) : 1));
    afterCommit.add(
        isOwn && request.acks() > 1
            ? () -> awaitAcknowledgements(request, position.sequence(), succeed)
            : succeed);
  }

  private void awaitAcknowledgements(WriteRequest request, long sequence, Runnable succeed) {
    if (stopping || acknowledgements.waiting() >= MAX_WAITING) {
      // It stands, whoever else has it.
      succeed.run();
      return;
    }
    var timeout = new EventLoop.Timer[1];
    var waiter =
        new Acknowledgements.Waiter(
            sequence,
            request.acks(),
            () -> {
              timeout[0].cancel();
              succeed.run();
            });
    timeout[0] =
        loop.schedule(request.acksWait().toNanos() / 1_000, () -> acknowledgements.giveUp(waiter));
    acknowledgements.await(waiter);
  }

  /** A peer holds this replica's own log durably up to there. */
  public void onAcknowledged(int peerId, long upTo) {
    loop.execute(() -> acknowledgements.onHeld(peerId, upTo));
  }

  private void onEarlyRead(ReadRequest request, Answer<ReadResult> answer) {
    Runnable readNow =
        () -> {
          try (ReadView view = store.view()) {
            answer(view, request, answer);
          }
        };
    PositionSet dependencies = request.session().dependencies();
    if (stuck) {
      answer.refuse(
          new NotYetVisibleException(
              identity.origin().replicaId(), dependencies.minus(durable().frontier())));
    } else if (core.isVisible(dependencies)) {
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
    } catch (DamagedDataException e) {
      answer.refuse(e);
      // Whatever else is read or decided may be wrong too: the loop ends, and the replica with it.
      loop.execute(
          () -> {
            throw e;
          });
      return;
    }
    answer.succeed(result);
  }

  private void onReceive(List<Write> writes, long delayTicks, PeerStream stream) {
    Origin origin = writes.get(0).position().origin();
    if (isDiskFull()) {
      if (unread.isEmpty()) {
        loop.schedule(RETRY_MICROS, this::readOn);
      }
      unread.put(origin, () -> onReceive(writes, delayTicks, stream));
      return;
    }
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

  private void readOn() {
    List<Runnable> now = List.copyOf(unread.values());
    unread.clear();
    now.forEach(Runnable::run);
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
        commit.log(e.write(), hour());
      } else if (effect instanceof Effect.BecameVisible e) {
        commit.show(e.write());
        e.stalledForMicros().ifPresent(metrics::unstalled);
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
  private record Waiting(
      Runnable go, Answer<?> answer, long sinceMicros, EventLoop.Timer timeout) {}

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
    EventLoop.Timer timeout = loop.schedule(readWait.toNanos() / 1_000, () -> timeOut(id, needs));
    waiting.put(id, new Waiting(go, answer, loop.nowMicros(), timeout));
  }

  private void release(long waiterId) {
    // What became visible is readable after the commit, unless that takes too long.
    afterCommit.add(
        () -> {
          Waiting request = endWait(waiterId);
          if (request != null) {
            request.go().run();
          }
        });
  }

  private void timeOut(long waiterId, PositionSet needs) {
    PositionSet missing = needs.minus(durable().frontier());
    if (!missing.isEmpty()) {
      giveUp(waiterId, new NotYetVisibleException(identity.origin().replicaId(), missing));
    } else if (waiting.containsKey(waiterId)) {
      // It became visible in this very round, and is released at its end, if the disk is not full.
      loop.schedule(RETRY_MICROS, () -> timeOut(waiterId, needs));
    }
  }

  private void giveUp(long waiterId, RuntimeException reason) {
    Waiting request = endWait(waiterId);
    if (request != null) {
      core.cancelWait(waiterId);
      request.answer().refuse(reason);
    }
  }

  private @Nullable Waiting endWait(long waiterId) {
    Waiting request = waiting.remove(waiterId);
    if (request != null) {
      request.timeout().cancel();
      metrics.waited(loop.nowMicros() - request.sinceMicros());
    }
    return request;
  }

  /** Since 1970. */
  private long hour() {
    return wallMicros() / HOUR_MICROS;
  }

  private long wallMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, wallClock.instant());
  }
}
