package dev.tidings.client;

import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;

/** Fake replicas 1 to N behind real stubs, within this process. */
public final class FakeCluster implements AutoCloseable {
  private static final AtomicLong CLUSTERS = new AtomicLong();

  private final String name = "fake-" + CLUSTERS.incrementAndGet();
  private final List<FakeReplica> replicas = new ArrayList<>();
  private final List<Server> servers = new ArrayList<>();

  public FakeCluster(int size) {
    for (int id = 1; id <= size; id++) {
      // Alice's and Bob's homes have ports of their own in the table of roles.
      replicas.add(new FakeReplica(id, "127.0.0.1:" + (7999 + id)));
    }
    for (FakeReplica replica : replicas) {
      replicas.stream().filter(peer -> peer != replica).forEach(replica::addPeer);
      try {
        servers.add(
            InProcessServerBuilder.forName(name + replica.address())
                .directExecutor()
                .addService(replica.new Store())
                .addService(replica.new Administration())
                .build()
                .start());
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
  }

  public FakeReplica replica(int id) {
    return replicas.get(id - 1);
  }

  /**
   * Connections to this cluster's replicas by their addresses; any other address is unreachable.
   */
  public Tidings connect(String address, Duration deadline) {
    return connect(List.of(address), deadline);
  }

  /** The same with several addresses. */
  public Tidings connect(List<String> addresses, Duration deadline) {
    return Tidings.connect(
        addresses,
        deadline,
        address -> InProcessChannelBuilder.forName(name + address).directExecutor());
  }

  @Override
  public void close() {
    servers.forEach(Server::shutdownNow);
  }
}
