package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.util.List;

/** The echo's process, started as our own servers are. */
record EchoProcess(ServerProcess server, int port) {
  static EchoProcess start(Workspace workspace) throws IOException, InterruptedException {
    int port = Workspace.freePorts(1).get(0);
    ServerProcess server =
        workspace.start(
            "gRPC echo",
            workspace.newDirectory("echo"),
            port,
            List.of(
                workspace.home().resolve("bin/launch").toString(),
                "bench",
                "echo",
                "--port=" + port));
    return new EchoProcess(server, port);
  }
}
