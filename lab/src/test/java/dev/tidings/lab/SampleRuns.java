package dev.tidings.lab;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

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

  static Experiment experiment(String speeds, String seconds, long seed) {
    ClockSpeeds list = ClockSpeeds.parse(speeds);
    int hosts = list.list().size();
    return new Experiment(
        "sample",
        Mode.SIMULATED,
        new java.math.BigDecimal(seconds),
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
        java.util.Map.of());
  }
}
