package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.Programs;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import io.nats.client.Connection;
import io.nats.client.Nats;
import io.nats.client.Options;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/** A NATS server, with or without JetStream. */
record NatsProcess(ServerProcess server, int port) {
  private static final Duration CONNECTED_WITHIN = Duration.ofSeconds(10);

  /** Empty where it is not installed. */
  static Optional<NatsProcess> start(Workspace workspace, boolean jetStream)
      throws IOException, InterruptedException {
    Optional<Path> program = Programs.find("nats-server");
    if (program.isEmpty()) {
      return Optional.empty();
    }
    int port = Workspace.freePorts(1).get(0);
    Path data = workspace.newDirectory("nats");
    var command =
        new ArrayList<>(
            List.of(program.get().toString(), "-a", "127.0.0.1", "-p", Integer.toString(port)));
    if (jetStream) {
      command.addAll(List.of("-js", "-sd", data.toString()));
    }
    return Optional.of(new NatsProcess(workspace.start("nats-server", data, port, command), port));
  }

  /**
   * @param ownToo whether a connection also gets what it publishes itself
   */
  Connection connect(boolean ownToo) throws InterruptedException {
    Options.Builder options =
        new Options.Builder()
            .server("nats://127.0.0.1:" + port)
            .connectionTimeout(CONNECTED_WITHIN)
            .maxReconnects(0);
    if (!ownToo) {
      options.noEcho();
    }
    try {
      return Nats.connect(options.build());
    } catch (IOException e) {
      throw new IllegalStateException("cannot connect to NATS: " + e.getMessage(), e);
    }
  }
}
