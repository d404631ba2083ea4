package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteResponse;
import io.grpc.Channel;
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;
import java.util.function.Consumer;

/** Us. Each client is a session. */
public final class TidingsStore implements Store {
  private final String name;
  private final TidingsCluster cluster;
  private final int keys;
  private final Values values;

  public TidingsStore(String name, TidingsCluster cluster, int keys, int valueBytes) {
    this.name = name;
    this.cluster = cluster;
    this.keys = keys;
    this.values = new Values(valueBytes);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ServerProcess> servers() {
    return cluster.servers();
  }

  @Override
  public Optional<Clients> clients(Load load) {
    return Optional.of(clients(load, 1));
  }

  /** The same, at a certain replica. */
  public Clients clients(Load load, int replica) {
    return new GrpcChannels(
        cluster.port(replica), load, (channel, number) -> client(channel, number, load));
  }

  private Client client(Channel channel, int number, Load load) {
    var session = session(number, load.clients());
    if (load.stream()) {
      return new StreamClient<>(
          channel,
          CausalStoreServiceGrpc.getPipelineMethod(),
          load.depth(),
          () -> session.frame(load.depth(), load.isWrite()),
          session::onFrame);
    }
    return load.isWrite() ? writer(channel, session, response -> {}) : reader(channel, session);
  }

  private TidingsSession session(int number, int clients) {
    return new TidingsSession(new Keys(keys, number, clients), values);
  }

  private static Client writer(
      Channel channel, TidingsSession session, Consumer<ClientWriteResponse> onWritten) {
    return new UnaryClient<>(
        channel,
        CausalStoreServiceGrpc.getClientWriteMethod(),
        session::write,
        response -> {
          session.onWritten(response);
          onWritten.accept(response);
        });
  }

  private static Client reader(Channel channel, TidingsSession session) {
    return new UnaryClient<>(
        channel, CausalStoreServiceGrpc.getClientReadMethod(), session::read, session::onRead);
  }

  /**
   * Sessions that read and write by chance, one request after the other, at all of some replicas.
   *
   * @param onWritten told of each write's answer, at once, by the thread that got it
   */
  public Clients mixed(
      int clients,
      int percentWrites,
      List<Integer> replicas,
      Consumer<ClientWriteResponse> onWritten) {
    List<ManagedChannel> channels = new ArrayList<>();
    List<Client> all = new ArrayList<>();
    for (int replica : replicas) {
      channels.add(GrpcChannels.open(cluster.port(replica)));
    }
    for (int i = 0; i < clients; i++) {
      Channel channel = channels.get(i % channels.size());
      var session = new TidingsSession(Keys.any(keys, i), values);
      Client writer = writer(channel, session, onWritten);
      Client reader = reader(channel, session);
      var random = new SplittableRandom(i);
      all.add(answer -> (random.nextInt(100) < percentWrites ? writer : reader).start(answer));
    }
    return new Clients() {
      @Override
      public List<Client> all() {
        return all;
      }

      @Override
      public void close() {
        channels.forEach(ManagedChannel::shutdownNow);
      }
    };
  }

  /** The sizes of a load's messages. The store has been filled before. */
  public Sizes sizes(Load load) {
    ManagedChannel channel = GrpcChannels.open(cluster.port(1));
    try {
      return session(0, 1).sizes(channel, load);
    } catch (StatusException e) {
      throw new LoadFailedException("a replica refuses what the bench asks: " + e.getStatus(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    cluster.close();
  }
}
