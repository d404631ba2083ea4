package dev.tidings.bench;

import dev.tidings.client.Bytes;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Consumer;

/**
 * One replica process, closed-loop clients: durable writes and reads a second, as a client process
 * sees them.
 */
final class StoreBench {
  private static final int CLIENTS = 64;
  private static final int WARM_UP_ROUNDS = 4;
  private static final int ROUNDS = 5;
  private static final Duration ROUND = Duration.ofSeconds(3);
  private static final Duration PATIENCE = Duration.ofMinutes(1);
  private static final Bytes VALUE = Bytes.of("x".repeat(100));

  private StoreBench() {}

  static void run() throws IOException, InterruptedException {
    Path data = Files.createTempDirectory("tidings-bench");
    int port = freePort();
    int peerPort = freePort();
    Process replica =
        new ProcessBuilder(
                Path.of(System.getProperty("tidings.home", "."), "bin", "replica").toString(),
                "--id=1",
                "--cluster=bench",
                "--listen=127.0.0.1:" + port,
                "--peer-listen=127.0.0.1:" + peerPort,
                "--data=" + data)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    try (Tidings tidings = Tidings.connect("127.0.0.1:" + port, PATIENCE)) {
      tidings.session().put(Bytes.of("key 0"), VALUE);
      System.out.printf(
          "%d closed-loop sessions, 100-byte values, one replica process, %d rounds of %d s%n",
          CLIENTS, ROUNDS, ROUND.toSeconds());
      measure("durable writes", tidings, session -> session.put(key(), VALUE));
      measure("reads", tidings, session -> session.get(key()));
    } finally {
      replica.destroy();
      replica.waitFor();
      try (var files = Files.walk(data)) {
        for (Path file : files.sorted(Comparator.reverseOrder()).toList()) {
          Files.delete(file);
        }
      }
    }
  }

  private static int freePort() throws IOException {
    try (var socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private static Bytes key() {
    return Bytes.of("key " + ThreadLocalRandom.current().nextInt(10_000));
  }

  private static void measure(String what, Tidings tidings, Consumer<Session> operation)
      throws InterruptedException {
    for (int i = 0; i < WARM_UP_ROUNDS; i++) {
      round(tidings, operation);
    }
    var rates = new double[ROUNDS];
    var latencies = new long[0];
    for (int i = 0; i < ROUNDS; i++) {
      latencies = round(tidings, operation);
      rates[i] = latencies.length / (double) ROUND.toSeconds();
    }
    Arrays.sort(rates);
    System.out.printf(
        "%-15s %,8.0f/s median (%,.0f to %,.0f); last round p50 %.2f ms, p99 %.2f ms%n",
        what,
        rates[ROUNDS / 2],
        rates[0],
        rates[ROUNDS - 1],
        latencies[latencies.length / 2] / 1e6,
        latencies[(int) (latencies.length * 0.99)] / 1e6);
  }

  /** All latencies of a round, ascending, in nanoseconds. */
  private static long[] round(Tidings tidings, Consumer<Session> operation)
      throws InterruptedException {
    var stop = new AtomicBoolean();
    var done = new CountDownLatch(CLIENTS);
    List<List<Long>> all = new ArrayList<>();
    for (int c = 0; c < CLIENTS; c++) {
      var mine = new ArrayList<Long>();
      all.add(mine);
      new Thread(
              () -> {
                Session session = tidings.session();
                while (!stop.get()) {
                  long start = System.nanoTime();
                  operation.accept(session);
                  mine.add(System.nanoTime() - start);
                }
                done.countDown();
              },
              "bench-client-" + c)
          .start();
    }
    done.await(ROUND.toMillis(), TimeUnit.MILLISECONDS);
    stop.set(true);
    done.await();
    return all.stream().flatMap(List::stream).mapToLong(Long::longValue).sorted().toArray();
  }
}
