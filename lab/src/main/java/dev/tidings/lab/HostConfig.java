package dev.tidings.lab;

import dev.tidings.drift.TickSchedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;

/**
 * One host of a run over the router.
 *
 * @param id 1 or more
 * @param router HOST:PORT
 * @param hosts how many the run waits for; 0 for the router's own number
 * @param probInternal how likely a tick without a message is an internal event, 0 to 1
 * @param runTime how long the host ticks
 * @param seed of the whole experiment
 * @param log where events are written; nowhere if empty
 * @param connectTimeout how long the host waits for the router to come up
 */
record HostConfig(
    int id,
    String router,
    TickSchedule schedule,
    String experiment,
    int hosts,
    double probInternal,
    Duration runTime,
    long seed,
    Optional<Path> log,
    Duration connectTimeout) {
  HostConfig {
    Checks.hostId(id);
    Checks.address(router);
    Checks.probability(probInternal);
    Checks.runTime(runTime);
  }
}
