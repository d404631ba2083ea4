package dev.tidings.bench.servers;

import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** Our own replicas, each a process, started as users start them. */
public final class TidingsCluster implements AutoCloseable {
  /** Consistency modes, as replicas take them. */
  public static final String CAUSAL = "causal";

  public static final String EVENTUAL = "eventual";

  private final Workspace workspace;
  private final List<Integer> ports;
  private final List<Path> data = new ArrayList<>();
  private final List<List<String>> commands = new ArrayList<>();
  private final List<ServerProcess> servers = new ArrayList<>();

  private TidingsCluster(Workspace workspace, List<Integer> ports) {
    this.workspace = workspace;
    this.ports = ports;
  }

  /**
   * Returns when all accept connections.
   *
   * @param consistency {@link #CAUSAL} or {@link #EVENTUAL}
   * @param options further ones, for every replica
   */
  public static TidingsCluster start(
      Workspace workspace, int replicas, String consistency, String... options)
      throws IOException, InterruptedException {
    List<Integer> ports = Workspace.freePorts(2 * replicas);
    var cluster = new TidingsCluster(workspace, ports.subList(0, replicas));
    List<Integer> peers = ports.subList(replicas, 2 * replicas);
    for (int id = 1; id <= replicas; id++) {
      int self = id;
      Path directory = workspace.newDirectory("replica-" + id);
      var command = new ArrayList<String>();
      command.add(workspace.home().resolve("bin/replica").toString());
      command.add("--id=" + id);
      command.add("--cluster=bench");
      command.add("--listen=127.0.0.1:" + cluster.port(id));
      command.add("--peer-listen=127.0.0.1:" + peers.get(id - 1));
      command.add(
          "--peers="
              + IntStream.rangeClosed(1, replicas)
                  .filter(other -> other != self)
                  .mapToObj(other -> other + "=127.0.0.1:" + peers.get(other - 1))
                  .collect(Collectors.joining(",")));
      command.add("--data=" + directory);
      command.add("--consistency=" + consistency);
      command.addAll(List.of(options));
      cluster.data.add(directory);
      cluster.commands.add(command);
    }
    for (int id = 1; id <= replicas; id++) {
      cluster.servers.add(cluster.launch(id));
    }
    for (int id = 1; id <= replicas; id++) {
      cluster.server(id).awaitAccepting(cluster.port(id));
    }
    return cluster;
  }

  private ServerProcess launch(int id) throws IOException {
    return workspace.launch("replica " + id, data.get(id - 1), commands.get(id - 1));
  }

  /** Starts one again that was closed, with its data. */
  public void restart(int id) throws IOException, InterruptedException {
    servers.set(id - 1, launch(id));
    server(id).awaitAccepting(port(id));
  }

  /** Where clients reach a replica. */
  public int port(int id) {
    return ports.get(id - 1);
  }

  public ServerProcess server(int id) {
    return servers.get(id - 1);
  }

  /** As they are now. */
  public List<ServerProcess> servers() {
    return List.copyOf(servers);
  }

  @Override
  public void close() {
    servers.forEach(ServerProcess::close);
  }
}
