package dev.tidings.lab;

import dev.tidings.lab.study.Point;
import dev.tidings.lab.study.StudyReport;
import dev.tidings.lab.study.Sweep;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Runs for tests to look at. */
public final class SampleRuns {
  private SampleRuns() {}

  /** Three hosts at 6, 5 and 1 ticks a second for a minute, with the name in {@code args.json}. */
  public static Path simulate(Path parent, String name) throws IOException, InterruptedException {
    return simulate(parent, name, "6 5 1");
  }

  /** A minute of hosts at these speeds, with the name in {@code args.json}. */
  public static Path simulate(Path parent, String name, String speeds)
      throws IOException, InterruptedException {
    Path directory = Files.createDirectory(parent.resolve("run"));
    Experiment experiment = experiment(speeds, "60", 7);
    SimulatedRun.run(experiment, directory, experiment.hosts(), EventLog.Clocks.FULL, 1);
    Files.writeString(
        directory.resolve(RunDirectory.ARGS),
        """
        {"exp_name": "%s", "mode": "simulated", "hosts": %d, "prob_internal": 0.7,
         "clock_speeds": %s, "seed": 7, "others": %d, "loss": 0.0}
        """
            .formatted(name, experiment.hosts(), experiment.clockSpeeds(), experiment.others()));
    return directory;
  }

  /** What three runs each of two probabilities and two numbers of hosts came to. */
  public static StudyReport study(Path parent) throws IOException, InterruptedException {
    var points = new ArrayList<Point>();
    for (double probability : List.of(0.7, 0.1)) {
      for (int hosts : List.of(3, 6)) {
        points.add(new Point("", "uniform 1-6", probability, hosts, 20));
      }
    }
    var sweep =
        new Sweep(
            points,
            3,
            parent.resolve("outcomes"),
            (point, seed) -> Studies.experiment("sample", point, seed, Studies.Way.VIRTUAL).setup(),
            Optional.empty());
    return new StudyReport(points, sweep.run(1, done -> {}));
  }

  /**
   * 20 s of three hosts at 6, 5 and 2 ticks a second, ten times as fast, on one thread.
   *
   * @param hostCommand the program in place of our hosts; null for ours
   */
  static Experiment inProcess(@Nullable String hostCommand, Map<Integer, HostOverride> overrides) {
    return new Experiment(
        "sample",
        Mode.IN_PROCESS,
        BigDecimal.valueOf(20),
        0.5,
        ClockSpeeds.parse("6 5 2"),
        3,
        7,
        "0",
        0,
        2,
        0,
        BigDecimal.TEN,
        hostCommand,
        overrides);
  }

  static Experiment experiment(String speeds, String seconds, long seed) {
    ClockSpeeds list = ClockSpeeds.parse(speeds);
    int hosts = list.list().size();
    return new Experiment(
        "sample",
        Mode.SIMULATED,
        new BigDecimal(seconds),
        0.7,
        list,
        hosts,
        seed,
        "0",
        0,
        hosts - 1,
        0,
        null,
        null,
        Map.of());
  }
}
