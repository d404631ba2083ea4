package dev.tidings.client;

import com.google.protobuf.ByteString;
import dev.tidings.client.TidingsException.Reason;
import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the replicas of a cluster, and where sessions begin. Safe for any number of
 * threads. There is no TLS and no authentication yet.
 *
 * <p>With the addresses of several replicas, a request whose replica does not answer goes on at
 * another one within its deadline, with all that its session has seen, and the session stays there.
 * What may happen twice does not: see {@link WriteOptions#secondWriteAllowed()}. With one address
 * sessions are where they are put, and requests wait for that replica.
 *
 * <pre>{@code
 * try (Tidings tidings = Tidings.connect("127.0.0.1:8000", "127.0.0.1:8001")) {
 *   Session session = tidings.session();
 *   session.increment(Bytes.of("visits"), 1);
 *   System.out.println(session.counter(Bytes.of("visits")) + ", says " + session.replica());
 * }
 * }</pre>
 *
 * <p>Requests need no thread of their own. There is one for timers, and gRPC has some that all
 * connections of a process share; closing ends the one, and the others with the last connection,
 * within some seconds.
 */
public final class Tidings implements AutoCloseable {
  public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  /** Replicas remember requests for so long, and so recognise a repetition. */
  private static final Duration MAX_DEADLINE = Duration.ofHours(1);

  /** A read may answer many values of 4 MiB each. */
  private static final int MAX_INBOUND_BYTES = 64 << 20;

  /** Servers permit as little as 10 s; a shorter time would be answered by too_many_pings. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

  /** For so long after a replica was left, no new session begins there. */
  private static final Duration AVOIDED = Duration.ofSeconds(10);

  private final List<String> replicas;
  private final Duration deadline;
  private final Surroundings surroundings;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private final Set<Delivery<?, ?>> underWay = ConcurrentHashMap.newKeySet();

  private final Set<Pipeline> pipelines = ConcurrentHashMap.newKeySet();

  /** When a replica was left since it did not answer; by address. */
  private final Map<String, Long> leftNanos = new ConcurrentHashMap<>();

  /** The token of the last answer; empty before the first. */
  private volatile ByteString answered = ByteString.EMPTY;

  private volatile boolean closed;

  Tidings(List<String> replicas, Duration deadline, Surroundings surroundings) {
    if (replicas.isEmpty()) {
      throw new IllegalArgumentException("sessions need the address of a replica");
    }
    replicas.forEach(Addresses::check);
    if (deadline.isNegative() || deadline.isZero() || deadline.compareTo(MAX_DEADLINE) > 0) {
      throw new IllegalArgumentException(
          "a deadline of %s is not above 0 and at most an hour".formatted(deadline));
    }
    this.replicas = replicas.stream().distinct().toList();
    this.deadline = deadline;
    this.surroundings = surroundings;
  }

  /** As {@link #connect(List, Duration)} with {@link #DEFAULT_DEADLINE}. */
  public static Tidings connect(String replica, String... others) {
    return connect(Stream.concat(Stream.of(replica), Stream.of(others)).toList(), DEFAULT_DEADLINE);
  }

  /** As {@link #connect(List, Duration)} with one address. */
  public static Tidings connect(String replica, Duration deadline) {
    return connect(List.of(replica), deadline);
  }

  /**
   * Does not block: connections are made by the first request that needs them.
   *
   * @param replicas HOST:PORT each, of one cluster; sessions begin at the first, and they and
   *     watches go on at another one when theirs does not answer
   * @param deadline how long each request may take from when it is asked, its turn in the session
   *     and repetitions included; an hour at most. A replica that is there, but does not answer, is
   *     left after this divided by the number of replicas
   * @throws IllegalArgumentException if an address is none
   */
  public static Tidings connect(List<String> replicas, Duration deadline) {
    return connect(
        replicas,
        deadline,
        address ->
            ManagedChannelBuilder.forAddress(Addresses.host(address), Addresses.port(address))
                .usePlaintext());
  }

  /**
   * As {@link #connect(List, Duration)}, for who wants TLS, or threads of their own.
   *
   * @param channels begins a channel to HOST:PORT; any thread. How large messages may be, and how
   *     it is noticed that a connection is dead, is set here.
   */
  public static Tidings connect(
      List<String> replicas,
      Duration deadline,
      Function<String, ManagedChannelBuilder<?>> channels) {
    return new Tidings(
        replicas, deadline, new RealSurroundings(address -> open(channels.apply(address))));
  }

  private static ManagedChannel open(ManagedChannelBuilder<?> channel) {
    return channel
        .maxInboundMessageSize(MAX_INBOUND_BYTES)
        .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /**
   * A new session, which has read and written nothing. It begins at the first replica, unless
   * another session has found in the last 10 s that this does not answer; then at the next.
   */
  public Session session() {
    long now = surroundings.nanoTime();
    String first =
        replicas.stream()
            .filter(
                each ->
                    now - leftNanos.getOrDefault(each, now - AVOIDED.toNanos())
                        >= AVOIDED.toNanos())
            .findFirst()
            .orElse(replicas.get(0));
    return session(new SavedSession(first, Bytes.EMPTY, 0));
  }

  /** A request goes on elsewhere, since this replica does not answer. */
  void left(String replica) {
    leftNanos.put(replica, surroundings.nanoTime());
  }

  /** A replica has answered, with this token. */
  void answered(String replica, ByteString token) {
    leftNanos.remove(replica);
    answered = token;
  }

  /**
   * Continues a session where it was.
   *
   * @throws TidingsException for {@link Reason#SESSION_TOKEN_INVALID} if it is damaged, or of
   *     another cluster than that whose replicas have answered so far; where none has, the first
   *     request is refused for that
   */
  public Session session(SavedSession saved) {
    checkIsOurs(saved);
    return new Session(new AsyncSession(this, saved));
  }

  private void checkIsOurs(SavedSession saved) {
    Optional<String> theirs;
    try {
      theirs = saved.contents().map(SessionContents::cluster);
    } catch (IllegalArgumentException e) {
      throw invalid(String.valueOf(e.getMessage()));
    }
    ByteString token = answered;
    if (theirs.isPresent() && !token.isEmpty()) {
      String ours = WireMapper.sessionContents(token).cluster();
      if (!theirs.get().equals(ours)) {
        throw invalid(
            "the session is of cluster \"%s\", and replica %s of \"%s\""
                .formatted(theirs.get(), replicas.get(0), ours));
      }
    }
  }

  private static TidingsException invalid(String words) {
    return new TidingsException(
        "INVALID_ARGUMENT", Reason.SESSION_TOKEN_INVALID, words, false, null, null);
  }

  /**
   * Writes as they become visible at the replica where sessions begin, for nobody's session: what
   * is told is no dependency of anything. Does not block: the watch begins when it is first asked.
   */
  public Watch watch(WatchQuery query) {
    return watch(replicas.get(0), null, query);
  }

  Watch watch(String address, @Nullable AsyncSession session, WatchQuery query) {
    Addresses.check(address);
    var watch = new Watch(this, address, session, query);
    watches.add(watch);
    return watch;
  }

  void watchClosed(Watch watch) {
    watches.remove(watch);
  }

  /**
   * What people who run a replica ask it.
   *
   * @param replica HOST:PORT of its client port
   */
  public Admin admin(String replica) {
    return new Admin(calls(replica));
  }

  Calls calls(String address) {
    Addresses.check(address);
    return new Calls(address, channel(address), deadline);
  }

  ManagedChannel channel(String address) {
    ManagedChannel channel = channels.computeIfAbsent(address, surroundings::open);
    if (closed) {
      // Opened after the others were ended.
      channel.shutdownNow();
    }
    return channel;
  }

  /** Where a request of a session that is at this replica may be tried, one after the other. */
  List<String> replicasFrom(String replica) {
    if (replicas.size() == 1) {
      return List.of(replica);
    }
    int at = replicas.indexOf(replica);
    return Stream.of(
            Stream.of(replica),
            replicas.subList(at + 1, replicas.size()).stream(),
            replicas.subList(0, Math.max(0, at)).stream())
        .flatMap(each -> each)
        .toList();
  }

  void begun(Pipeline pipeline) {
    pipelines.add(pipeline);
  }

  void pipelineClosed(Pipeline pipeline) {
    pipelines.remove(pipeline);
  }

  void begun(Delivery<?, ?> delivery) {
    underWay.add(delivery);
    if (closed) {
      delivery.cancel(whyClosed());
    }
  }

  void ended(Delivery<?, ?> delivery) {
    underWay.remove(delivery);
  }

  private static TidingsException whyClosed() {
    return new TidingsException(
        "CANCELLED", Reason.CLOSED, "the connections are closed", false, null, null);
  }

  Surroundings surroundings() {
    return surroundings;
  }

  /** How long each request may take. */
  Duration deadline() {
    return deadline;
  }

  /**
   * Ends all connections, watches and pipelines; requests that are still on their way fail. Never
   * blocks.
   */
  @Override
  public void close() {
    closed = true;
    watches.forEach(Watch::close);
    pipelines.forEach(Pipeline::abort);
    underWay.forEach(delivery -> delivery.cancel(whyClosed()));
    channels.values().forEach(ManagedChannel::shutdownNow);
    surroundings.close();
  }
}
