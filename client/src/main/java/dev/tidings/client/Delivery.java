package dev.tidings.client;

import dev.tidings.client.TidingsException.Reason;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * One request of a session on its way: tried at the session's replica and at others until it is
 * answered, definitely refused, or its time is up. It holds no thread; what happens next is decided
 * where the last try has ended, or when a pause has.
 *
 * <p>The session's own replica comes first, and has as long as every replica would have if the time
 * were shared out among them: as long as it may just be slow, or not show yet what the session has
 * seen. A replica that cannot be reached, or says that it serves nobody, is left at once. The
 * others are asked in turn, and then all again after a pause that doubles.
 *
 * <p>HAZARD: a write that may have happened goes to another replica only where it counts once all
 * the same, marked as retried, or where the caller allows a second write; otherwise it is sent
 * again only to the same replica, which recognises it by its request id. Once one of its tries may
 * have happened, its outcome is unknown, whatever is said of the others.
 */
final class Delivery<Q, R> {
  private static final long FIRST_BACKOFF_MILLIS = 50;
  private static final long MAX_BACKOFF_MILLIS = 1_000;
  private static final long NANOS_PER_MILLI = 1_000_000;

  /** What gRPC says of a replica that fails. */
  private static final Set<String> BREAKS = Set.of("INTERNAL", "UNKNOWN", "CANCELLED");

  private final Tidings tidings;
  private final Surroundings surroundings;
  private final Request<Q, R> request;
  private final Listener<R> listener;

  /** Where it may be tried, the session's own replica first. */
  private final List<String> replicas;

  private final long endNanos;
  private final long shareNanos;

  /** The last that each replica that was asked has said. */
  private final Map<String, TidingsException> refusals = new LinkedHashMap<>();

  /** Those that cannot answer this request, however often they are asked. */
  private final Set<String> hopeless = new HashSet<>();

  /** Those at which it may have happened. */
  private final Set<String> mayHaveHappenedAt = new HashSet<>();

  private int at;
  private long arrivedNanos;
  private int tries;
  private int rounds;
  private boolean done;
  private @Nullable Try current;
  private @Nullable Runnable pause;
  private volatile @Nullable TidingsException cancelled;

  /** What happens twice if it is done twice. */
  enum Effect {
    /** Nothing: a read. */
    NONE,
    /** Nothing that counts, if the second replica is told. */
    ONCE,
    /** A second write. */
    TWICE
  }

  /**
   * @param retried makes the message say that another replica may have done it
   * @param isSecondAllowed whether an effect may happen {@link Effect#TWICE}
   * @param patience how long the replica itself waits, beyond what it takes anyway
   */
  record Request<Q, R>(
      MethodDescriptor<Q, R> method,
      Q message,
      UnaryOperator<Q> retried,
      Effect effect,
      boolean isSecondAllowed,
      Duration patience) {}

  /** Is told once how it ended. */
  interface Listener<R> {
    /**
     * @param isOnlyTry whether it cannot have happened at another replica as well
     */
    void onAnswer(String replica, R answer, boolean isOnlyTry);

    /**
     * @param replica where the session is then: that which refused it, or else where it was
     */
    void onFailure(String replica, TidingsException failure);
  }

  /**
   * @param endNanos when its time is up
   */
  Delivery(
      Tidings tidings, String replica, Request<Q, R> request, long endNanos, Listener<R> listener) {
    this.tidings = tidings;
    this.surroundings = tidings.surroundings();
    this.request = request;
    this.listener = listener;
    this.endNanos = endNanos;
    this.replicas = tidings.replicasFrom(replica);
    this.shareNanos = tidings.deadline().toNanos() / replicas.size() + request.patience().toNanos();
  }

  /** Begins; never blocks. */
  void start() {
    arrivedNanos = surroundings.nanoTime();
    tidings.begun(this);
    tryNext();
  }

  /** Gives it up; the listener is told of the failure, but that a write may have happened. */
  void cancel(TidingsException reason) {
    @Nullable Try running;
    synchronized (this) {
      if (done) {
        return;
      }
      cancelled = reason;
      running = current;
      if (pause != null) {
        pause.run();
        pause = null;
      }
    }
    if (running != null) {
      running.giveUp();
    } else {
      fail(replicas.get(0), reason);
    }
  }

  private void tryNext() {
    Try next;
    synchronized (this) {
      pause = null;
      if (done) {
        return;
      }
      next = new Try(replicas.get(at));
      current = next;
    }
    next.start();
  }

  private void onAnswer(Try answered, R answer) {
    if (isLast(answered)) {
      tidings.ended(this);
      listener.onAnswer(answered.replica, answer, !mayHaveHappenedBut(answered.replica));
    }
  }

  /** Whether it may have happened at another replica than this one. */
  private boolean mayHaveHappenedBut(String replica) {
    return mayHaveHappenedAt.stream().anyMatch(each -> !each.equals(replica));
  }

  private synchronized boolean isLast(Try answered) {
    if (done || current != answered) {
      return false;
    }
    done = true;
    return true;
  }

  private void onRefusal(Try refused, TidingsException refusal) {
    long pauseNanos;
    synchronized (this) {
      if (done || current != refused) {
        return;
      }
      current = null;
      note(refused.replica, refusal);
      if (cancelled == null && isPassing(refusal)) {
        pauseNanos = next(refused.replica, refusal);
        if (pauseNanos > 0) {
          pause = surroundings.after(pauseNanos, this::tryNext);
          return;
        }
      } else {
        pauseNanos = -1;
      }
    }
    if (pauseNanos == 0) {
      tryNext();
    } else if (cancelled != null) {
      fail(replicas.get(0), cancelled);
    } else if (isPassing(refusal)) {
      fail(replicas.get(0), summary(refused.replica, refusal));
    } else {
      fail(refused.replica, refusal);
    }
  }

  /** Whether it is about the replica as it is now, rather than an answer to the request. */
  private static boolean isPassing(TidingsException refusal) {
    return switch (refusal.reason()) {
      case NOT_YET_VISIBLE,
          OVERLOADED,
          UNREACHABLE,
          NO_ANSWER,
          CATCHING_UP,
          HOME_UNREACHABLE,
          SHUTTING_DOWN,
          REPLICA_REMOVED,
          DISK_FULL,
          DATA_DAMAGED ->
          true;
      case OTHER -> BREAKS.contains(refusal.code());
      default -> false;
    };
  }

  /** The replicas at which a try may have happened that was not answered. */
  synchronized Set<String> mayHaveHappenedAt() {
    return Set.copyOf(mayHaveHappenedAt);
  }

  private void note(String replica, TidingsException refusal) {
    tries++;
    if (refusal.outcomeUnknown()) {
      mayHaveHappenedAt.add(replica);
    }
    // What was in the way all the time says more than that time is up.
    if (refusal.reason() != Reason.NO_ANSWER || refusal.outcomeUnknown()) {
      refusals.put(replica, refusal);
    } else {
      refusals.putIfAbsent(replica, refusal);
    }
  }

  /** Decides where to try next; how long to wait before, nanoseconds, or -1 to give up. */
  private long next(String replica, TidingsException refusal) {
    boolean isPatient = false;
    switch (refusal.reason()) {
      case NOT_YET_VISIBLE, OVERLOADED -> isPatient = true;
      case REPLICA_REMOVED, DISK_FULL, DATA_DAMAGED, OTHER -> hopeless.add(replica);
      default -> {}
    }
    List<String> open = open();
    if (open.isEmpty()) {
      return -1;
    }
    long now = surroundings.nanoTime();
    boolean stays =
        open.contains(replica)
            && (open.size() == 1 || (isPatient && at == 0 && now - arrivedNanos < shareNanos));
    long pauseNanos = 0;
    if (stays) {
      pauseNanos = spread(asked(refusal, tries - 1));
    } else {
      if (!isPatient && refusal.reason() != Reason.HOME_UNREACHABLE) {
        tidings.left(replica);
      }
      int before = at;
      do {
        at = (at + 1) % replicas.size();
      } while (!open.contains(replicas.get(at)));
      if (at <= before) {
        pauseNanos = spread(backoff(rounds++));
      }
      arrivedNanos = now + pauseNanos;
    }
    return now + pauseNanos - endNanos >= 0 ? -1 : pauseNanos;
  }

  /** Where it may still be tried. */
  private List<String> open() {
    boolean isBound =
        request.effect() == Effect.TWICE
            && !request.isSecondAllowed()
            && !mayHaveHappenedAt.isEmpty();
    return replicas.stream()
        .filter(each -> !hopeless.contains(each))
        .filter(each -> !isBound || mayHaveHappenedAt.contains(each))
        .toList();
  }

  /** What the replica asks for, or else twice as long each time. */
  private static long asked(TidingsException refusal, int attempt) {
    @Nullable Duration asked = refusal.retryAfter();
    return asked != null ? asked.toMillis() : backoff(attempt);
  }

  private static long backoff(int attempt) {
    return Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(attempt, 10));
  }

  /** A little more, in nanoseconds, to spread clients. */
  private long spread(long millis) {
    return (millis + surroundings.random(millis / 4 + 1)) * NANOS_PER_MILLI;
  }

  private TidingsException summary(String replica, TidingsException last) {
    TidingsException said = refusals.getOrDefault(replica, last);
    return refusals.size() == 1 ? said : TidingsException.ofAll(refusals.values(), said);
  }

  private void fail(String replica, TidingsException failure) {
    boolean mayHaveHappened;
    synchronized (this) {
      if (done) {
        return;
      }
      done = true;
      mayHaveHappened = !mayHaveHappenedAt.isEmpty();
    }
    tidings.ended(this);
    listener.onFailure(replica, mayHaveHappened ? failure.mayHaveHappened() : failure);
  }

  /** One call to one replica. */
  private final class Try implements StreamObserver<R> {
    private final String replica;
    private final SentTracer sent = new SentTracer();
    private final ManagedChannel channel;
    private final ClientCall<Q, R> call;
    private final Q message;
    private final boolean isRepeated;
    private final boolean mayBeLeft;

    /** When it is left if nothing has come by then. */
    private final long leaveNanos;

    private boolean started;
    private boolean isLeft;
    private boolean isGivenUp;
    private Runnable timer = () -> {};
    private @Nullable R answer;

    Try(String replica) {
      long now = surroundings.nanoTime();
      this.replica = replica;
      this.channel = tidings.channel(replica);
      this.call =
          channel.newCall(
              request.method(),
              CallOptions.DEFAULT
                  .withDeadline(surroundings.deadline(endNanos - now))
                  .withStreamTracerFactory(sent));
      this.message =
          mayHaveHappenedBut(replica)
              ? request.retried().apply(request.message())
              : request.message();
      this.isRepeated = refusals.containsKey(replica);
      this.mayBeLeft = request.effect() != Effect.TWICE || request.isSecondAllowed();
      this.leaveNanos =
          open().size() == 1
              ? endNanos
              : now + Math.min(endNanos - now, arrivedNanos + shareNanos - now);
    }

    synchronized void start() {
      if (isGivenUp) {
        onError(Status.CANCELLED.asRuntimeException());
        return;
      }
      if (isRepeated) {
        // Whatever gRPC thinks of how long to wait before it connects.
        channel.resetConnectBackoff();
      }
      started = true;
      timer = surroundings.after(leaveNanos - surroundings.nanoTime(), this::leave);
      ClientCalls.asyncUnaryCall(call, message, this);
    }

    /** No answer has come; a write that has been sent and may not be tried elsewhere goes on. */
    private synchronized void leave() {
      if (mayBeLeft || !sent.happened || surroundings.nanoTime() - endNanos >= 0) {
        isLeft = true;
        call.cancel("no answer in time", null);
      } else {
        timer = surroundings.after(endNanos - surroundings.nanoTime(), this::leave);
      }
    }

    synchronized void giveUp() {
      isGivenUp = true;
      if (started) {
        call.cancel("given up", null);
      }
    }

    @Override
    public void onNext(R value) {
      answer = value;
    }

    @Override
    public void onCompleted() {
      stopTimer();
      R value = answer;
      if (value == null) {
        onError(Status.INTERNAL.withDescription("no answer").asRuntimeException());
      } else {
        onAnswer(this, value);
      }
    }

    @Override
    public void onError(Throwable failure) {
      stopTimer();
      StatusRuntimeException status =
          isLeft
              ? Status.DEADLINE_EXCEEDED.asRuntimeException()
              : failure instanceof StatusRuntimeException its
                  ? its
                  : Status.fromThrowable(failure).asRuntimeException();
      onRefusal(
          this,
          StatusMapper.toException(
              status,
              replica,
              request.effect() != Effect.NONE && sent.happened,
              Duration.ofNanos(surroundings.nanoTime() - arrivedNanos)));
    }

    private synchronized void stopTimer() {
      timer.run();
    }
  }

  /**
   * Sees whether a request left this process. Called by gRPC's threads, read after the call has
   * ended.
   */
  private static final class SentTracer extends ClientStreamTracer.Factory {
    private volatile boolean happened;

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void outboundHeaders() {
          happened = true;
        }

        @Override
        public void outboundMessage(int sequence) {
          happened = true;
        }
      };
    }
  }
}
