package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;

/** The ceiling: gRPC that stores nothing, with messages as large as ours. */
public final class EchoStore implements Store {
  private final String name;
  private final ServerProcess server;
  private final int port;
  private final boolean stream;
  private final Function<Load, Sizes> sizes;

  private EchoStore(
      String name, ServerProcess server, int port, boolean stream, Function<Load, Sizes> sizes) {
    this.name = name;
    this.server = server;
    this.port = port;
    this.stream = stream;
    this.sizes = sizes;
  }

  /** Two contestants of one server: calls, and a stream for each client. */
  public static List<Store> start(Workspace workspace, Function<Load, Sizes> sizes)
      throws IOException, InterruptedException {
    int port = Workspace.freePorts(1).get(0);
    Path data = workspace.newDirectory("echo");
    ServerProcess server =
        workspace.start(
            "gRPC echo",
            data,
            port,
            Map.of(),
            List.of(
                workspace.home().resolve("bin/launch").toString(),
                "bench",
                "echo",
                "--port=" + port));
    return List.of(
        new EchoStore("gRPC echo, unary", server, port, false, sizes),
        new EchoStore("gRPC echo, stream", server, port, true, sizes));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(server);
  }

  @Override
  public Optional<Clients> clients(Load load) {
    if (load.depth() > 1 && !stream) {
      return Optional.empty();
    }
    Sizes size = sizes.apply(load);
    byte[] request = EchoService.request(size.request(), size.response());
    return Optional.of(
        new GrpcChannels(
            port,
            load,
            (channel, number) ->
                stream
                    ? new StreamClient<>(channel, EchoService.STREAM, 1, () -> request, answer -> 1)
                    : new UnaryClient<>(channel, EchoService.UNARY, () -> request, answer -> {})));
  }

  @Override
  public void close() {
    server.close();
  }
}
