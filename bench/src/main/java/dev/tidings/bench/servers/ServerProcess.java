package dev.tidings.bench.servers;

import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.Socket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;

/** A server, known by its process id. Any thread. */
public final class ServerProcess implements AutoCloseable {
  private static final Duration READY_WITHIN = Duration.ofSeconds(60);
  private static final Duration STOPPED_WITHIN = Duration.ofSeconds(8);
  private static final int LOOK_MILLIS = 10;
  private static final int CONNECT_MILLIS = 1_000;

  private final String name;
  private final Path data;
  private final Path log;
  private final Process process;

  private ServerProcess(String name, Path data, Path log, Process process) {
    this.name = name;
    this.data = data;
    this.log = log;
    this.process = process;
  }

  static ServerProcess start(String name, Path data, List<String> command) throws IOException {
    Path log = data.resolveSibling(data.getFileName() + ".log");
    var builder =
        new ProcessBuilder(command)
            .directory(data.toFile())
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.appendTo(log.toFile()));
    return new ServerProcess(name, data, log, builder.start());
  }

  void awaitAccepting(int port) throws IOException, InterruptedException {
    long end = System.nanoTime() + READY_WITHIN.toNanos();
    while (!isAccepting(port)) {
      if (process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
        throw new IOException(
            "%s ended with exit code %d: %s".formatted(name, process.exitValue(), lastWords()));
      }
      if (System.nanoTime() > end) {
        close();
        throw new IOException(
            "%s was not ready within %d s".formatted(name, READY_WITHIN.toSeconds()));
      }
    }
  }

  private static boolean isAccepting(int port) {
    try (var socket = new Socket()) {
      socket.connect(new InetSocketAddress(InetAddress.getLoopbackAddress(), port), CONNECT_MILLIS);
      return true;
    } catch (IOException e) {
      return false;
    }
  }

  private String lastWords() throws IOException {
    List<String> lines = Files.readAllLines(log);
    return String.join(" / ", lines.subList(Math.max(0, lines.size() - 3), lines.size()));
  }

  public String name() {
    return name;
  }

  /** Processor time of all its threads, user and system, since its start; resolution 10 ms. */
  public Duration processorTime() {
    return process.toHandle().info().totalCpuDuration().orElse(Duration.ZERO);
  }

  /** How much memory it has now; 0 where there is nobody to ask. */
  public long memoryBytes() {
    return ProcessMemory.residentBytes(process.pid());
  }

  /** How much disk its data take. */
  public long diskBytes() throws IOException {
    try (Stream<Path> files = Files.walk(data)) {
      return files.filter(Files::isRegularFile).mapToLong(ServerProcess::size).sum();
    }
  }

  private static long size(Path file) {
    try {
      return Files.size(file);
    } catch (IOException e) {
      // Replaced meanwhile.
      return 0;
    }
  }

  /** Stops it where it stands, as it were a machine that hangs. */
  public void freeze() throws IOException, InterruptedException {
    signal("-STOP");
  }

  public void thaw() throws IOException, InterruptedException {
    signal("-CONT");
  }

  private void signal(String signal) throws IOException, InterruptedException {
    new ProcessBuilder("kill", signal, Long.toString(process.pid())).start().waitFor();
  }

  /** Asks it to stop, and does not wait. */
  void ask() {
    process.destroy();
  }

  /** Politely, then not; harmless when repeated. */
  @Override
  public void close() {
    if (!process.isAlive()) {
      return;
    }
    try {
      thaw();
      process.destroy();
      if (!process.waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS)) {
        process.destroyForcibly().waitFor(STOPPED_WITHIN.toSeconds(), TimeUnit.SECONDS);
      }
    } catch (InterruptedException e) {
      process.destroyForcibly();
      Thread.currentThread().interrupt();
    } catch (IOException e) {
      process.destroyForcibly();
    }
  }
}
