package dev.tidings.lab;

import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.TickSchedule;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;

/**
 * A short run of two hosts in this process over the real router, before the host joins its own run.
 * What a new process does for the first time takes long: at a time scale of 20 a host would be some
 * seconds of its run behind, and the router with it.
 */
final class Rehearsal {
  private static final double TICKS_PER_SECOND = 200;
  private static final Duration RUN_TIME = Duration.ofMillis(500);

  private Rehearsal() {}

  /**
   * @throws LabException if the router cannot be reached or is lost, or if no log can be written
   */
  static void of(HostConfig config) throws InterruptedException {
    String experiment = "rehearsal-" + UUID.randomUUID();
    try {
      Path logs = Files.createTempDirectory("tidings-rehearsal");
      try {
        var other = new FutureTask<>(() -> new HostRunner(as(2, config, experiment, logs)).run());
        var thread = new Thread(other, "rehearsal");
        thread.start();
        try {
          new HostRunner(as(1, config, experiment, logs)).run();
          other.get();
        } finally {
          // Where one host fails the other would wait for it.
          other.cancel(true);
          thread.join();
        }
      } finally {
        for (int id = 1; id <= 2; id++) {
          Files.deleteIfExists(log(logs, id));
        }
        Files.delete(logs);
      }
    } catch (IOException e) {
      throw new LabException("cannot write the log of a rehearsal: " + e.getMessage(), e);
    } catch (ExecutionException e) {
      throw e.getCause() instanceof LabException problem
          ? problem
          : new LabException("the rehearsal failed: " + e.getCause(), e);
    }
  }

  private static HostConfig as(int id, HostConfig config, String experiment, Path logs) {
    return new HostConfig(
        id,
        config.router(),
        new TickSchedule(id, TICKS_PER_SECOND, 0, 0, new ExperimentSeed(0)),
        experiment,
        2,
        0.2,
        RUN_TIME,
        0,
        LinkModel.PERFECT,
        OptionalInt.empty(),
        1,
        Optional.empty(),
        Optional.of(log(logs, id)),
        config.connectTimeout());
  }

  private static Path log(Path logs, int id) {
    return logs.resolve("host-" + id + ".jsonl");
  }
}
