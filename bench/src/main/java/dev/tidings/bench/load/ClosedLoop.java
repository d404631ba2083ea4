package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.atomic.LongAdder;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Each client starts its next request when its last one is answered, in the callback of the answer:
 * there is no thread per client.
 */
public final class ClosedLoop {
  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(30);
  static final long MAX_LATENCY_NANOS = TimeUnit.MINUTES.toNanos(5);
  static final int DIGITS = 2;

  private final Histogram latencies = new AtomicHistogram(MAX_LATENCY_NANOS, DIGITS);
  private final LongAdder answered = new LongAdder();
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch over = new CountDownLatch(1);
  private final CountDownLatch idle;
  private final Time time;
  private final List<? extends Client> clients;
  private volatile boolean stopping;

  ClosedLoop(List<? extends Client> clients, Time time) {
    this.time = time;
    this.clients = clients;
    this.idle = new CountDownLatch(clients.size());
  }

  /**
   * Runs for a while, then lets all requests end.
   *
   * @throws LoadFailedException if a request fails
   */
  public static Observed run(List<? extends Client> clients, Duration duration)
      throws InterruptedException {
    return new ClosedLoop(clients, Time.REAL).run(duration);
  }

  Observed run(Duration duration) throws InterruptedException {
    long begin = time.nanos();
    for (Client client : clients) {
      new Loop(client).next();
    }
    time.await(over, duration.toNanos());
    long requests = answered.sum();
    long nanos = time.nanos() - begin;
    stopping = true;
    if (!time.await(idle, DRAINED_WITHIN.toNanos()) && failure.get() == null) {
      throw new LoadFailedException(
          "%d requests had no answer within %d s"
              .formatted(idle.getCount(), DRAINED_WITHIN.toSeconds()));
    }
    Throwable reason = failure.get();
    if (reason != null) {
      throw new LoadFailedException("a request failed: " + reason.getMessage(), reason);
    }
    return new Observed(requests, nanos, latencies.copy());
  }

  private final class Loop implements Client.Answer {
    private final Client client;
    private long startedNanos;

    Loop(Client client) {
      this.client = client;
    }

    void next() {
      startedNanos = time.nanos();
      client.start(this);
    }

    @Override
    public void arrived() {
      latencies.recordValue(Math.min(time.nanos() - startedNanos, MAX_LATENCY_NANOS));
      answered.increment();
      if (stopping) {
        idle.countDown();
      } else {
        next();
      }
    }

    @Override
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      over.countDown();
      idle.countDown();
    }
  }
}
