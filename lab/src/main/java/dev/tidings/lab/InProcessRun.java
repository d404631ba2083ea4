package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.TickSchedule;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import me.tongfei.progressbar.ProgressBar;

/**
 * All hosts of an experiment in real time, on one thread: ticks one after the other as due.
 * Messages go by when ticks are due, not by when the thread came to them; so the same seed gives
 * the same events as a simulated run, only at real times.
 */
final class InProcessRun {
  private final Experiment experiment;
  private final DriftSetup setup;
  private final Path directory;
  private final RunClock.Machine machine;

  InProcessRun(Experiment experiment, Path directory) {
    this(experiment, directory, RunClock.Machine.REAL);
  }

  InProcessRun(Experiment experiment, Path directory, RunClock.Machine machine) {
    this.experiment = experiment;
    this.setup = experiment.setup();
    this.directory = directory;
    this.machine = machine;
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
    RunClock.Look progress = now -> bar.stepTo(now / 1_000_000);
    var clock = new RunClock(experiment.scale(), machine);
    for (Tick tick = ticks.remove(); tick.dueNanos() < end; tick = ticks.remove()) {
      long due = tick.dueNanos();
      long now = clock.awaitUntil(due, progress);
      arrivals.deliverBefore(due, (to, message) -> hosts.get(to - 1).deliver(message));
      TickedHost host = hosts.get(tick.host() - 1);
      for (TickedHost.Ticked ticked : host.tick(clock.micros(now))) {
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
    clock.awaitUntil(end, progress);
  }
}
