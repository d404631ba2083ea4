package dev.tidings.client;

import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import java.util.concurrent.Future;
import java.util.concurrent.RejectedExecutionException;
import java.util.concurrent.ScheduledThreadPoolExecutor;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.function.Function;

/** This machine's time and chance, with one thread for timers, which begins with the first. */
final class RealSurroundings implements Surroundings {
  private final Function<String, ManagedChannel> connector;
  private final ScheduledThreadPoolExecutor timers =
      new ScheduledThreadPoolExecutor(
          1,
          task -> {
            var thread = new Thread(task, "tidings-timers");
            thread.setDaemon(true);
            return thread;
          });

  RealSurroundings(Function<String, ManagedChannel> connector) {
    this.connector = connector;
    timers.setRemoveOnCancelPolicy(true);
  }

  @Override
  public ManagedChannel open(String address) {
    return connector.apply(address);
  }

  @Override
  public Deadline deadline(long nanos) {
    return Deadline.after(nanos, TimeUnit.NANOSECONDS);
  }

  @Override
  public long nanoTime() {
    return System.nanoTime();
  }

  @Override
  public Runnable after(long nanos, Runnable task) {
    try {
      Future<?> timer = timers.schedule(task, nanos, TimeUnit.NANOSECONDS);
      return () -> timer.cancel(false);
    } catch (RejectedExecutionException e) {
      // Closed meanwhile.
      return () -> {};
    }
  }

  @Override
  public long random(long bound) {
    return ThreadLocalRandom.current().nextLong(bound);
  }

  @Override
  public void close() {
    timers.shutdownNow();
  }
}
