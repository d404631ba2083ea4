package dev.tidings.process;

import dev.tidings.client.Bytes;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;

/** One replica as a user runs it, started and ended by a test. */
final class ReplicaProcess {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final int id;
  private final List<Integer> peerPorts;
  private final int clientPort;
  private final Path directory;
  private final List<String> options;
  private Process process;

  private ReplicaProcess(
      int id, int clientPort, List<Integer> peerPorts, Path directory, List<String> options)
      throws IOException {
    this.id = id;
    this.clientPort = clientPort;
    this.peerPorts = peerPorts;
    this.directory = directory;
    this.options = options;
    this.process = launch();
  }

  /**
   * A cluster of so many, all starting.
   *
   * @param options of {@code bin/replica}, for all alike
   */
  static List<ReplicaProcess> cluster(int size, Path directory, List<String> options)
      throws IOException {
    List<Integer> ports = freePorts(2 * size);
    List<Integer> peerPorts = ports.subList(size, 2 * size);
    var all = new ArrayList<ReplicaProcess>();
    for (int id = 1; id <= size; id++) {
      all.add(new ReplicaProcess(id, ports.get(id - 1), peerPorts, directory, options));
    }
    return all;
  }

  private static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    var ports = new ArrayList<Integer>();
    for (int i = 0; i < count; i++) {
      var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      sockets.add(socket);
      ports.add(socket.getLocalPort());
    }
    for (ServerSocket socket : sockets) {
      socket.close();
    }
    return ports;
  }

  private Process launch() throws IOException {
    String peers =
        IntStream.rangeClosed(1, peerPorts.size())
            .filter(peer -> peer != id)
            .mapToObj(peer -> peer + "=127.0.0.1:" + peerPorts.get(peer - 1))
            .collect(Collectors.joining(","));
    var command =
        new ArrayList<String>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                "-jar",
                Path.of("..", "replica", "target", "replica.jar").toString(),
                "--id=" + id,
                "--cluster=it",
                "--listen=" + address(),
                "--peer-listen=127.0.0.1:" + peerPorts.get(id - 1),
                "--peers=" + peers,
                "--data=" + directory.resolve("replica-" + id)));
    command.addAll(options);
    return new ProcessBuilder(command)
        .redirectErrorStream(true)
        .redirectOutput(ProcessBuilder.Redirect.appendTo(log().toFile()))
        .start();
  }

  private Path log() {
    return directory.resolve("replica-" + id + ".log");
  }

  String address() {
    return "127.0.0.1:" + clientPort;
  }

  int clientPort() {
    return clientPort;
  }

  /** How much memory the process has in use, in bytes, as Linux tells. */
  long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(process.pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Waits until it answers. */
  void awaitReady() throws IOException {
    try (Tidings tidings = Tidings.connect(address(), PATIENCE)) {
      tidings.session().get(Bytes.of("ready?"));
    } catch (TidingsException e) {
      throw new AssertionError("replica " + id + ": " + Files.readString(log()), e);
    }
  }

  /** SIGKILL, and back again on the same data. */
  void killAndRestart() throws IOException, InterruptedException {
    process.destroyForcibly().waitFor();
    process = launch();
  }

  /** SIGTERM; returns the exit code. */
  int stop() throws InterruptedException, IOException {
    process.destroy();
    if (!process.waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("replica " + id + " does not stop: " + Files.readString(log()));
    }
    return process.exitValue();
  }

  /** Whatever happened, it is gone. */
  void destroy() {
    process.destroyForcibly();
  }
}
