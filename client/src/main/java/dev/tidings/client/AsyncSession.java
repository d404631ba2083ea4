package dev.tidings.client;

import com.google.protobuf.ByteString;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.clock.LamportClock;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * A {@link Session} whose requests do not block: they are queued up, and sent one after the other,
 * so that each depends on those before it. Safe for any number of threads.
 *
 * <p>Futures are completed in that order, with a {@link TidingsException} where a request has
 * failed; those behind it go on. What depends on a future runs on a thread of the library's, unless
 * it was given another one. To cancel a future does not take the request back.
 *
 * <p>This is all there is of a session, and {@link Session} waits for it. The other way round, with
 * threads that wait, each session whose requests are under way would need a thread, for as long as
 * a replica that has failed is waited for.
 *
 * <pre>{@code
 * AsyncSession async = session.async();
 * async.write(new Mutation.Increment(Bytes.of("visits"), 1));
 * CompletableFuture<Long> visits =
 *     async.read(Item.counter(Bytes.of("visits"))).thenApply(CounterValue::value);
 * }</pre>
 */
public final class AsyncSession {
  /** How many requests may wait for their turn. */
  public static final int MAX_WAITING = 1_000;

  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;

  private final Tidings tidings;
  private final Queue<Turn<?, ?, ?>> waiting = new ArrayDeque<>();

  /**
   * Tokens of what watches have told since the last answer, by watch: the next request has them.
   */
  private final Map<Object, ByteString> told = new LinkedHashMap<>();

  private @Nullable Turn<?, ?, ?> underWay;
  private @Nullable Pipeline pipeline;
  private ByteString id = newId();
  private String replica;
  private ByteString token;
  private long clock;
  private long writes;
  private volatile @Nullable Recording recording;

  /** Where this session is recorded, and under which name. */
  private record Recording(Recorder recorder, String name) {}

  AsyncSession(Tidings tidings, SavedSession saved) {
    this.tidings = tidings;
    this.replica = saved.replica();
    this.token = saved.token().toByteString();
    this.clock = saved.clock();
    saved.told().forEach(each -> told.put(each, each.toByteString()));
  }

  private static ByteString newId() {
    byte[] drawn = new byte[ID_BYTES];
    RANDOM.nextBytes(drawn);
    return ByteString.copyFrom(drawn);
  }

  /** As {@link Session#write(List)}. */
  public CompletableFuture<WriteInfo> write(Mutation... mutations) {
    return write(List.of(mutations), WriteOptions.DEFAULT).thenApply(DurableWrite::write);
  }

  /** As {@link Session#write(List, WriteOptions)}. */
  public CompletableFuture<DurableWrite> write(List<Mutation> mutations, WriteOptions options) {
    return begin(writing(List.copyOf(mutations), options));
  }

  Turn<?, ?, DurableWrite> writing(List<Mutation> mutations, WriteOptions options) {
    ClientWriteRequest request = WireMapper.toProto(mutations, options);
    boolean counted =
        options.conditions().isEmpty() && mutations.stream().allMatch(Mutation::commutes);
    Duration patience =
        options.durability().replicas() > 1 ? options.durability().patience() : Duration.ZERO;
    return new Turn<ClientWriteRequest, ClientWriteResponse, DurableWrite>() {
      @Override
      Delivery.Request<ClientWriteRequest, ClientWriteResponse> request(SessionState state) {
        return new Delivery.Request<>(
            CausalStoreServiceGrpc.getClientWriteMethod(),
            request.toBuilder().setSession(state).setRequestId(nextRequestId()).build(),
            AsyncSession::retried,
            counted ? Delivery.Effect.ONCE : Delivery.Effect.TWICE,
            options.secondWriteAllowed(),
            patience);
      }

      @Override
      SessionState state(ClientWriteResponse response) {
        return response.getSession();
      }

      @Override
      DurableWrite result(ClientWriteResponse response) {
        return WireMapper.write(response);
      }

      @Override
      void record(Recorder recorder, String name, String replica, Outcome<DurableWrite> outcome) {
        recorder.write(
            name,
            replica,
            startMicros,
            mayHaveHappenedAt(),
            mutations,
            options.conditions(),
            outcome);
      }
    };
  }

  private static ClientWriteRequest retried(ClientWriteRequest request) {
    var again = request.toBuilder();
    again.getRequestIdBuilder().setRetried(true);
    return again.build();
  }

  /** Reads one item; a map's field is {@code Item.counter(name).inMap(map)}. */
  public <T> CompletableFuture<T> read(Item<T> item) {
    return read(Query.of(item)).thenApply(snapshot -> snapshot.get(item));
  }

  /** Reads several items from one moment. */
  public CompletableFuture<Snapshot> read(Query query) {
    return begin(reading(query));
  }

  Turn<?, ?, Snapshot> reading(Query query) {
    ClientReadRequest request = WireMapper.toProto(query);
    return new Turn<ClientReadRequest, ClientReadResponse, Snapshot>() {
      @Override
      Delivery.Request<ClientReadRequest, ClientReadResponse> request(SessionState state) {
        return new Delivery.Request<>(
            CausalStoreServiceGrpc.getClientReadMethod(),
            request.toBuilder().setSession(state).build(),
            UnaryOperator.identity(),
            Delivery.Effect.NONE,
            true,
            Duration.ZERO);
      }

      @Override
      SessionState state(ClientReadResponse response) {
        return response.getSession();
      }

      @Override
      Snapshot result(ClientReadResponse response) {
        return WireMapper.snapshot(query, response);
      }

      @Override
      void record(Recorder recorder, String name, String replica, Outcome<Snapshot> outcome) {
        if (query.moment() == null) {
          recorder.read(name, replica, startMicros, query, outcome);
        }
      }
    };
  }

  /** Queues a request up. */
  <T> CompletableFuture<T> begin(Turn<?, ?, T> turn) {
    boolean isFull;
    synchronized (this) {
      checkNoPipeline();
      isFull = waiting.size() >= MAX_WAITING;
      if (!isFull) {
        waiting.add(turn);
      }
    }
    if (isFull) {
      turn.future.completeExceptionally(
          new TidingsException(
              "RESOURCE_EXHAUSTED",
              Reason.OVERLOADED,
              "%d requests of the session wait for their turn already".formatted(MAX_WAITING),
              false,
              null,
              null));
    }
    sendNext();
    return turn.future;
  }

  synchronized RequestId nextRequestId() {
    writes++;
    return RequestId.newBuilder().setSession(id).setNumber(writes).build();
  }

  /**
   * Replicas remember the last request of an id. So the next one must not take the place of one of
   * which there may be a try that not all that follows depends on: see RequestId.retried.
   */
  synchronized void goOnUnderNewId() {
    id = newId();
    writes = 0;
  }

  /** As {@link Session#pipeline()}. */
  Pipeline pipeline() {
    Pipeline made;
    synchronized (this) {
      if (isRecorded()) {
        throw new IllegalStateException("what a pipeline does is not recorded");
      }
      checkNoPipeline();
      if (underWay != null || !waiting.isEmpty()) {
        throw new IllegalStateException("requests of the session are under way");
      }
      made = new Pipeline(tidings, this, replica);
      pipeline = made;
    }
    tidings.begun(made);
    made.begin();
    return made;
  }

  private void checkNoPipeline() {
    if (pipeline != null) {
      throw new IllegalStateException("the session has a pipeline, which is not closed");
    }
  }

  synchronized void pipelineEnded() {
    pipeline = null;
  }

  /** An answer has come by the pipeline. */
  synchronized void continueFrom(SessionState state) {
    token = state.getToken();
    clock = Math.max(clock, state.getClock());
  }

  private void sendNext() {
    @Nullable Turn<?, ?, ?> next;
    synchronized (this) {
      if (underWay != null) {
        return;
      }
      next = waiting.poll();
      underWay = next;
      if (next != null) {
        next.prepare();
      }
    }
    if (next != null) {
      next.send();
    }
  }

  /** How a request ended: gives its result, or throws why there is none. */
  interface Outcome<T> {
    T get();
  }

  /** A request that has its turn, or waits for it. */
  abstract class Turn<Q, R, T> implements Delivery.Listener<R> {
    final CompletableFuture<T> future = new CompletableFuture<>();
    private final long endNanos = tidings.surroundings().nanoTime() + tidings.deadline().toNanos();
    long startMicros;
    private String home = "";
    private Map<Object, ByteString> taken = Map.of();
    private @Nullable Delivery<Q, R> delivery;

    /** What to send when the session stands so; called once. */
    abstract Delivery.Request<Q, R> request(SessionState state);

    abstract SessionState state(R response);

    abstract T result(R response);

    abstract void record(Recorder recorder, String name, String replica, Outcome<T> outcome);

    /** The replicas at which a try may have happened that was not answered. */
    Set<String> mayHaveHappenedAt() {
      return delivery == null ? Set.of() : delivery.mayHaveHappenedAt();
    }

    private void prepare() {
      home = replica;
      taken = Map.copyOf(told);
      delivery =
          new Delivery<>(tidings, replica, request(AsyncSession.this.state()), endNanos, this);
      startMicros = Recorder.nowMicros();
    }

    private void send() {
      if (delivery != null) {
        delivery.start();
      }
    }

    /** Gives the request up; its future is completed soon. */
    void cancel(TidingsException reason) {
      @Nullable Delivery<Q, R> running;
      boolean wasWaiting;
      synchronized (AsyncSession.this) {
        wasWaiting = waiting.remove(this);
        running = delivery;
      }
      if (wasWaiting) {
        future.completeExceptionally(reason);
      } else if (running != null) {
        running.cancel(reason);
      }
    }

    @Override
    public void onAnswer(String at, R response, boolean isOnlyTry) {
      synchronized (AsyncSession.this) {
        if (!isOnlyTry) {
          goOnUnderNewId();
        }
        SessionState state = state(response);
        token = state.getToken();
        clock = Math.max(clock, state.getClock());
        // It has taken them in.
        taken.forEach(told::remove);
        moved(at);
        underWay = null;
      }
      tidings.answered(at, state(response).getToken());
      end(at, () -> result(response));
    }

    @Override
    public void onFailure(String at, TidingsException failure) {
      synchronized (AsyncSession.this) {
        if (failure.outcomeUnknown()) {
          goOnUnderNewId();
        }
        moved(at);
        underWay = null;
      }
      end(
          at,
          () -> {
            throw failure;
          });
    }

    /** Stays where another replica has answered, unless the session was moved meanwhile. */
    private void moved(String at) {
      if (replica.equals(home)) {
        replica = at;
      }
    }

    private void end(String at, Outcome<T> outcome) {
      @Nullable Recording its = recording;
      try {
        if (its != null) {
          record(its.recorder(), its.name(), at, outcome);
        }
        future.complete(outcome.get());
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
      }
      sendNext();
    }
  }

  void recordTo(Recorder recorder, String name) {
    recording = new Recording(recorder, name);
  }

  boolean isRecorded() {
    return recording != null;
  }

  synchronized String replica() {
    return replica;
  }

  synchronized long clock() {
    return clock;
  }

  synchronized void moveTo(String address) {
    Addresses.check(address);
    replica = address;
  }

  synchronized void advanceClock(long ticks) {
    if (ticks < 0 || ticks > LamportClock.MAX_TICKS - clock) {
      throw new IllegalArgumentException(
          "a clock at %d cannot move on by %d ticks".formatted(clock, ticks));
    }
    clock += ticks;
  }

  Watch watch(WatchQuery query) {
    return tidings.watch(replica(), this, query);
  }

  /** A watch of this session's has told it something. */
  synchronized void wasTold(Watch watch, SessionState state) {
    told.put(watch, state.getToken());
    clock = Math.max(clock, state.getClock());
  }

  synchronized SavedSession save() {
    return new SavedSession(
        replica, new Bytes(token), clock, told.values().stream().map(Bytes::new).toList());
  }

  synchronized SessionState state() {
    return SessionState.newBuilder()
        .setToken(token)
        .setClock(clock)
        .addAllAlso(told.values())
        .build();
  }
}
