package dev.tidings.client;

import io.grpc.ManagedChannel;
import io.grpc.ManagedChannelBuilder;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Connections to the replicas of a cluster, and where sessions begin. Safe for any number of
 * threads. There is no TLS and no authentication yet.
 */
public final class Tidings implements AutoCloseable {
  public static final Duration DEFAULT_DEADLINE = Duration.ofSeconds(10);

  /** A read may answer many values of 4 MiB each. */
  private static final int MAX_INBOUND_BYTES = 64 << 20;

  /** Servers permit as little as 10 s; a shorter time would be answered by too_many_pings. */
  private static final Duration KEEP_ALIVE = Duration.ofSeconds(30);

  private final String replica;
  private final Duration deadline;
  private final Function<String, ManagedChannel> connector;
  private final Map<String, ManagedChannel> channels = new ConcurrentHashMap<>();
  private final Set<Watch> watches = ConcurrentHashMap.newKeySet();
  private volatile boolean closed;

  Tidings(String replica, Duration deadline, Function<String, ManagedChannel> connector) {
    Addresses.check(replica);
    if (deadline.isNegative() || deadline.isZero()) {
      throw new IllegalArgumentException("a deadline of " + deadline + " is not above 0");
    }
    this.replica = replica;
    this.deadline = deadline;
    this.connector = connector;
  }

  /** As {@link #connect(String, Duration)} with {@link #DEFAULT_DEADLINE}. */
  public static Tidings connect(String replica) {
    return connect(replica, DEFAULT_DEADLINE);
  }

  /**
   * Does not block: the connection is made by the first request.
   *
   * @param replica HOST:PORT where sessions begin
   * @param deadline how long each request may take, repetitions included
   * @throws IllegalArgumentException if the address is none
   */
  public static Tidings connect(String replica, Duration deadline) {
    return new Tidings(replica, deadline, Tidings::open);
  }

  private static ManagedChannel open(String address) {
    return ManagedChannelBuilder.forAddress(Addresses.host(address), Addresses.port(address))
        .usePlaintext()
        .maxInboundMessageSize(MAX_INBOUND_BYTES)
        .keepAliveTime(KEEP_ALIVE.toSeconds(), TimeUnit.SECONDS)
        .keepAliveTimeout(10, TimeUnit.SECONDS)
        .build();
  }

  /** A new session, which has read and written nothing. */
  public Session session() {
    return new Session(this, new SavedSession(replica, Bytes.EMPTY, 0));
  }

  /** Continues a session where it was. */
  public Session session(SavedSession saved) {
    return new Session(this, saved);
  }

  /**
   * Writes as they become visible at the replica where sessions begin, for nobody's session: what
   * is told is no dependency of anything. Does not block: the watch begins when it is first asked.
   */
  public Watch watch(WatchQuery query) {
    return watch(replica, null, query);
  }

  Watch watch(String address, @Nullable Session session, WatchQuery query) {
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
    ManagedChannel channel = channels.computeIfAbsent(address, connector);
    if (closed) {
      // Opened after the others were ended.
      channel.shutdownNow();
    }
    return new Calls(address, channel, deadline);
  }

  /** How long each request may take. */
  Duration deadline() {
    return deadline;
  }

  /** Ends all connections and watches; requests that are still on their way fail. Never blocks. */
  @Override
  public void close() {
    closed = true;
    watches.forEach(Watch::close);
    channels.values().forEach(ManagedChannel::shutdownNow);
  }
}
