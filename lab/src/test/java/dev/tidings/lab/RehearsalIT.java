package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

/** Hosts as processes have them, at a time scale above 1, over a real router. */
class RehearsalIT {
  @TempDir private Path directory = Path.of("set by JUnit");

  @Test
  void a_run_after_rehearsals_has_its_own_events_and_no_others() throws Exception {
    int port = freePort();
    var router =
        new RouterServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            null,
            new RouteService(2, 10_000));
    router.start();
    ExecutorService threads = Executors.newCachedThreadPool();
    try {
      var codes = new ArrayList<Future<Integer>>();
      for (int id = 1; id <= 2; id++) {
        String[] arguments = {
          "--router", "127.0.0.1:" + port,
          "--experiment", "fast",
          "--id", Integer.toString(id),
          "--hosts", "2",
          "--ticks-per-second", "4",
          "--run-time", "20",
          "--time-scale", "10",
          "--log", directory.resolve("host-" + id + ".jsonl").toString()
        };
        codes.add(threads.submit(() -> HostCommand.run(arguments)));
      }
      for (Future<Integer> code : codes) {
        assertEquals(0, code.get());
      }
    } finally {
      threads.shutdownNow();
      router.stop();
    }
    RunAnalysis run = RunAnalysis.of(Run.read(directory));
    assertEquals(List.of(), run.violations());
    run.hosts().forEach(host -> assertEquals(80, host.events()));
  }

  @Test
  void without_a_router_it_says_so() throws Exception {
    var config =
        new HostConfig(
            1,
            "127.0.0.1:" + freePort(),
            new dev.tidings.drift.TickSchedule(1),
            "fast",
            2,
            0.7,
            Duration.ofSeconds(1),
            7,
            dev.tidings.drift.LinkModel.PERFECT,
            OptionalInt.empty(),
            20,
            Optional.empty(),
            Optional.empty(),
            Duration.ofSeconds(1));
    LabException problem = assertThrows(LabException.class, () -> Rehearsal.of(config));
    assertTrue(
        String.valueOf(problem.getMessage()).startsWith("cannot reach the router at"),
        problem::toString);
  }

  private static int freePort() throws Exception {
    try (var socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }
}
