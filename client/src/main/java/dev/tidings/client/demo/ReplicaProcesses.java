package dev.tidings.client.demo;

import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import java.io.IOException;
import java.io.PrintWriter;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.TimeUnit;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Replicas 1 to N as processes of their own, on free ports of the loopback, with fresh data. They
 * and their data end with this object, and with this process if it is told to end.
 */
final class ReplicaProcesses implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(20);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(5);

  private final Path directory;
  private final List<String> addresses;
  private final List<Process> processes = new ArrayList<>();
  private final Thread hook = new Thread(this::endWithProcess, "end-replicas");

  /**
   * Whether this process has been told to end, and so has no more to say about how its replicas do.
   */
  private volatile boolean isOver;

  private ReplicaProcesses(Path directory, List<String> addresses) {
    this.directory = directory;
    this.addresses = addresses;
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /**
   * @param home where {@code bin/replica} is
   * @param delay as replicas take it
   */
  static ReplicaProcesses start(
      Path home, int count, String delay, ReplicaStatus.Consistency consistency)
      throws IOException {
    List<String> ports = freeAddresses(2 * count);
    List<String> peers = ports.subList(count, 2 * count);
    Path directory = Files.createTempDirectory("tidings-demo-");
    var all = new ReplicaProcesses(directory, List.copyOf(ports.subList(0, count)));
    try {
      for (int id = 1; id <= count; id++) {
        int self = id;
        String others =
            IntStream.rangeClosed(1, count)
                .filter(other -> other != self)
                .mapToObj(other -> other + "=" + peers.get(other - 1))
                .collect(Collectors.joining(","));
        all.processes.add(
            new ProcessBuilder(
                    home.resolve("bin/replica").toString(),
                    "--id=" + id,
                    "--cluster=" + directory.getFileName(),
                    "--listen=" + ports.get(id - 1),
                    "--peer-listen=" + peers.get(id - 1),
                    "--peers=" + others,
                    "--data=" + directory.resolve("replica-" + id),
                    "--delay=" + delay,
                    "--consistency=" + consistency.name().toLowerCase(Locale.ROOT))
                .redirectErrorStream(true)
                .redirectOutput(all.log(id).toFile())
                .start());
      }
      return all;
    } catch (IOException e) {
      all.close();
      throw e;
    }
  }

  /** HOST:PORT where clients reach a replica. */
  String address(int id) {
    return addresses.get(id - 1);
  }

  /**
   * Returns when every replica answers and has reached every other one.
   *
   * @throws DemoFailure if one ends before that, or time is up
   */
  void awaitReady() throws InterruptedException {
    long end = System.nanoTime() + READY_WITHIN.toNanos();
    try (Tidings tidings = Tidings.connect(address(1), Duration.ofSeconds(1))) {
      for (int id = 1; id <= processes.size(); id++) {
        while (!isReady(tidings, id)) {
          Process process = processes.get(id - 1);
          if (!process.isAlive()) {
            throw new DemoFailure(
                "replica %d ended with exit code %d".formatted(id, process.exitValue()));
          }
          if (System.nanoTime() > end) {
            throw new DemoFailure(
                "replica %d was not ready within %d s".formatted(id, READY_WITHIN.toSeconds()));
          }
          TimeUnit.MILLISECONDS.sleep(50);
        }
      }
    }
  }

  private boolean isReady(Tidings tidings, int id) {
    try {
      return tidings.admin(address(id)).status().peers().stream()
          .allMatch(ReplicaStatus.Peer::connected);
    } catch (TidingsException e) {
      return false;
    }
  }

  /** What the replicas have logged, each line with its replica before it. */
  void printLogs(PrintWriter out) {
    for (int id = 1; id <= processes.size(); id++) {
      // Not line by line from disk: a log may hold a line that is not UTF-8 or not complete.
      try {
        String log = new String(Files.readAllBytes(log(id)), StandardCharsets.UTF_8);
        int self = id;
        log.lines().forEach(line -> out.println("replica " + self + " | " + line));
      } catch (IOException e) {
        out.println("replica " + id + " | (its log cannot be read)");
      }
    }
  }

  private Path log(int id) {
    return directory.resolve("replica-" + id + ".log");
  }

  boolean isOver() {
    return isOver;
  }

  private void endWithProcess() {
    isOver = true;
    end();
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is running: this process has been told to end.
    }
  }

  /** Politely, then not; harmless when repeated. */
  private synchronized void end() {
    processes.forEach(Process::destroy);
    long end = System.nanoTime() + STOPPED_WITHIN.toNanos();
    for (Process process : processes) {
      try {
        if (!process.waitFor(end - System.nanoTime(), TimeUnit.NANOSECONDS)) {
          process.descendants().forEach(ProcessHandle::destroyForcibly);
          process.destroyForcibly().waitFor(1, TimeUnit.SECONDS);
        }
      } catch (InterruptedException e) {
        process.destroyForcibly();
        Thread.currentThread().interrupt();
      }
    }
    delete(directory);
  }

  private static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      // It is in the system's directory for what may be deleted.
    }
  }

  /** All at once, so that they differ. Another process may take one before its replica does. */
  private static List<String> freeAddresses(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(socket -> "127.0.0.1:" + socket.getLocalPort()).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }
}
