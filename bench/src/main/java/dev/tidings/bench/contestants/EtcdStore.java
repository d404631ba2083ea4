package dev.tidings.bench.contestants;

import com.google.protobuf.UnsafeByteOperations;
import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.Programs;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import io.etcd.jetcd.api.KVGrpc;
import io.etcd.jetcd.api.PutRequest;
import io.etcd.jetcd.api.RangeRequest;
import io.grpc.Channel;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * etcd, by jetcd's stubs over the same transport as ours: what jetcd does above them would only
 * cost the machine that etcd runs on.
 */
public final class EtcdStore implements Store {
  private final ServerProcess server;
  private final int port;
  private final int keys;
  private final Values values;

  private EtcdStore(ServerProcess server, int port, int keys, int valueBytes) {
    this.server = server;
    this.port = port;
    this.keys = keys;
    this.values = new Values(valueBytes);
  }

  /** Empty where it is not installed. */
  public static Optional<Store> start(Workspace workspace, int keys, int valueBytes)
      throws IOException, InterruptedException {
    Optional<Path> program = Programs.find("etcd");
    if (program.isEmpty()) {
      return Optional.empty();
    }
    List<Integer> ports = Workspace.freePorts(2);
    Path data = workspace.newDirectory("etcd");
    String client = "http://127.0.0.1:" + ports.get(0);
    String peer = "http://127.0.0.1:" + ports.get(1);
    ServerProcess server =
        workspace.start(
            "etcd",
            data,
            ports.get(0),
            List.of(
                program.get().toString(),
                "--name=bench",
                "--data-dir=" + data.resolve("data"),
                "--listen-client-urls=" + client,
                "--advertise-client-urls=" + client,
                "--listen-peer-urls=" + peer,
                "--initial-advertise-peer-urls=" + peer,
                "--initial-cluster=bench=" + peer,
                "--log-level=error"));
    return Optional.of(new EtcdStore(server, ports.get(0), keys, valueBytes));
  }

  @Override
  public String name() {
    return "etcd";
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(server);
  }

  @Override
  public Optional<Clients> clients(Load load) {
    if (load.stream()) {
      return Optional.empty();
    }
    return Optional.of(
        new GrpcChannels(port, load, (channel, number) -> client(channel, number, load)));
  }

  private Client client(Channel channel, int number, Load load) {
    var chosen = new Keys(keys, number, load.clients());
    return load.isWrite()
        ? new UnaryClient<>(
            channel,
            KVGrpc.getPutMethod(),
            () ->
                PutRequest.newBuilder()
                    .setKey(UnsafeByteOperations.unsafeWrap(Keys.name(chosen.next())))
                    .setValue(values.next())
                    .build(),
            response -> {})
        : new UnaryClient<>(
            channel,
            KVGrpc.getRangeMethod(),
            () ->
                RangeRequest.newBuilder()
                    .setKey(UnsafeByteOperations.unsafeWrap(Keys.name(chosen.next())))
                    .setSerializable(true)
                    .build(),
            response -> {});
  }

  @Override
  public void close() {
    server.close();
  }
}
