package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftHost;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.FanOut;
import java.io.IOException;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Ticks one host in real time, from the common start to the end of its run, and logs each event as
 * it happens.
 */
final class HostRunner {
  private final HostConfig config;

  HostRunner(HostConfig config) {
    this.config = config;
  }

  /**
   * Runs the host, and returns when the run is over everywhere.
   *
   * @return how many messages were delivered to it, read or not
   * @throws LabException if the router cannot be reached, turns the host away, or is lost; or if
   *     the log cannot be written
   */
  long run() throws InterruptedException {
    // A program starts before the host joins: nobody waits for it after the common start.
    try (EventSink sink = sink();
        Program program = new Program(config);
        RouteClient router = RouteClient.join(config)) {
      FanOut fanOut = router.awaitStart();
      tickUntilTheEnd(newHost(fanOut, program.host), router, sink);
      router.finish();
      return router.delivered();
    } catch (IOException e) {
      throw new LabException("cannot write the log: " + e.getMessage(), e);
    }
  }

  /** The program in place of our host, if there is one. */
  private static final class Program implements AutoCloseable {
    final @Nullable ProgramHost host;

    Program(HostConfig config) throws IOException {
      host =
          config.command().isPresent()
              ? ProgramHost.start(config.command().get(), config.id())
              : null;
    }

    @Override
    public void close() {
      if (host != null) {
        host.close();
      }
    }
  }

  private TickedHost newHost(FanOut fanOut, @Nullable ProgramHost program)
      throws IOException, InterruptedException {
    var seed = new ExperimentSeed(config.seed());
    List<Integer> others = fanOut.others(config.id());
    if (config.others().isPresent()) {
      // Hosts draw whom they know by their places among all, which are their ids in a run of ours.
      List<Integer> all = fanOut.hostIds();
      int count = Math.min(config.others().getAsInt(), others.size());
      others =
          Arrays.stream(seed.othersOf(all.indexOf(config.id()) + 1, all.size(), count))
              .mapToObj(place -> all.get(place - 1))
              .toList();
    }
    if (program != null) {
      program.begin(others, config.probInternal(), config.seed());
      return program;
    }
    return TickedHost.of(
        new DriftHost(config.id(), others, config.probInternal(), seed.chanceOf(config.id())));
  }

  private void tickUntilTheEnd(TickedHost host, RouteClient router, EventSink sink)
      throws IOException, InterruptedException {
    var arrivals = new Arrivals(new ExperimentSeed(config.seed()), config.link());
    RunClock.Look alive = at -> router.checkAlive();
    var clock = new RunClock(config.timeScale(), RunClock.Machine.REAL);
    long end = config.runTime().toNanos();
    for (long tick = 0; config.schedule().dueNanos(tick) < end; tick++) {
      long now = clock.awaitUntil(config.schedule().dueNanos(tick), alive);
      router.takeDeliveries(message -> arrivals.send(message, config.id(), now));
      // What just came, without delay, counts for this tick.
      arrivals.deliverBefore(now + 1, (to, message) -> host.deliver(message));
      for (TickedHost.Ticked ticked : host.tick(clock.micros(now))) {
        DriftEvent event = ticked.event();
        DriftMessage message = event.message();
        if (event.type() == DriftEvent.Type.SEND && message != null) {
          router.send(message, event.to());
        }
        sink.write(event, ticked.tick());
      }
    }
    clock.awaitUntil(end, alive);
  }

  private EventSink sink() throws IOException {
    if (config.log().isEmpty()) {
      return new EventSink() {
        @Override
        public void write(DriftEvent event, long tick) {
          System.out.println(words(event));
        }

        @Override
        public void close() {}
      };
    }
    var log = EventLog.create(config.log().get(), config.hosts());
    return new EventSink() {
      @Override
      public void write(DriftEvent event, long tick) throws IOException {
        log.write(event, tick);
      }

      @Override
      public void close() throws IOException {
        log.close();
      }
    };
  }

  /** Where events go. */
  private interface EventSink extends AutoCloseable {
    void write(DriftEvent event, long tick) throws IOException;

    @Override
    void close() throws IOException;
  }

  private static String words(DriftEvent event) {
    DriftMessage message = event.message();
    String what =
        switch (event.type()) {
          case INTERNAL -> "internal event";
          case SEND -> "sends to " + event.to();
          case RECEIVE ->
              message == null
                  ? "receives"
                  : "receives from host %d, sent at %d"
                      .formatted(message.from(), message.lamportTime());
        };
    return "host %d at %d: %s, queue %d"
        .formatted(event.host(), event.lamportTime(), what, event.queueLength());
  }
}
