package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import java.util.concurrent.locks.LockSupport;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * Requests begin at a fixed rate, whether or not those before are answered, and each client's in
 * turn. A client whose last request is still under way starts late, and the latency counts from
 * when it should have: so a server that stops for a second is charged for all that should have been
 * asked meanwhile (what Gil Tene calls coordinated omission is corrected).
 */
public final class OpenLoop {
  private static final Duration DRAINED_WITHIN = Duration.ofSeconds(30);

  private final Histogram latencies = new AtomicHistogram(ClosedLoop.MAX_LATENCY_NANOS, 2);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final CountDownLatch unanswered;
  private final List<Turn> turns;
  private final double intervalNanos;
  private final long requests;
  private final long beginNanos;

  private OpenLoop(List<? extends Client> clients, double requestsPerSecond, Duration duration) {
    this.intervalNanos = 1e9 / requestsPerSecond;
    this.requests = Math.max(1, Math.round(duration.toNanos() / intervalNanos));
    this.unanswered = new CountDownLatch(Math.toIntExact(requests));
    this.beginNanos = System.nanoTime();
    this.turns = clients.stream().map(Turn::new).toList();
  }

  /**
   * Runs for a while, then lets all requests end.
   *
   * @throws LoadFailedException if a request fails
   */
  public static Observed run(
      List<? extends Client> clients, double requestsPerSecond, Duration duration)
      throws InterruptedException {
    return new OpenLoop(clients, requestsPerSecond, duration).run();
  }

  private Observed run() throws InterruptedException {
    for (long i = 0; i < requests && failure.get() == null; i++) {
      long intended = beginNanos + Math.round(i * intervalNanos);
      for (long early; (early = intended - System.nanoTime()) > 0; ) {
        LockSupport.parkNanos(early);
      }
      turns.get((int) (i % turns.size())).due(i);
    }
    if (failure.get() == null
        && !unanswered.await(DRAINED_WITHIN.toSeconds(), TimeUnit.SECONDS)
        && failure.get() == null) {
      throw new LoadFailedException(
          "%d requests had no answer within %d s"
              .formatted(unanswered.getCount(), DRAINED_WITHIN.toSeconds()));
    }
    Throwable reason = failure.get();
    if (reason != null) {
      throw new LoadFailedException("a request failed: " + reason.getMessage(), reason);
    }
    return new Observed(requests, System.nanoTime() - beginNanos, latencies.copy());
  }

  /** One client's requests. */
  private final class Turn implements Client.Answer {
    private final Client client;

    /** How many of its requests should have begun and are not answered. */
    private final AtomicInteger due = new AtomicInteger();

    /** Which of all requests is under way; only whoever starts it or answers it looks. */
    private long underWay = -1;

    Turn(Client client) {
      this.client = client;
    }

    void due(long request) {
      if (due.getAndIncrement() == 0) {
        start(request);
      }
    }

    private void start(long request) {
      underWay = request;
      client.start(this);
    }

    @Override
    public void arrived() {
      long intended = beginNanos + Math.round(underWay * intervalNanos);
      latencies.recordValue(
          Math.max(0, Math.min(System.nanoTime() - intended, ClosedLoop.MAX_LATENCY_NANOS)));
      long following = underWay + turns.size();
      boolean isMoreDue = due.decrementAndGet() > 0;
      unanswered.countDown();
      if (isMoreDue) {
        start(following);
      }
    }

    @Override
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      while (unanswered.getCount() > 0) {
        unanswered.countDown();
      }
    }
  }
}
