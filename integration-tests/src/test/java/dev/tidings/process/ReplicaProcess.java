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
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One replica as a user runs it, started and ended by a test. Whoever starts one ends it with
 * {@link #destroy}. Used by one thread at a time, but for {@link #destroy} and what only tells.
 */
public final class ReplicaProcess {
  private static final Duration PATIENCE = Duration.ofMinutes(1);

  private final Place place;
  private final List<String> options;
  private volatile @Nullable Process process;

  /**
   * Where a replica is.
   *
   * @param peers as {@code --peers} takes them
   * @param data its data directory
   * @param log what it prints is added to this file
   */
  public record Place(int id, int clientPort, int peerPort, String peers, Path data, Path log) {}

  /**
   * A replica that does not run yet.
   *
   * @param options of {@code bin/replica}, beside those that say where it is
   */
  public ReplicaProcess(Place place, List<String> options) {
    this.place = place;
    this.options = List.copyOf(options);
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
      int self = id;
      String peers =
          IntStream.rangeClosed(1, size)
              .filter(peer -> peer != self)
              .mapToObj(peer -> peer + "=127.0.0.1:" + peerPorts.get(peer - 1))
              .collect(Collectors.joining(","));
      var place =
          new Place(
              id,
              ports.get(id - 1),
              peerPorts.get(id - 1),
              peers,
              directory.resolve("replica-" + id),
              directory.resolve("replica-" + id + ".log"));
      var replica = new ReplicaProcess(place, options);
      replica.start();
      all.add(replica);
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

  /** Starts it; it answers some time later. */
  public void start() throws IOException {
    var command =
        new ArrayList<String>(
            List.of(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+UseSerialGC",
                // Many that live for a short time, on few cores.
                "-XX:TieredStopAtLevel=1",
                "-jar",
                Path.of("..", "replica", "target", "replica.jar").toString(),
                "--id=" + place.id(),
                "--cluster=it",
                "--listen=" + address(),
                "--peer-listen=127.0.0.1:" + place.peerPort(),
                "--peers=" + place.peers(),
                "--data=" + place.data()));
    command.addAll(options);
    process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(place.log().toFile()))
            .start();
  }

  private Process process() {
    return Objects.requireNonNull(process, "it has never been started");
  }

  public int id() {
    return place.id();
  }

  public String address() {
    return "127.0.0.1:" + clientPort();
  }

  int clientPort() {
    return place.clientPort();
  }

  public Path data() {
    return place.data();
  }

  public Path log() {
    return place.log();
  }

  public long pid() {
    return process().pid();
  }

  public boolean isAlive() {
    @Nullable Process current = process;
    return current != null && current.isAlive();
  }

  /** Of a process that has ended. */
  public int exitCode() {
    return process().exitValue();
  }

  /** How much memory the process has in use, in bytes, as Linux tells. */
  long residentBytes() throws IOException {
    return Files.readAllLines(Path.of("/proc", Long.toString(pid()), "status")).stream()
        .filter(line -> line.startsWith("VmRSS:"))
        .mapToLong(line -> 1024 * Long.parseLong(line.replaceAll("\\D", "")))
        .sum();
  }

  /** Waits until it answers. */
  public void awaitReady() throws IOException {
    try (Tidings tidings = Tidings.connect(address(), PATIENCE)) {
      tidings.session().get(Bytes.of("ready?"));
    } catch (TidingsException e) {
      throw new AssertionError("replica " + id() + ": " + Files.readString(log()), e);
    }
  }

  /** SIGKILL; returns when it is gone. */
  public void kill() throws InterruptedException {
    process().destroyForcibly().waitFor();
  }

  /** SIGKILL, and back again on the same data. */
  void killAndRestart() throws IOException, InterruptedException {
    kill();
    start();
  }

  /** SIGSTOP: it keeps all it has, and does nothing. */
  public void pause() throws IOException, InterruptedException {
    signal("STOP");
  }

  /** SIGCONT. */
  public void resume() throws IOException, InterruptedException {
    signal("CONT");
  }

  private void signal(String name) throws IOException, InterruptedException {
    // A shell has kill, also where no program of that name is installed.
    int code =
        new ProcessBuilder("sh", "-c", "kill -%s %d".formatted(name, pid()))
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start()
            .waitFor();
    if (code != 0) {
      throw new IOException("replica %d cannot be sent SIG%s".formatted(id(), name));
    }
  }

  /** SIGTERM; returns the exit code. */
  public int stop() throws InterruptedException, IOException {
    process().destroy();
    if (!process().waitFor(PATIENCE.toSeconds(), TimeUnit.SECONDS)) {
      throw new AssertionError("replica " + id() + " does not stop: " + Files.readString(log()));
    }
    return process().exitValue();
  }

  /** Whatever happened, it is gone. */
  public void destroy() {
    @Nullable Process current = process;
    if (current != null) {
      current.destroyForcibly();
    }
  }
}
