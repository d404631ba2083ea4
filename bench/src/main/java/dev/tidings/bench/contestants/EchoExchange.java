package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.util.List;
import java.util.Optional;

/**
 * The ceiling: each frame comes back on the same stream, with a broadcast as often as there are
 * recipients.
 */
public final class EchoExchange implements Exchange {
  private final EchoProcess process;

  private EchoExchange(EchoProcess process) {
    this.process = process;
  }

  public static Exchange start(Workspace workspace) throws IOException, InterruptedException {
    return new EchoExchange(EchoProcess.start(workspace));
  }

  @Override
  public String name() {
    return "gRPC echo, stream";
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(process.server());
  }

  @Override
  public Optional<Store.Clients> hosts(int hosts, boolean broadcast, int batch) {
    int copies = broadcast ? hosts - 1 : 1;
    Sizes sizes = RouterExchange.sizes(batch);
    byte[] request = EchoService.request(sizes.request(), sizes.response(), copies);
    return Optional.of(
        new GrpcChannels(
            process.port(),
            hosts,
            Math.min(hosts, RouterExchange.MOST_CONNECTIONS),
            (channel, number) ->
                new StreamClient<>(
                    channel, EchoService.STREAM, copies, () -> request, answer -> 1)));
  }

  @Override
  public void close() {
    process.server().close();
  }
}
