package dev.tidings.torture;

import dev.tidings.process.ReplicaProcess;
import dev.tidings.torture.Link.Mood;
import java.io.IOException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * Replica processes whose peers reach each other through {@link Link}s only, and everything that
 * can be done to them. Used by one thread at a time.
 */
final class TorturedCluster implements AutoCloseable {
  private static final int SMALL_DISK_MIB = 256;

  /**
   * Ports below those that systems hand out by themselves: a port of a replica that is down is not
   * taken by somebody's connection, nor by a connection to itself.
   */
  private static final int LOWEST_PORT = 12_000;

  private static final int HIGHEST_PORT = 32_000;

  private final Path smallDisk;
  private final boolean hasSmallDisk;
  private final Guard guard;
  private final Map<Integer, ReplicaProcess> replicas = new TreeMap<>();
  private final Map<String, Link> links = new TreeMap<>();
  private final Set<Integer> down = new TreeSet<>();
  private final Set<Integer> paused = new TreeSet<>();

  /**
   * Starts all of them.
   *
   * @param directory where everything is put
   * @param onSmallDisk the replica that gets a small disk of its own, if this process may mount one
   * @param options of {@code bin/replica}, for all alike
   */
  TorturedCluster(Path directory, int size, int onSmallDisk, List<String> options)
      throws IOException, InterruptedException {
    this.smallDisk = Files.createDirectory(directory.resolve("small-disk"));
    this.guard = new Guard(directory, smallDisk);
    this.hasSmallDisk =
        isDone(
            "mount",
            "-t",
            "tmpfs",
            "-o",
            "size=" + SMALL_DISK_MIB + "m",
            "tmpfs",
            smallDisk.toString());
    try {
      List<Integer> ports = freePorts(2 * size);
      for (int id = 1; id <= size; id++) {
        for (int peer = 1; peer <= size; peer++) {
          if (peer != id) {
            links.put(name(id, peer), new Link(name(id, peer), ports.get(size + peer - 1)));
          }
        }
      }
      for (int id = 1; id <= size; id++) {
        Path home = id == onSmallDisk && hasSmallDisk ? smallDisk : directory;
        var place =
            new ReplicaProcess.Place(
                id,
                ports.get(id - 1),
                ports.get(size + id - 1),
                peers(id, size),
                home.resolve("replica-" + id),
                directory.resolve("replica-" + id + ".log"));
        replicas.put(id, new ReplicaProcess(place, options));
        start(id);
      }
    } catch (IOException | RuntimeException e) {
      close();
      throw e;
    }
  }

  private String peers(int id, int size) {
    return IntStream.rangeClosed(1, size)
        .filter(peer -> peer != id)
        .mapToObj(peer -> "%d=127.0.0.1:%d".formatted(peer, link(id, peer).port()))
        .collect(Collectors.joining(","));
  }

  private static List<Integer> freePorts(int count) throws IOException {
    // Chosen at random: another run, at the same time, does not look at the same ones.
    int[] candidates =
        new Random().ints(LOWEST_PORT, HIGHEST_PORT).distinct().limit(1_000).toArray();
    var ports = new ArrayList<Integer>();
    for (int candidate : candidates) {
      if (ports.size() < count && isFree(candidate)) {
        ports.add(candidate);
      }
    }
    if (ports.size() < count) {
      throw new IOException("there are no %d free ports".formatted(count));
    }
    return ports;
  }

  private static boolean isFree(int port) {
    try (var socket = new ServerSocket(port, 1, InetAddress.getLoopbackAddress())) {
      return socket.isBound();
    } catch (IOException e) {
      return false;
    }
  }

  private static boolean isDone(String... command) throws IOException, InterruptedException {
    try {
      return new ProcessBuilder(command)
              .redirectErrorStream(true)
              .redirectOutput(ProcessBuilder.Redirect.DISCARD)
              .start()
              .waitFor()
          == 0;
    } catch (IOException e) {
      // There is no such program.
      return false;
    }
  }

  private static String name(int from, int to) {
    return from + ">" + to;
  }

  private Link link(int from, int to) {
    Link link = links.get(name(from, to));
    if (link == null) {
      throw new IllegalArgumentException("there is no link " + name(from, to));
    }
    return link;
  }

  private ReplicaProcess replica(int id) {
    ReplicaProcess replica = replicas.get(id);
    if (replica == null) {
      throw new IllegalArgumentException("there is no replica " + id);
    }
    return replica;
  }

  int size() {
    return replicas.size();
  }

  /** Where clients reach the replicas, in the order of their ids. */
  List<String> addresses() {
    return replicas.values().stream().map(ReplicaProcess::address).toList();
  }

  /** What the replicas have printed, in the order of their ids. */
  List<Path> logs() {
    return replicas.values().stream().map(ReplicaProcess::log).toList();
  }

  boolean hasSmallDisk() {
    return hasSmallDisk;
  }

  void awaitReady() throws IOException {
    for (ReplicaProcess replica : replicas.values()) {
      replica.awaitReady();
    }
  }

  void start(int id) throws IOException {
    replica(id).start();
    guard.started(id, replica(id).pid());
    down.remove(id);
  }

  /** SIGKILL. */
  void kill(int id) throws IOException, InterruptedException {
    replica(id).kill();
    isEnded(id);
  }

  /** SIGTERM; returns the exit code. */
  int stop(int id) throws IOException, InterruptedException {
    int code = replica(id).stop();
    isEnded(id);
    return code;
  }

  private void isEnded(int id) throws IOException {
    down.add(id);
    paused.remove(id);
    guard.ended(id);
  }

  /** Whether a replica that nobody has ended has ended. */
  boolean hasEndedByItself(int id) {
    return !down.contains(id) && !replica(id).isAlive();
  }

  /** Of a replica that has ended. */
  int exitCode(int id) {
    return replica(id).exitCode();
  }

  void pause(int id) throws IOException, InterruptedException {
    replica(id).pause();
    paused.add(id);
  }

  void resume(int id) throws IOException, InterruptedException {
    paused.remove(id);
    replica(id).resume();
  }

  /** Deletes the data of a replica that does not run. */
  void wipe(int id) throws IOException {
    delete(replica(id).data());
  }

  void set(int from, int to, Mood mood) {
    link(from, to).set(mood);
  }

  private Path filler() {
    return smallDisk.resolve("filler");
  }

  /** Leaves no byte on the small disk. */
  void fillDisk() throws IOException {
    try (OutputStream out = Files.newOutputStream(filler())) {
      for (int size = 1 << 20; size > 0; size /= 2) {
        fill(out, new byte[size]);
      }
    }
  }

  private static void fill(OutputStream out, byte[] zeros) {
    try {
      while (true) {
        out.write(zeros);
      }
    } catch (IOException e) {
      // It is full, but for less than that.
    }
  }

  void emptyDisk() throws IOException {
    Files.deleteIfExists(filler());
  }

  /** Ends every fault: all links are open, there is space, and all replicas run. */
  void heal() throws IOException, InterruptedException {
    links.values().forEach(link -> link.set(Mood.OPEN));
    emptyDisk();
    for (int id : List.copyOf(paused)) {
      resume(id);
    }
    for (int id : List.copyOf(down)) {
      start(id);
    }
  }

  /** Ends all processes. Logs stay, and data but those on the small disk. */
  @Override
  public void close() throws IOException {
    replicas.values().forEach(ReplicaProcess::destroy);
    try {
      for (ReplicaProcess replica : replicas.values()) {
        if (replica.isAlive()) {
          replica.kill();
        }
      }
      if (hasSmallDisk && !isDone("umount", smallDisk.toString())) {
        throw new IOException(smallDisk + " cannot be unmounted");
      }
    } catch (InterruptedException e) {
      // The guard does it when this process ends, which it is about to.
      Thread.currentThread().interrupt();
      return;
    }
    for (Link link : links.values()) {
      link.close();
    }
    guard.close();
  }

  /** A directory with all that is in it; harmless where there is none. */
  static void delete(Path directory) throws IOException {
    if (!Files.exists(directory)) {
      return;
    }
    try (Stream<Path> paths = Files.walk(directory)) {
      for (Path path : paths.sorted(Comparator.reverseOrder()).toList()) {
        Files.deleteIfExists(path);
      }
    }
  }
}
