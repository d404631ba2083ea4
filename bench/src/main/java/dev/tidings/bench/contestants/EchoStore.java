package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;

/** The ceiling: gRPC that stores nothing, with messages as large as ours. */
public final class EchoStore implements Store {
  private final String name;
  private final EchoProcess echo;
  private final boolean stream;
  private final Function<Load, Sizes> sizes;

  private EchoStore(String name, EchoProcess echo, boolean stream, Function<Load, Sizes> sizes) {
    this.name = name;
    this.echo = echo;
    this.stream = stream;
    this.sizes = sizes;
  }

  /** Two contestants of one server: calls, and a stream for each client. */
  public static List<Store> start(Workspace workspace, Function<Load, Sizes> sizes)
      throws IOException, InterruptedException {
    EchoProcess echo = EchoProcess.start(workspace);
    return List.of(
        new EchoStore("gRPC echo, unary", echo, false, sizes),
        new EchoStore("gRPC echo, stream", echo, true, sizes));
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(echo.server());
  }

  @Override
  public Optional<Clients> clients(Load load) {
    if (load.depth() > 1 && !stream) {
      return Optional.empty();
    }
    Sizes size = sizes.apply(load);
    byte[] request = EchoService.request(size.request(), size.response(), 1);
    return Optional.of(
        new GrpcChannels(
            echo.port(),
            load,
            (channel, number) ->
                stream
                    ? new StreamClient<>(channel, EchoService.STREAM, 1, () -> request, answer -> 1)
                    : new UnaryClient<>(channel, EchoService.UNARY, () -> request, answer -> {})));
  }

  @Override
  public void close() {
    echo.server().close();
  }
}
