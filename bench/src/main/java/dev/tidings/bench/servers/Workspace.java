package dev.tidings.bench.servers;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.FileStore;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.List;
import java.util.stream.Stream;

/**
 * A directory for all data of a run, and the servers that use it. Both end with this object, and
 * with the bench if that is interrupted.
 */
public final class Workspace implements AutoCloseable {
  private final Path home;
  private final Path directory;
  private final Deque<ServerProcess> servers = new ArrayDeque<>();
  private final Thread hook = new Thread(this::end, "bench-end");
  private int started;
  private boolean isOver;

  /**
   * @param home where {@code bin} is
   * @param root where the directory is made
   */
  public Workspace(Path home, Path root) throws IOException {
    this.home = home;
    Files.createDirectories(root);
    this.directory = Files.createTempDirectory(root, "tidings-bench-");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  /** Whether data are kept in memory here, and a sync costs nothing. */
  public boolean isInMemory() throws IOException {
    return fileSystem().equals("tmpfs");
  }

  public String fileSystem() throws IOException {
    FileStore store = Files.getFileStore(directory);
    return store.type();
  }

  public Path home() {
    return home;
  }

  /** A new directory of its own. */
  public synchronized Path newDirectory(String name) throws IOException {
    return Files.createDirectory(directory.resolve(name + "-" + ++started));
  }

  /**
   * Starts a server; its output goes to a file beside its data.
   *
   * @param port where it accepts connections once it is ready
   * @throws IOException if it does not come to that
   */
  public ServerProcess start(String name, Path data, int port, List<String> command)
      throws IOException, InterruptedException {
    ServerProcess server = launch(name, data, command);
    server.awaitAccepting(port);
    return server;
  }

  /** The same, without waiting until it is ready. */
  synchronized ServerProcess launch(String name, Path data, List<String> command)
      throws IOException {
    if (isOver) {
      throw new IOException("the bench has been told to end");
    }
    ServerProcess server = ServerProcess.start(name, data, command);
    servers.push(server);
    return server;
  }

  /** Free ports of the loopback, all at once, so that they differ. */
  public static List<Integer> freePorts(int count) throws IOException {
    var sockets = new ArrayList<ServerSocket>();
    try {
      for (int i = 0; i < count; i++) {
        sockets.add(new ServerSocket(0, 1, InetAddress.getLoopbackAddress()));
      }
      return sockets.stream().map(ServerSocket::getLocalPort).toList();
    } finally {
      for (ServerSocket socket : sockets) {
        socket.close();
      }
    }
  }

  /** Deletes a directory and all that is in it. */
  public static void delete(Path directory) {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    } catch (IOException | UncheckedIOException e) {
      System.err.println("cannot delete " + directory + ": " + e.getMessage());
    }
  }

  @Override
  public void close() {
    end();
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException e) {
      // The hook is running: the bench has been told to end.
    }
  }

  /** Harmless when repeated. */
  private synchronized void end() {
    isOver = true;
    servers.forEach(ServerProcess::ask);
    servers.forEach(ServerProcess::close);
    servers.clear();
    delete(directory);
  }
}
