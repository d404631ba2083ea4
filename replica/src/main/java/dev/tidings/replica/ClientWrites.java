package dev.tidings.replica;

import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Effect;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Session;
import dev.tidings.causal.Write;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.LiveData;
import dev.tidings.replica.storage.Stored;
import dev.tidings.replica.storage.Try;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.function.LongSupplier;
import java.util.function.Supplier;

/**
 * Decides clients' writes, of which all that their session depends on is visible, and answers them
 * when they are durable on as many replicas as they ask for. Confined to the replica's loop.
 */
final class ClientWrites {
  /** So many writes wait for acknowledgements at most. */
  private static final int MAX_WAITING = 10_000;

  private final Origin self;
  private final Limits limits;
  private final EventLoop loop;
  private final CausalReplica core;
  private final GroupCommit commit;
  private final Supplier<PositionSet> stable;
  private final LongSupplier wallMicros;
  private final Consumer<List<Effect>> effects;
  private final Acknowledgements acknowledgements = new Acknowledgements();
  private boolean stopping;

  /**
   * @param stable what every member shows, as far as is known
   * @param wallMicros since 1970
   * @param effects carries out what the core decides
   */
  ClientWrites(
      Origin self,
      Limits limits,
      EventLoop loop,
      CausalReplica core,
      GroupCommit commit,
      Supplier<PositionSet> stable,
      LongSupplier wallMicros,
      Consumer<List<Effect>> effects) {
    this.self = self;
    this.limits = limits;
    this.loop = loop;
    this.core = core;
    this.commit = commit;
    this.stable = stable;
    this.wallMicros = wallMicros;
    this.effects = effects;
  }

  /**
   * Accepts a write, recognises it as one that was accepted before, or refuses it.
   *
   * @param session what it depends on; the request's does not count
   * @return the session after it
   */
  Session write(Session session, WriteRequest request, Answer<WriteResult> answer) {
    Optional<Try> last =
        request.requestId().flatMap(id -> commit.changes().lastRequest(id.session()));
    long number = request.requestId().map(RequestId::number).orElse(0L);
    if (last.isPresent() && number <= last.get().number()) {
      if (number == last.get().number()) {
        return succeedWhenDurable(
            session, request, last.get().position(), last.get().version(), answer);
      }
      refuse(answer, new SupersededRequestException(number, last.get().number()));
      return session;
    }
    if (request.requestId().filter(this::isOneTooMany).isPresent()) {
      refuse(
          answer,
          new OverloadedException(
              "the session has had too many requests retried at other replicas: they are forgotten an hour or two after they came"));
      return session;
    }
    List<Effect> decided;
    try {
      PositionSet decidedBy = check(request.conditions());
      LiveData.Filled filled = commit.changes().data().fill(request.mutations(), Limits.MAX_ITEMS);
      limits.checkSize(filled.mutations());
      Session seen =
          session.afterRead(
              filled.observed().union(decidedBy), 0, core.progress().frontier(), stable.get());
      decided =
          core.onClientWrite(seen, request.requestId(), filled.mutations(), wallMicros.getAsLong());
    } catch (ForwardJumpException
        | InvalidRequestException
        | SizeLimitException
        | ConditionFailedException e) {
      refuse(answer, e);
      return session;
    }
    effects.accept(decided);
    // The core logs a client's write before anything else.
    Write write = ((Effect.Logged) decided.get(0)).write();
    return succeedWhenDurable(session, request, write.position(), write.version(), answer);
  }

  private boolean isOneTooMany(RequestId id) {
    return id.retried() && commit.changes().remembersTooMany(id.session());
  }

  /** What it says of other writes is to be durable. */
  private void refuse(Answer<WriteResult> answer, RuntimeException reason) {
    commit.afterwardsIfPossible(() -> answer.refuse(reason));
  }

  /**
   * Looks whether conditions hold.
   *
   * @return the writes that make them so
   * @throws ConditionFailedException if one does not
   */
  private PositionSet check(List<Condition> conditions) {
    PositionSet decidedBy = PositionSet.EMPTY;
    for (Condition condition : conditions) {
      Optional<Stored> stored = commit.changes().data().register(condition.register());
      if (!condition.holds(stored)) {
        throw new ConditionFailedException(self.replicaId(), condition, stored);
      }
      if (stored.isPresent()) {
        decidedBy = decidedBy.with(stored.get().position());
      }
    }
    return decidedBy;
  }

  private Session succeedWhenDurable(
      Session session,
      WriteRequest request,
      Position position,
      Version version,
      Answer<WriteResult> answer) {
    Session after = session.afterWrite(position, version);
    boolean isOwn = position.origin().equals(self);
    Runnable succeed =
        () ->
            answer.succeed(
                new WriteResult(
                    after,
                    position,
                    version,
                    isOwn ? acknowledgements.count(position.sequence()) : 1));
    commit.afterwards(
        isOwn && request.acks() > 1
            ? () -> awaitAcknowledgements(request, position.sequence(), succeed)
            : succeed);
    return after;
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

  /** How far peers hold this replica's own log. */
  Acknowledgements acknowledgements() {
    return acknowledgements;
  }

  /** Answers all that wait for acknowledgements, and those that would, with what there is. */
  void stop() {
    stopping = true;
    acknowledgements.giveUpAll();
  }
}
