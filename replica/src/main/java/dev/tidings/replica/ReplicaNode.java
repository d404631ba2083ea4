package dev.tidings.replica;

import dev.tidings.replica.grpc.AdminGrpc;
import dev.tidings.replica.grpc.CausalStoreGrpc;
import dev.tidings.replica.grpc.Homing;
import dev.tidings.replica.grpc.PipelineGrpc;
import dev.tidings.replica.grpc.ReplicationGrpc;
import dev.tidings.replica.grpc.RequestGuard;
import dev.tidings.replica.link.Handshake;
import dev.tidings.replica.link.LinkSettings;
import dev.tidings.replica.link.Links;
import dev.tidings.replica.storage.ReplicaStore;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Map;
import java.util.concurrent.Executor;
import java.util.function.DoubleSupplier;
import java.util.function.Function;
import java.util.function.Supplier;

/**
 * A replica with its links and its services, whatever the loops, the disk and the transport are.
 */
public final class ReplicaNode {
  private final Replica replica;
  private final Links links;
  private final Backups backups;
  private final Watches watches;
  private final Scans scans;
  private final PipelineGrpc pipelines;
  private final ReplicaStore store;
  private final List<BindableService> clientServices;
  private final List<BindableService> peerServices;

  /**
   * What a node needs from outside.
   *
   * @param loop the replica's
   * @param committer writes what the replica's loop does not want to wait for
   * @param linksLoop its links'; may be the same
   * @param streamsLoop that of clients' watches and scans; may be the same
   * @param connections tells, asked on the thread on which a client's call begins, who runs tasks
   *     on that thread: the connection's messages are read, answered and sent there
   * @param walkers runs reads that may have to walk over many entries, on the disk perhaps
   * @param channels opens a channel to a peer's address
   * @param jitter between 0 and 1
   */
  public record Surroundings(
      EventLoop loop,
      Committer committer,
      EventLoop linksLoop,
      EventLoop streamsLoop,
      Supplier<Executor> connections,
      Executor walkers,
      InstantSource wallClock,
      Function<String, ManagedChannel> channels,
      DoubleSupplier jitter,
      ReplicaMetrics metrics) {}

  /**
   * How a node behaves.
   *
   * @param peerAddress where peers reach this replica, for those who join to be told
   * @param readWait how long a request waits for what its session depends on
   * @param joinWait how long a replica that begins with an empty directory waits for peers to tell
   *     what they have
   * @param maxForwardJumpTicks how far a client may push the clock
   * @param homes the same at all replicas of the cluster
   */
  public record Settings(
      String peerAddress,
      Limits limits,
      Duration readWait,
      Duration joinWait,
      long maxForwardJumpTicks,
      Retention retention,
      Homes homes) {}

  /**
   * @param clientAddress where clients reach this replica, which peers are told
   * @param peers peer addresses by id
   * @param linkSettings simulated links by peer
   */
  public ReplicaNode(
      ReplicaStore store,
      String clientAddress,
      Map<Integer, String> peers,
      Map<Integer, LinkSettings> linkSettings,
      Settings settings,
      Story story,
      Surroundings outside) {
    this.store = store;
    var handshake = new Handshake(store.identity(), clientAddress, settings.homes());
    this.links =
        new Links(
            outside.channels(),
            linkSettings,
            handshake,
            store,
            outside.linksLoop(),
            outside.jitter());
    this.backups = new Backups(store, outside.linksLoop(), outside.wallClock());
    this.watches = new Watches(store, outside.streamsLoop());
    this.replica =
        new Replica(
            store,
            settings,
            peers,
            outside.loop(),
            outside.committer(),
            outside.wallClock(),
            story,
            outside.metrics(),
            links,
            backups,
            watches);
    this.scans = new Scans(replica, outside.streamsLoop());
    var homing = new Homing(settings.homes(), replica, links);
    this.pipelines = new PipelineGrpc(replica, homing, outside.walkers(), outside.connections());
    this.clientServices =
        List.of(
            RequestGuard.guard(
                new CausalStoreGrpc(
                    replica, homing, scans, pipelines, outside.walkers(), outside.connections())),
            RequestGuard.guard(new AdminGrpc(replica, links)));
    this.peerServices =
        List.of(RequestGuard.guard(new ReplicationGrpc(replica, handshake, homing)));
  }

  public List<BindableService> clientServices() {
    return clientServices;
  }

  public List<BindableService> peerServices() {
    return peerServices;
  }

  public Replica replica() {
    return replica;
  }

  Links links() {
    return links;
  }

  ReplicaStore store() {
    return store;
  }

  /** Begins to connect to the peers; once all loops run. */
  public void start() {
    replica.start();
  }

  /** Refuses requests that wait, and ends backups, watches, scans and the streams to the peers. */
  public void stop() {
    replica.stopWaiting();
    backups.stop();
    watches.end(new StoppingException());
    scans.end(new StoppingException());
    pipelines.end(new StoppingException());
    links.stop();
  }

  /** Has the loop make durable, and answer, what it has decided; before it ends. */
  void settle() {
    replica.settle();
  }

  /** Closes the store; once all loops have ended. */
  public void close() {
    replica.close();
    store.close();
  }
}
