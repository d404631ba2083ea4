package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import io.grpc.ManagedChannel;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.function.BiFunction;

/**
 * Clients over gRPC: the same transport for us, the echo and etcd. Answers are handled by the
 * thread that reads them.
 */
final class GrpcChannels implements Store.Clients {
  private static final int MAX_MESSAGE = 64 << 20;

  private final List<ManagedChannel> channels = new ArrayList<>();
  private final List<Client> clients = new ArrayList<>();

  /**
   * @param client makes one of its channel and its number
   */
  GrpcChannels(int port, Load load, BiFunction<ManagedChannel, Integer, Client> client) {
    this(port, load.clients(), load.connections(), client);
  }

  GrpcChannels(
      int port,
      int clientCount,
      int connections,
      BiFunction<ManagedChannel, Integer, Client> client) {
    for (int i = 0; i < connections; i++) {
      channels.add(open(port));
    }
    for (int i = 0; i < clientCount; i++) {
      clients.add(client.apply(channels.get(i % channels.size()), i));
    }
  }

  static ManagedChannel open(int port) {
    return NettyChannelBuilder.forAddress("127.0.0.1", port)
        .usePlaintext()
        .directExecutor()
        .maxInboundMessageSize(MAX_MESSAGE)
        .build();
  }

  @Override
  public List<Client> all() {
    return clients;
  }

  @Override
  public void close() {
    channels.forEach(ManagedChannel::shutdownNow);
    try {
      for (ManagedChannel channel : channels) {
        channel.awaitTermination(5, TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
