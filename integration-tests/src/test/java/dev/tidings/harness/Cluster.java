package dev.tidings.harness;

import dev.tidings.causal.Consistency;
import dev.tidings.causal.Progress;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.Committer;
import dev.tidings.replica.Homes;
import dev.tidings.replica.Limits;
import dev.tidings.replica.ReplicaMeters;
import dev.tidings.replica.ReplicaNode;
import dev.tidings.replica.Retention;
import dev.tidings.replica.Story;
import dev.tidings.replica.link.LinkSettings;
import dev.tidings.replica.link.LinkSpec;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AddMemberResponse;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.RemoveMemberResponse;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLinkResponse;
import dev.tidings.v1.SimulatedLink;
import io.grpc.BindableService;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.micrometer.core.instrument.MeterRegistry;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.BooleanSupplier;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/** Some replicas on virtual time. They start when told, can be killed, and keep their disks. */
public final class Cluster implements AutoCloseable {
  public static final Duration READ_WAIT = Duration.ofSeconds(2);
  public static final long MAX_FORWARD_JUMP = 100_000;
  private static final AtomicLong CLUSTERS = new AtomicLong();

  private final SimulatedTime time = new SimulatedTime();

  /** Unlike those of a mutant's harness, which is another class in the same process. */
  private final String name =
      "test-%x-%d".formatted(System.identityHashCode(Cluster.class), CLUSTERS.incrementAndGet());

  private final Random chance = new Random(1);
  private final int size;

  /** Whom those ask first that were not there from the beginning. */
  private final Map<Integer, Set<Integer>> known = new HashMap<>();

  private final String delays;
  private final Consistency consistency;
  private final Map<Integer, FaultyDisk> disks = new HashMap<>();
  private final Map<Integer, Running> running = new TreeMap<>();
  private String clusterName = name;
  private Duration joinWait = Duration.ZERO;
  private Retention retention = Retention.DEFAULT;
  private Homes homes = Homes.NONE;
  private long sessions;
  private final Map<String, ManagedChannel> clientChannels = new HashMap<>();
  private final Map<Integer, List<String>> stories = new HashMap<>();
  private final Map<Integer, ReplicaStore> stores = new TreeMap<>();
  private final @Nullable SimulatedNetwork network;
  private DiskWork diskWork = new DiskWork() {};
  private BooleanSupplier handsOver = () -> false;

  /** What happens while replicas' disks work. */
  public interface DiskWork {
    /** A replica reads. May let time pass. */
    default void reading(int id) {}

    /** A replica commits. May let time pass, and kill it. */
    default void committing(int id) {}

    /** A replica has made a round's changes durable. May let time pass, and kill it. */
    default void committed(int id, ReplicaStore store) {}
  }

  private record Running(
      ReplicaNode node,
      ReplicaStore store,
      MeterRegistry meters,
      SimulatedTime.Loop loop,
      SimulatedTime.Loop committer,
      SimulatedTime.Loop links,
      SimulatedTime.Loop watches,
      Server clients,
      Server peers,
      List<ManagedChannel> channels) {}

  /**
   * @param delays as for {@code --delay}
   */
  public Cluster(int size, String delays, Consistency consistency) {
    this(size, delays, consistency, null);
  }

  /**
   * @param network what lies between the replicas; null for nothing but what {@code delays} says
   */
  public Cluster(
      int size, String delays, Consistency consistency, @Nullable SimulatedNetwork network) {
    this.size = size;
    this.delays = delays;
    this.consistency = consistency;
    this.network = network;
  }

  /** From now on this happens while disks work. */
  public void onDiskWork(DiskWork work) {
    diskWork = work;
  }

  /** From now on, in place of other disk work, each commit of one replica takes so long. */
  public void slowCommits(int slow, Duration each) {
    onDiskWork(
        new DiskWork() {
          @Override
          public void committing(int id) {
            if (id == slow) {
              time.pass(each);
            }
          }
        });
  }

  /** From now on replicas' loops hand over the commits of which this says so. */
  public void handOver(BooleanSupplier handsOver) {
    this.handsOver = handsOver;
  }

  /** A causal cluster whose replicas all run. */
  public static Cluster started(int size, String delays) {
    return started(size, delays, Consistency.CAUSAL);
  }

  public static Cluster started(int size, String delays, Consistency consistency) {
    var cluster = new Cluster(size, delays, consistency);
    cluster.startAll();
    return cluster;
  }

  /**
   * Replicas that start with an empty disk from now on wait so long for peers that do not answer.
   */
  public void waitForPeers(Duration atMost) {
    joinWait = atMost;
  }

  /** Replicas that start from now on take each other's, or a backup's, cluster for this one. */
  public void belongTo(String clusterName) {
    this.clusterName = clusterName;
    // Other incarnations than those of the cluster that was called so before.
    chance.nextInt();
  }

  /** How much of what is past is kept by replicas that start from now on. */
  public void retain(Retention retention) {
    this.retention = retention;
  }

  /** Which keys have a home, by replicas that start from now on. */
  public void setHomes(String list) {
    homes = Homes.parse(list);
  }

  /** Starts all replicas. */
  public void startAll() {
    for (int id = 1; id <= size; id++) {
      start(id);
    }
    time.settle();
  }

  public SimulatedTime time() {
    return time;
  }

  public String name() {
    return name;
  }

  /** Sets up a replica that was not there from the beginning; its settings name these peers. */
  public void setUp(int id, Set<Integer> peers) {
    known.put(id, Set.copyOf(peers));
  }

  /** Starts a replica, on the disk that it had before, or on an empty one. */
  public void start(int id) {
    // What the disk does before the replica runs is not slow.
    disk(id).onWork(new FaultyDisk.Work() {});
    var store = new ReplicaStore(disk(id), clusterName, id, consistency, chance);
    stores.put(id, store);
    SimulatedTime.Loop loop = time.new Loop();
    SimulatedTime.Loop committer = time.new Loop();
    SimulatedTime.Loop links = time.new Loop();
    SimulatedTime.Loop watches = time.new Loop();
    var channels = new ArrayList<ManagedChannel>();
    var peers = new HashMap<Integer, String>();
    for (int peer : known.getOrDefault(id, founders())) {
      if (peer != id) {
        peers.put(peer, peerAddress(peer));
      }
    }
    Map<Integer, LinkSettings> settings = new HashMap<>(LinkSpec.outgoing(id, delays));
    settings.keySet().retainAll(peers.keySet());
    var meters = new SimpleMeterRegistry();
    var counted = new ReplicaMeters(meters);
    var handedOver = new AtomicBoolean();
    var outside =
        new ReplicaNode.Surroundings(
            loop,
            new HandedOver(id, committer, handedOver),
            links,
            watches,
            () -> watches::execute,
            Runnable::run,
            time.wallClock(),
            address -> {
              ManagedChannel channel = open(address, id, replicaAt(address));
              channels.add(channel);
              return channel;
            },
            chance::nextDouble,
            counted);
    var node =
        new ReplicaNode(
            store,
            clientAddress(id),
            peers,
            settings,
            new ReplicaNode.Settings(
                peerAddress(id),
                Limits.DEFAULT,
                READ_WAIT,
                joinWait,
                MAX_FORWARD_JUMP,
                retention,
                homes),
            new Story(store.identity().origin(), time::nowMicros, story(id)::add),
            outside);
    counted.watch(node, outside);
    disk(id)
        .onWork(
            new FaultyDisk.Work() {
              @Override
              public void reading() {
                diskWork.reading(id);
              }

              @Override
              public void committing() {
                if (!handedOver.get()) {
                  diskWork.committing(id);
                }
              }

              @Override
              public void committed() {
                diskWork.committed(id, store);
              }
            });
    loop.start(node.replica()::onRoundEnd);
    running.put(
        id,
        new Running(
            node,
            store,
            meters,
            loop,
            committer,
            links,
            watches,
            serve(clientAddress(id), node.clientServices()),
            serve(peerAddress(id), node.peerServices()),
            channels));
    node.start();
    // A call while it was down has made the channel wait before it tries again, in real time.
    clientChannels.values().forEach(ManagedChannel::resetConnectBackoff);
  }

  /**
   * Takes commits off the loop. A commit's time passes before it is written: the loop may have to
   * wait for it, and could not if it were under way on the same thread.
   */
  private final class HandedOver implements Committer {
    private final int id;
    private final SimulatedTime.Loop committer;
    private final AtomicBoolean writing;

    HandedOver(int id, SimulatedTime.Loop committer, AtomicBoolean writing) {
      this.id = id;
      this.committer = committer;
      this.writing = writing;
    }

    @Override
    public boolean offer(int writes, Runnable commit) {
      if (!handsOver.getAsBoolean()) {
        return false;
      }
      committer.execute(
          () -> {
            diskWork.committing(id);
            writing.set(true);
            try {
              commit.run();
            } finally {
              writing.set(false);
            }
          });
      return true;
    }
  }

  private Set<Integer> founders() {
    return IntStream.rangeClosed(1, size).boxed().collect(Collectors.toUnmodifiableSet());
  }

  /** Gives a replica that is down an empty disk. */
  public void wipe(int id) {
    if (isRunning(id)) {
      throw new AssertionError("replica " + id + " runs");
    }
    disks.remove(id);
    stores.remove(id);
  }

  /** A replica's disk, also while it is down. */
  public FaultyDisk disk(int id) {
    return disks.computeIfAbsent(id, i -> new FaultyDisk());
  }

  private static Server serve(String address, List<BindableService> services) {
    InProcessServerBuilder builder = InProcessServerBuilder.forName(address).directExecutor();
    services.forEach(builder::addService);
    try {
      return builder.build().start();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static ManagedChannel open(String address) {
    return InProcessChannelBuilder.forName(address).directExecutor().build();
  }

  /** A channel of a replica's, or of the clients' with 0, over the network. */
  private ManagedChannel open(String address, int from, int to) {
    InProcessChannelBuilder builder = InProcessChannelBuilder.forName(address).directExecutor();
    if (network != null) {
      builder.intercept(network.between(time, from, to, () -> isRunning(to)));
    }
    return builder.build();
  }

  public boolean isRunning(int id) {
    return running.containsKey(id);
  }

  /** Has a replica refuse all that waits there, as one does that is about to stop. */
  public void stopServing(int id) {
    running(id).node.stop();
  }

  /** Ends a replica at once, whatever it was doing. Its disk stays. */
  public void kill(int id) {
    kill(id, false);
  }

  /**
   * Ends a replica at once, whatever it was doing. Its disk stays.
   *
   * @param shows whether what it was about to write is on the disk
   */
  public void kill(int id, boolean shows) {
    Running replica = running(id);
    running.remove(id);
    disk(id).crash(shows);
    replica.loop.stop();
    replica.committer.stop();
    replica.links.stop();
    replica.watches.stop();
    if (network == null) {
      replica.channels.forEach(ManagedChannel::shutdownNow);
    } else {
      // gRPC would end all of its calls in no particular order.
      network.loseAll(id);
      replica.channels.forEach(ManagedChannel::shutdown);
    }
    replica.clients.shutdownNow();
    replica.peers.shutdownNow();
  }

  private Running running(int id) {
    Running replica = running.get(id);
    if (replica == null) {
      throw new AssertionError("replica " + id + " is not running");
    }
    return replica;
  }

  private String clientAddress(int id) {
    return name + "-client-" + id;
  }

  /** The in-process name of a replica's peer port, which looks like an address. */
  public String peerAddress(int id) {
    return name + "-peer:" + id;
  }

  private int replicaAt(String peerAddress) {
    return Integer.parseInt(peerAddress.substring(peerAddress.lastIndexOf(':') + 1));
  }

  /** A channel to a replica's client port. */
  public ManagedChannel clientChannel(int id) {
    return clientChannels.computeIfAbsent(clientAddress(id), address -> open(address, 0, id));
  }

  /** A new channel to a replica's client port, for whoever shuts it down. */
  public ManagedChannel newClientChannel(int id) {
    ManagedChannel channel = open(clientAddress(id), 0, id);
    clientChannels.put("new " + clientChannels.size(), channel);
    return channel;
  }

  /** As that, but never over the network. */
  private ManagedChannel adminChannel(int id) {
    return clientChannels.computeIfAbsent("admin " + id, name -> open(clientAddress(id)));
  }

  /** A channel to a replica's peer port. */
  public ManagedChannel peerChannel(int id) {
    return clientChannels.computeIfAbsent(peerAddress(id), Cluster::open);
  }

  long nextSession() {
    return ++sessions;
  }

  /** A new session at a replica. */
  public TestSession session(int id) {
    return new TestSession(this, id);
  }

  public GetStatusResponse status(int id) {
    return requestStatus(id).within(time, Duration.ZERO);
  }

  public Reply<GetStatusResponse> requestStatus(int id) {
    var answer = new Reply<GetStatusResponse>();
    AdminServiceGrpc.newStub(adminChannel(id))
        .getStatus(GetStatusRequest.getDefaultInstance(), answer);
    return answer;
  }

  /** What is visible at a replica, as its readers see it. */
  public PositionSet frontier(int id) {
    try (ReadView view = running(id).store.view()) {
      return view.frontier();
    }
  }

  /** How many replicas belong to the cluster, as one of them sees it. */
  public int replicas(int id) {
    return running(id).node.replica().clusterSize();
  }

  /** What a replica measures, since it started last. */
  public MeterRegistry meters(int id) {
    return running(id).meters;
  }

  /** On how many disks a write is, also of replicas that are down. */
  public int disksWith(Position position) {
    return (int)
        stores.values().stream().filter(s -> s.progress().held().contains(position)).count();
  }

  /** What is on a replica's disk, also while it is down; nothing if it has never run on it. */
  public Progress onDisk(int id) {
    ReplicaStore store = stores.get(id);
    return store == null ? Progress.NONE : store.progress();
  }

  /** As whom a replica lives that has been started. */
  public Origin origin(int id) {
    return Objects.requireNonNull(stores.get(id)).identity().origin();
  }

  /** Asks a member to take a replica into the cluster. */
  public Reply<AddMemberResponse> join(int member, int id) {
    var answer = new Reply<AddMemberResponse>();
    AdminServiceGrpc.newStub(adminChannel(member))
        .addMember(
            AddMemberRequest.newBuilder().setReplicaId(id).setPeerAddress(peerAddress(id)).build(),
            answer);
    return answer;
  }

  /** Asks a member to take a replica out of the cluster. */
  public Reply<RemoveMemberResponse> remove(int member, int id) {
    var answer = new Reply<RemoveMemberResponse>();
    AdminServiceGrpc.newStub(adminChannel(member))
        .removeMember(RemoveMemberRequest.newBuilder().setReplicaId(id).build(), answer);
    return answer;
  }

  /** Changes a one-way link. */
  public void link(int from, int to, Duration delay, boolean cut) {
    var answer = new Reply<SetLinkResponse>();
    AdminServiceGrpc.newStub(adminChannel(from))
        .setLink(
            SetLinkRequest.newBuilder()
                .setToReplicaId(to)
                .setLink(SimulatedLink.newBuilder().setDelayMillis(delay.toMillis()).setCut(cut))
                .build(),
            answer);
    answer.within(time, Duration.ZERO);
  }

  /** The replica's log in words, over all its lives. */
  public List<String> story(int id) {
    return stories.computeIfAbsent(id, i -> new ArrayList<>());
  }

  /** Lets time pass until every replica shows and holds the same and nothing is stalled. */
  public void converge() {
    time.until(
        "all replicas show the same",
        Duration.ofMinutes(10),
        () -> {
          List<PositionSet> frontiers =
              running.keySet().stream().map(this::frontier).distinct().toList();
          return frontiers.size() == 1;
        });
    for (int id : running.keySet()) {
      GetStatusResponse status = status(id);
      if (status.getStalledNow() > 0 || !status.getFrontier().equals(status.getHeld())) {
        throw new AssertionError("replica " + id + " holds what it does not show: " + status);
      }
    }
  }

  @Override
  public void close() {
    clientChannels.values().forEach(ManagedChannel::shutdownNow);
    List.copyOf(running.keySet()).forEach(this::kill);
  }
}
