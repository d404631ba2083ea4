package dev.tidings.lab;

import dev.tidings.drift.LinkModel;
import dev.tidings.drift.TickSchedule;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.OptionalInt;

/**
 * One host of a run over the router.
 *
 * @param id 1 or more
 * @param router HOST:PORT
 * @param hosts how many the run waits for; 0 for the router's own number
 * @param probInternal how likely a tick without a message is an internal event, 0 to 1
 * @param runTime how long the host ticks
 * @param seed of the whole experiment
 * @param link what happens to messages on their way here
 * @param others how many others the host knows; all if empty
 * @param timeScale how many seconds of the run pass in a second of real time
 * @param command the program that is ticked in place of our host; ours if empty
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
    LinkModel link,
    OptionalInt others,
    double timeScale,
    Optional<String> command,
    Optional<Path> log,
    Duration connectTimeout) {
  HostConfig {
    Checks.hostId(id);
    Checks.address(router);
    Checks.probability(probInternal);
    Checks.runTime(runTime);
  }
}
