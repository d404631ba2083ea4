package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.TickSchedule;
import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.router.RouteService;
import dev.tidings.router.RouterServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** A thousand real hosts, each with a connection of its own, over one router. */
class ThousandHostsIT {
  private static final int HOSTS = 1_000;
  private static final int SECONDS = 10;
  private static final long SEED = 11;

  @TempDir private Path directory = Path.of("set by JUnit");

  @Test
  void nothing_is_lost_among_a_thousand_hosts() throws Exception {
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var router =
        new RouterServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            null,
            new RouteService(HOSTS, 10_000));
    router.start();
    double[] rates = ClockSpeeds.DEFAULT.rates(HOSTS, new ExperimentSeed(SEED));
    ExecutorService threads = Executors.newFixedThreadPool(HOSTS);
    var delivered = new ArrayList<Long>();
    try {
      var running = new ArrayList<Future<Long>>();
      for (int id = 1; id <= HOSTS; id++) {
        HostConfig config = config(id, rates[id - 1], "127.0.0.1:" + port);
        running.add(threads.submit(() -> new HostRunner(config).run()));
      }
      for (Future<Long> host : running) {
        delivered.add(host.get());
      }
    } finally {
      threads.shutdownNow();
      router.stop();
    }
    Run run = Run.read(directory);
    // Hosts whose threads begin late on a busy machine end when the others do, or are behind then.
    assertEquals(
        List.of("there is no args.json"),
        withoutReasons(run.notes()).stream().filter(note -> !note.contains(" ends at ")).toList());
    RunAnalysis analysis = RunAnalysis.of(run);
    assertEquals(List.of(), analysis.violations());
    long all = 0;
    for (int i = 0; i < HOSTS; i++) {
      HostFigures host = analysis.hosts().get(i);
      assertEquals(Math.round(rates[i] * SECONDS), host.events(), "host " + host.id());
      assertEquals(host.receives() + (long) host.unread(), delivered.get(i), "host " + host.id());
      all += delivered.get(i);
    }
    assertTrue(all > 5L * HOSTS, "only " + all + " messages were sent");
  }

  private static List<String> withoutReasons(List<String> notes) {
    return notes.stream().map(note -> note.replaceAll(":.*", "")).toList();
  }

  private HostConfig config(int id, double rate, String router) {
    return new HostConfig(
        id,
        router,
        new TickSchedule(id, rate, 0, 0, new ExperimentSeed(SEED)),
        "thousand",
        HOSTS,
        0.7,
        Duration.ofSeconds(SECONDS),
        SEED,
        LinkModel.PERFECT,
        OptionalInt.empty(),
        1,
        Optional.empty(),
        Optional.of(directory.resolve("host-" + id + ".jsonl")),
        Duration.ofSeconds(120));
  }
}
