package dev.tidings.client;

import dev.tidings.client.TidingsException.Reason;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import io.grpc.StatusException;
import io.grpc.stub.BlockingClientCall;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Writes as they become visible, each once and after all that it depends on. A connection that
 * breaks is made again, for ever, at the same replica or another one of the query or of {@link
 * Tidings}, and the watch goes on after what it has told. It has no thread of its own: all of that
 * happens while somebody waits for the next write, and whoever is slow is told later.
 *
 * <p>Used by one thread at a time, that of its session if it has one; but any thread may close it.
 *
 * <pre>{@code
 * try (Watch watch = session.watch(WatchQuery.of(new Selector.Feed(Bytes.of("wall"))))) {
 *   WatchedWrite write = watch.next(); // blocks until something is written there
 *   System.out.println(write.write().position() + ": " + write.changes());
 * }
 * }</pre>
 */
public final class Watch implements AutoCloseable {
  private static final long FIRST_BACKOFF_MILLIS = 50;
  private static final long MAX_BACKOFF_MILLIS = 5_000;
  private static final Duration FOR_EVER = Duration.ofNanos(Long.MAX_VALUE / 4);

  /** What gRPC says of connections and servers that break, and of no request. */
  private static final Set<String> BREAKS =
      Set.of("UNAVAILABLE", "INTERNAL", "UNKNOWN", "CANCELLED");

  private final Tidings tidings;
  private final @Nullable AsyncSession session;
  private final WatchQuery query;
  private final List<String> replicas = new ArrayList<>();

  /** Replicas that cannot go on after the moment, whatever happens. */
  private final Set<String> hopeless = new HashSet<>();

  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile @Nullable BlockingClientCall<WatchRequest, WatchResponse> call;
  private @Nullable Moment moment;

  /** Whether the call that is open has told anything. */
  private boolean isGreeted;

  private boolean begun;

  /** Why it has not begun yet. */
  private @Nullable TidingsException trouble;

  /** Which of the replicas is asked. */
  private int at;

  /** Tries since something was told. */
  private int failures;

  private long retryNanos = System.nanoTime();

  Watch(Tidings tidings, String replica, @Nullable AsyncSession session, WatchQuery query) {
    this.tidings = tidings;
    this.session = session;
    this.query = query;
    this.moment = query.after();
    Stream.of(
            Stream.of(replica),
            query.otherReplicas().stream(),
            tidings.replicasFrom(replica).stream())
        .flatMap(each -> each)
        .distinct()
        .forEach(replicas::add);
  }

  /**
   * Waits for the next write, for as long as it takes.
   *
   * @throws TidingsException if the watch was closed, the thread interrupted, or none of its
   *     replicas can go on: with {@link Reason#MOMENT_NOT_KEPT} if they do not keep what follows;
   *     then read anew, and watch from now on
   */
  public WatchedWrite next() {
    return next(FOR_EVER).orElseThrow();
  }

  /**
   * Waits for the next write for a while.
   *
   * @return empty if none came; the watch goes on
   * @throws TidingsException as {@link #next()}
   */
  public Optional<WatchedWrite> next(Duration atMost) {
    long end = System.nanoTime() + Math.min(atMost.toNanos(), FOR_EVER.toNanos());
    @Nullable WatchResponse message;
    while ((message = receive(end)) != null) {
      if (message.hasWrite()) {
        return Optional.of(WireMapper.watchedWrite(message));
      }
    }
    return Optional.empty();
  }

  /**
   * Waits until the watch has begun, as long as a request may take: what becomes visible at the
   * replica after that is told.
   *
   * @return how far it is
   * @throws TidingsException as {@link #next()}, or why it has not begun in time
   */
  public Moment begin() {
    long end = System.nanoTime() + tidings.deadline().toNanos();
    while (!begun) {
      if (receive(end) == null) {
        throw trouble != null
            ? trouble
            : tidings.calls(replica()).exception(new TimeoutException());
      }
    }
    return moment().orElseThrow();
  }

  /** How far the watch is: after the last write that it has told, or later; empty at first. */
  public Optional<Moment> moment() {
    return Optional.ofNullable(moment);
  }

  /** HOST:PORT of the replica that is asked. */
  public String replica() {
    return replicas.get(at);
  }

  /** The next message; null if the time is up. */
  private @Nullable WatchResponse receive(long endNanos) {
    while (true) {
      checkOpen();
      BlockingClientCall<WatchRequest, WatchResponse> current = call;
      try {
        if (current == null) {
          if (!pause(endNanos)) {
            return null;
          }
          connect();
          continue;
        }
        WatchResponse message =
            current.read(Math.max(0, endNanos - System.nanoTime()), TimeUnit.NANOSECONDS);
        if (message != null) {
          onMessage(message);
          return message;
        }
        onBroken(io.grpc.Status.UNAVAILABLE.withDescription("the watch has ended").asException());
      } catch (StatusException e) {
        onBroken(e);
      } catch (TimeoutException e) {
        return null;
      } catch (InterruptedException e) {
        throw tidings.calls(replica()).exception(e);
      }
    }
  }

  private void checkOpen() {
    if (closed.getCount() == 0) {
      throw new TidingsException(
          "CANCELLED", Reason.CLOSED, "the watch is closed", false, null, null);
    }
  }

  /** Whether it is time to connect. */
  private boolean pause(long endNanos) throws InterruptedException {
    long now = System.nanoTime();
    long wait = retryNanos - now;
    if (wait <= 0) {
      return true;
    }
    long left = Math.max(0, endNanos - now);
    if (closed.await(Math.min(wait, left), TimeUnit.NANOSECONDS)) {
      checkOpen();
    }
    return wait <= left;
  }

  private void connect() {
    var request = WatchRequest.newBuilder().addAllSelectors(WireMapper.toProto(query));
    Moment after = moment;
    if (after != null) {
      request.setAfter(after.bytes().toByteString());
    }
    if (session != null) {
      request.setSession(session.state());
    }
    BlockingClientCall<WatchRequest, WatchResponse> made =
        tidings
            .calls(replica())
            .open(CausalStoreServiceGrpc.getWatchMethod(), request.build(), failures > 0);
    call = made;
    isGreeted = false;
    if (closed.getCount() == 0) {
      made.cancel("closed", null);
    }
  }

  private void onMessage(WatchResponse message) {
    begun = true;
    failures = 0;
    trouble = null;
    // A replica says where the watch begins before it sees that it does not keep what follows.
    if (isGreeted) {
      hopeless.clear();
    }
    isGreeted = true;
    moment = new Moment(new Bytes(message.getMoment()));
    if (session != null && message.hasSession()) {
      session.wasTold(this, message.getSession());
    }
  }

  private void onBroken(StatusException e) {
    call = null;
    checkOpen();
    TidingsException refusal = tidings.calls(replica()).exception(e);
    switch (refusal.reason()) {
      case UNREACHABLE,
          NO_ANSWER,
          NOT_YET_VISIBLE,
          CATCHING_UP,
          OVERLOADED,
          SHUTTING_DOWN,
          // It stops, and may be mended.
          DATA_DAMAGED -> {}
      case MOMENT_NOT_KEPT, REPLICA_REMOVED -> {
        hopeless.add(replica());
        if (hopeless.size() == replicas.size()) {
          throw refusal;
        }
      }
      case OTHER -> {
        if (!BREAKS.contains(refusal.code())) {
          throw refusal;
        }
      }
      default -> throw refusal;
    }
    do {
      at = (at + 1) % replicas.size();
    } while (hopeless.contains(replica()));
    trouble = refusal;
    retryNanos = System.nanoTime() + pauseMillis(refusal) * 1_000_000;
    failures++;
  }

  /** Twice as long after each round of all replicas; a little more or less, to spread clients. */
  private long pauseMillis(TidingsException refusal) {
    long millis =
        Math.min(
            MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(failures / replicas.size(), 10));
    @Nullable Duration asked = refusal.retryAfter();
    if (asked != null && replicas.size() == 1) {
      millis = Math.max(millis, asked.toMillis());
    }
    return millis / 2 + ThreadLocalRandom.current().nextLong(millis);
  }

  /** Ends it. Whoever waits for a write is told so. Never blocks. */
  @Override
  public void close() {
    closed.countDown();
    BlockingClientCall<WatchRequest, WatchResponse> current = call;
    if (current != null) {
      current.cancel("closed", null);
    }
    tidings.watchClosed(this);
  }
}
