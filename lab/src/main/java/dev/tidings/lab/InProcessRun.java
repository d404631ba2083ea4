package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.TickSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.locks.LockSupport;
import me.tongfei.progressbar.ProgressBar;

/**
 * All hosts of an experiment in real time, on one thread: ticks one after the other as due.
 * Messages go by when ticks are due, not by when the thread came to them; so the same seed gives
 * the same events as a simulated run, only at real times.
 */
final class InProcessRun {
  private static final long LOOK_NANOS = 100_000_000;

  private final Experiment experiment;
  private final DriftSetup setup;
  private final Path directory;
  private final double timeScale;

  InProcessRun(Experiment experiment, Path directory) {
    this.experiment = experiment;
    this.setup = experiment.setup();
    this.directory = directory;
    this.timeScale = experiment.scale();
  }

  private record Tick(long dueNanos, int host, long number) {}

  /** Runs to the end, and shows how far it is. */
  void run() throws IOException, InterruptedException {
    try (ProgressBar bar = Bars.seconds("run", experiment.runDuration().toMillis())) {
      run(bar);
    }
  }

  /**
   * Runs to the end.
   *
   * @throws LabException if a program that is a host cannot go on
   */
  void run(ProgressBar bar) throws IOException, InterruptedException {
    var hosts = new ArrayList<TickedHost>();
    var logs = new ArrayList<EventLog>();
    try {
      for (int id = 1; id <= setup.hosts(); id++) {
        logs.add(EventLog.create(directory.resolve("host-" + id + ".jsonl"), experiment.hosts()));
        String command = experiment.hostCommand(id);
        hosts.add(
            command == null ? TickedHost.of(setup.newHost(id)) : ProgramHost.start(command, id));
      }
      // All programs start side by side, and the clock when the last of them is ready.
      begin(hosts, setup, experiment.seed());
      run(hosts, logs, bar);
    } finally {
      hosts.forEach(TickedHost::close);
      for (EventLog log : logs) {
        log.close();
      }
    }
  }

  private static void begin(List<TickedHost> hosts, DriftSetup setup, long seed)
      throws IOException, InterruptedException {
    for (int id = 1; id <= hosts.size(); id++) {
      if (hosts.get(id - 1) instanceof ProgramHost program) {
        program.begin(
            Arrays.stream(setup.othersOf(id)).boxed().toList(), setup.probInternal(id), seed);
      }
    }
  }

  private void run(List<TickedHost> hosts, List<EventLog> logs, ProgressBar bar)
      throws IOException, InterruptedException {
    var schedules = new ArrayList<TickSchedule>();
    var ticks =
        new PriorityQueue<>(Comparator.comparingLong(Tick::dueNanos).thenComparingInt(Tick::host));
    for (int id = 1; id <= setup.hosts(); id++) {
      schedules.add(setup.schedule(id));
      ticks.add(new Tick(setup.schedule(id).dueNanos(0), id, 0));
    }
    var arrivals = new Arrivals(setup.seed(), setup.link());
    long end = experiment.runDuration().toNanos();
    long startMicros = ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
    long start = System.nanoTime();
    for (Tick tick = ticks.remove(); tick.dueNanos() < end; tick = ticks.remove()) {
      long due = tick.dueNanos();
      long now = awaitUntil(due, start, bar);
      arrivals.deliverBefore(due, (to, message) -> hosts.get(to - 1).deliver(message));
      TickedHost host = hosts.get(tick.host() - 1);
      for (TickedHost.Ticked ticked : host.tick(startMicros + now / 1_000)) {
        DriftEvent event = ticked.event();
        logs.get(tick.host() - 1).write(event, ticked.tick());
        DriftMessage message = event.message();
        if (event.type() == DriftEvent.Type.SEND && message != null) {
          event.to().forEach(to -> arrivals.send(message, to, due));
        }
      }
      long next = tick.number() + 1;
      ticks.add(new Tick(schedules.get(tick.host() - 1).dueNanos(next), tick.host(), next));
    }
    awaitUntil(end, start, bar);
  }

  /** Returns how much of the run has passed then, in nanoseconds. */
  private long awaitUntil(long dueNanos, long start, ProgressBar bar) throws InterruptedException {
    while (true) {
      long now = (long) ((System.nanoTime() - start) * timeScale);
      long wait = (long) ((dueNanos - now) / timeScale);
      if (wait <= 0) {
        return now;
      }
      bar.stepTo(now / 1_000_000);
      LockSupport.parkNanos(Math.min(wait, LOOK_NANOS));
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }
}
