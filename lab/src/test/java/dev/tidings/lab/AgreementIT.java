package dev.tidings.lab;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.TickSchedule;
import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.analysis.Stats;
import dev.tidings.router.RouteService;
import dev.tidings.router.RouterServer;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * The same speeds and probability over the real router and in virtual time, over different seeds:
 * means agree within four standard errors of their difference and a hundredth, since the network
 * takes some time too.
 */
class AgreementIT {
  private static final String SPEEDS = "6 5 1";
  private static final int SECONDS = 40;
  private static final double TIME_SCALE = 5;
  private static final int REAL_RUNS = 12;
  private static final int SIMULATED_RUNS = 60;

  @TempDir private Path directory = Path.of("set by JUnit");

  @Test
  void real_time_and_virtual_time_agree_in_jumps_clocks_and_queues() throws Exception {
    ExecutorService threads = Executors.newCachedThreadPool();
    List<RunAnalysis> real = new ArrayList<>();
    int port;
    try (var socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    var router =
        new RouterServer(
            new InetSocketAddress(InetAddress.getLoopbackAddress(), port),
            null,
            new RouteService(3, 10_000));
    router.start();
    try {
      var running = new ArrayList<Future<?>>();
      for (int i = 0; i < REAL_RUNS; i++) {
        Path run = Files.createDirectory(directory.resolve("real" + i));
        for (int id = 1; id <= 3; id++) {
          HostConfig config = config(i, id, "127.0.0.1:" + port, run);
          running.add(
              threads.submit(
                  () -> {
                    new HostRunner(config).run();
                    return null;
                  }));
        }
      }
      for (Future<?> host : running) {
        host.get();
      }
    } finally {
      threads.shutdownNow();
      router.stop();
    }
    for (int i = 0; i < REAL_RUNS; i++) {
      real.add(RunAnalysis.of(Run.read(directory.resolve("real" + i))));
    }
    List<RunAnalysis> simulated = new ArrayList<>();
    for (int i = 0; i < SIMULATED_RUNS; i++) {
      Path run = Files.createDirectory(directory.resolve("simulated" + i));
      Experiment experiment = SampleRuns.experiment(SPEEDS, Integer.toString(SECONDS), i);
      SimulatedRun.run(experiment, run, 3, EventLog.Clocks.FULL, 1);
      simulated.add(RunAnalysis.of(Run.read(run)));
    }
    for (int host = 0; host < 3; host++) {
      assertAgree("events", host, HostFigures::events, real, simulated);
      assertAgree("mean jump", host, HostFigures::meanJump, real, simulated);
      assertAgree("final clock", host, HostFigures::finalClock, real, simulated);
      assertAgree("queue growth", host, HostFigures::queueGrowth, real, simulated);
    }
  }

  private static HostConfig config(int run, int id, String router, Path directory) {
    long seed = 1_000L + run;
    double rate = Double.parseDouble(SPEEDS.split(" ", -1)[id - 1]);
    return new HostConfig(
        id,
        router,
        new TickSchedule(id, rate, 0, 0, new ExperimentSeed(seed)),
        "agreement-" + run,
        3,
        0.7,
        Duration.ofSeconds(SECONDS),
        seed,
        LinkModel.PERFECT,
        OptionalInt.empty(),
        TIME_SCALE,
        Optional.empty(),
        Optional.of(directory.resolve("host-" + id + ".jsonl")),
        Duration.ofSeconds(30));
  }

  private static void assertAgree(
      String what,
      int host,
      ToDoubleFunction<HostFigures> figure,
      List<RunAnalysis> real,
      List<RunAnalysis> simulated) {
    double[] a = figures(real, host, figure);
    double[] b = figures(simulated, host, figure);
    double error =
        Math.sqrt(
            Math.pow(Stats.deviation(a), 2) / a.length
                + Math.pow(Stats.deviation(b), 2) / b.length);
    assertEquals(
        Stats.mean(b),
        Stats.mean(a),
        4 * error + 0.01 * Math.abs(Stats.mean(b)) + 0.001,
        what + " of host " + (host + 1));
  }

  private static double[] figures(
      List<RunAnalysis> runs, int host, ToDoubleFunction<HostFigures> figure) {
    return runs.stream().map(run -> run.hosts().get(host)).mapToDouble(figure).toArray();
  }
}
