package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftHost;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.FanOut;
import java.io.IOException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.concurrent.locks.LockSupport;

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
   * @throws LabException if the router cannot be reached, turns the host away, or is lost; or if
   *     the log cannot be written
   */
  void run() throws InterruptedException {
    try (EventSink sink = sink();
        RouteClient router = RouteClient.join(config)) {
      FanOut fanOut = router.awaitStart();
      var host =
          new DriftHost(
              config.id(),
              fanOut,
              config.probInternal(),
              new ExperimentSeed(config.seed()).chanceOf(config.id()));
      long start = System.nanoTime();
      long ticks = config.schedule().ticksBefore(config.runTime().toNanos());
      for (long tick = 0; tick < ticks; tick++) {
        awaitUntil(start + config.schedule().dueNanos(tick), router);
        router.takeDeliveries(host::deliver);
        DriftEvent event = host.tick(nowMicros());
        DriftMessage message = event.message();
        if (event.type() == DriftEvent.Type.SEND && message != null) {
          router.send(message);
        }
        sink.write(event);
      }
      awaitUntil(start + config.runTime().toNanos(), router);
      router.finish();
    } catch (IOException e) {
      throw new LabException("cannot write the log: " + e.getMessage(), e);
    }
  }

  private EventSink sink() throws IOException {
    if (config.log().isEmpty()) {
      return new EventSink() {
        @Override
        public void write(DriftEvent event) {
          System.out.println(words(event));
        }

        @Override
        public void close() {}
      };
    }
    var log = new EventLog(config.log().get());
    return new EventSink() {
      @Override
      public void write(DriftEvent event) throws IOException {
        log.write(event);
      }

      @Override
      public void close() throws IOException {
        log.close();
      }
    };
  }

  /** Where events go. */
  private interface EventSink extends AutoCloseable {
    void write(DriftEvent event) throws IOException;

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

  private static void awaitUntil(long dueNanos, RouteClient router) throws InterruptedException {
    for (long wait = dueNanos - System.nanoTime(); wait > 0; wait = dueNanos - System.nanoTime()) {
      router.checkAlive();
      LockSupport.parkNanos(wait);
      if (Thread.interrupted()) {
        throw new InterruptedException();
      }
    }
  }

  private static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
