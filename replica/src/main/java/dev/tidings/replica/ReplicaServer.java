package dev.tidings.replica;

import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.RocksStore;
import dev.tidings.server.ConnectionThreads;
import dev.tidings.server.MetricsServer;
import io.grpc.Attributes;
import io.grpc.BindableService;
import io.grpc.Grpc;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.ServerTransportFilter;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.netty.shaded.io.grpc.netty.NettyServerBuilder;
import io.grpc.protobuf.services.HealthStatusManager;
import io.grpc.protobuf.services.ProtoReflectionServiceV1;
import java.io.IOException;
import java.security.SecureRandom;
import java.time.InstantSource;
import java.util.List;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** A replica as a process has it: on disk, on two ports, with threads of its own. */
public final class ReplicaServer {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicaServer.class);
  private static final int MAILBOX = 20_000;
  private static final int WALKERS = 4;
  private static final long STOP_SECONDS = 5;

  /** Writes; to wake another thread costs as much as is gained with a smaller commit. */
  private static final int LARGE_COMMIT = 100;

  private final HealthStatusManager health = new HealthStatusManager();
  private final ReplicaConfig config;
  private final ThreadedEventLoop loop;
  private final ThreadedEventLoop linksLoop;
  private final ThreadedEventLoop streamsLoop;

  /** Writes large commits. */
  private final ExecutorService committer;

  /** For reads that may have to walk far. */
  private final ExecutorService walkers;

  /** Each connection of a client is one of these threads'. */
  private final ConnectionThreads connections;

  /** Each connection from a peer and to one is one of these threads'. */
  private final ConnectionThreads peerConnections;

  private final Story story;
  private final ReplicaNode node;
  private final @Nullable MetricsServer metrics;
  private final Server clientServer;
  private final Server peerServer;

  /**
   * Opens the data and wires everything up; {@link #start} sets it going.
   *
   * @param onFailure told once what the replica cannot go on after: a broken invariant, or a failed
   *     disk
   * @throws dev.tidings.replica.storage.UnusableDataException if the data are not this replica's to
   *     use
   */
  public ReplicaServer(ReplicaConfig config, Consumer<Throwable> onFailure) {
    this.config = config;
    String name = "replica-" + config.replicaId();
    loop = new ThreadedEventLoop(name + "-loop", MAILBOX, onFailure);
    linksLoop = new ThreadedEventLoop(name + "-links", MAILBOX, onFailure);
    streamsLoop = new ThreadedEventLoop(name + "-streams", MAILBOX, onFailure);
    committer = Executors.newSingleThreadExecutor(task -> new Thread(task, name + "-committer"));
    var count = new AtomicInteger();
    walkers =
        Executors.newFixedThreadPool(
            WALKERS, task -> new Thread(task, name + "-walkers-" + count.incrementAndGet()));
    connections = new ConnectionThreads(name + "-clients", 0);
    peerConnections = new ConnectionThreads(name + "-peers", 0);
    var store =
        new ReplicaStore(
            new RocksStore(config.data(), config.minFreeBytes()),
            config.cluster(),
            config.replicaId(),
            config.consistency(),
            new SecureRandom());
    metrics = config.metricsListen() == null ? null : new MetricsServer(name);
    ReplicaMeters meters = metrics == null ? null : new ReplicaMeters(metrics.registry());
    var outside =
        new ReplicaNode.Surroundings(
            loop,
            this::takeCommit,
            linksLoop,
            streamsLoop,
            connections::current,
            walkers,
            InstantSource.system(),
            this::channel,
            () -> ThreadLocalRandom.current().nextDouble(),
            meters == null ? ReplicaMetrics.NONE : meters);
    story = new Story(store.identity().origin(), loop::nowMicros, LOG::info);
    node =
        new ReplicaNode(
            store,
            config.listen().toString(),
            config.peers().entrySet().stream()
                .collect(Collectors.toMap(e -> e.getKey(), e -> e.getValue().toString())),
            config.links(),
            new ReplicaNode.Settings(
                config.peerListen().toString(),
                config.limits(),
                config.readWait(),
                config.joinWait(),
                config.maxForwardJumpTicks(),
                config.retention(),
                config.homes()),
            story,
            outside);
    if (meters != null) {
      meters.watch(node, outside);
      meters.watchMailbox("replica", loop);
      meters.watchMailbox("links", linksLoop);
      meters.watchMailbox("streams", streamsLoop);
    }
    // What clients and peers send never takes long on the connection's thread: a change of threads
    // would cost more than most of it.
    clientServer =
        connections.serve(server(config.listen(), node.clientServices(), new Greeter())).build();
    peerServer =
        peerConnections
            .serve(server(config.peerListen(), node.peerServices(), new ServerTransportFilter() {}))
            .build();
  }

  private boolean takeCommit(int writes, Runnable commit) {
    if (writes < LARGE_COMMIT) {
      return false;
    }
    committer.execute(commit);
    return true;
  }

  private NettyServerBuilder server(
      HostPort address, List<BindableService> services, ServerTransportFilter filter) {
    NettyServerBuilder builder =
        NettyServerBuilder.forAddress(address.toSocketAddress())
            .addTransportFilter(filter)
            .maxInboundMessageSize(config.limits().maxMessageBytes())
            // Who connects and does not speak HTTP/2 is dropped; gRPC would wait two minutes.
            .handshakeTimeout(10, TimeUnit.SECONDS)
            // Who speaks but calls nothing is sent away; a client connects again when it does. A
            // connection in use may last for ever: nothing needs to be spread anew.
            .maxConnectionIdle(10, TimeUnit.MINUTES)
            // Half of what our own clients and links send, so that none of them is too_many_pings.
            .permitKeepAliveTime(5, TimeUnit.SECONDS)
            .permitKeepAliveWithoutCalls(true)
            // Who does not answer a ping is dropped after half a minute.
            .keepAliveTime(20, TimeUnit.SECONDS)
            .keepAliveTimeout(10, TimeUnit.SECONDS)
            .addService(health.getHealthService())
            .addService(ProtoReflectionServiceV1.newInstance());
    if (metrics != null) {
      builder.intercept(metrics.interceptor());
    }
    services.forEach(builder::addService);
    return builder;
  }

  private ManagedChannel channel(String address) {
    return peerConnections
        .connect(NettyChannelBuilder.forTarget("dns:///" + address))
        .usePlaintext()
        .keepAliveTime(10, TimeUnit.SECONDS)
        .keepAliveTimeout(5, TimeUnit.SECONDS)
        .build();
  }

  /** Tells the story who came. */
  private final class Greeter extends ServerTransportFilter {
    @Override
    public Attributes transportReady(Attributes transport) {
      loop.offer(
          () -> story.connected(String.valueOf(transport.get(Grpc.TRANSPORT_ATTR_REMOTE_ADDR))));
      return transport;
    }
  }

  /**
   * Begins to serve.
   *
   * @throws IOException if a port cannot be had; the message names it
   */
  public void start() throws IOException {
    loop.start(node.replica()::onRoundEnd);
    linksLoop.start(() -> {});
    streamsLoop.start(() -> {});
    try {
      bind(peerServer, "peers", config.peerListen());
      bind(clientServer, "clients", config.listen());
      HostPort metricsListen = config.metricsListen();
      if (metrics != null && metricsListen != null) {
        metrics.start(metricsListen.toSocketAddress());
      }
    } catch (IOException e) {
      stop();
      throw e;
    }
    node.start();
  }

  private static void bind(Server server, String whom, HostPort address) throws IOException {
    try {
      server.start();
    } catch (IOException e) {
      throw new IOException(
          "cannot serve %s on %s: %s; is another process using it?"
              .formatted(whom, address, rootMessage(e)),
          e);
    }
  }

  private static String rootMessage(Throwable failure) {
    Throwable root = failure;
    for (Throwable cause = root.getCause(); cause != null; cause = cause.getCause()) {
      root = cause;
    }
    return String.valueOf(root.getMessage());
  }

  /**
   * Finishes what is in flight, makes it durable, and releases everything; waits at most some
   * seconds.
   */
  public void stop() {
    health.enterTerminalState();
    if (metrics != null) {
      // Before the store that it reads.
      metrics.close();
    }
    node.stop();
    clientServer.shutdown();
    peerServer.shutdown();
    try {
      if (!clientServer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        clientServer.shutdownNow();
      }
      peerServer.shutdownNow();
      node.settle();
      loop.stop();
      linksLoop.stop();
      streamsLoop.stop();
      committer.shutdown();
      walkers.shutdown();
      // What is still under way must not find the store closed; it is closed by the process's end
      // then.
      if (committer.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)
          && walkers.awaitTermination(STOP_SECONDS, TimeUnit.SECONDS)) {
        node.close();
      }
      connections.stop(STOP_SECONDS);
      peerConnections.stop(STOP_SECONDS);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
