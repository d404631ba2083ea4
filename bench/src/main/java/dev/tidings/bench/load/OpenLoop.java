package dev.tidings.bench.load;

import java.time.Duration;
import java.util.List;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicLong;
import java.util.concurrent.atomic.AtomicReference;
import java.util.function.BooleanSupplier;
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
  private static final int MOST_STEPS = 20;
  private static final double STEP = 0.9;
  private static final double KEPT_UP = 0.95;

  private final Histogram latencies = new AtomicHistogram(ClosedLoop.MAX_LATENCY_NANOS, 2);
  private final AtomicReference<@Nullable Throwable> failure = new AtomicReference<>();
  private final AtomicLong unanswered = new AtomicLong();
  private final CountDownLatch idle = new CountDownLatch(1);
  private final Time time;
  private final List<Turn> turns;
  private final double intervalNanos;
  private final BooleanSupplier isOver;
  private final long mostRequests;
  private final long beginNanos;

  OpenLoop(
      List<? extends Client> clients,
      double requestsPerSecond,
      Duration longest,
      BooleanSupplier isOver,
      Time time) {
    this.time = time;
    this.intervalNanos = 1e9 / requestsPerSecond;
    this.mostRequests = Math.max(1, Math.round(longest.toNanos() / intervalNanos));
    this.isOver = isOver;
    this.beginNanos = time.nanos();
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
    return run(clients, requestsPerSecond, duration, () -> false);
  }

  /** The same, which ends earlier if that is over on account of which it is done. */
  public static Observed run(
      List<? extends Client> clients,
      double requestsPerSecond,
      Duration longest,
      BooleanSupplier isOver)
      throws InterruptedException {
    return new OpenLoop(clients, requestsPerSecond, longest, isOver, Time.REAL).run();
  }

  /**
   * The fixed rate that saturates: the highest, in steps of a tenth, with which answers keep up. A
   * closed loop is faster: its requests come in groups, and cost less each.
   *
   * @param from the closed loop's rate, say
   * @param each how long each rate is tried
   * @throws LoadFailedException if a request fails
   */
  public static double saturatingRate(List<? extends Client> clients, double from, Duration each)
      throws InterruptedException {
    return saturatingRate(clients, from, each, Time.REAL);
  }

  static double saturatingRate(
      List<? extends Client> clients, double from, Duration each, Time time)
      throws InterruptedException {
    double rate = from;
    for (int step = 0; step < MOST_STEPS; step++) {
      Observed seen = new OpenLoop(clients, rate, each, () -> false, time).run();
      if (seen.requestsPerSecond() >= rate * KEPT_UP) {
        break;
      }
      rate *= STEP;
    }
    return rate;
  }

  Observed run() throws InterruptedException {
    long requests = 0;
    // The loop itself counts as one, so that what is answered meanwhile does not end it.
    unanswered.set(1);
    while (requests < mostRequests && failure.get() == null && !isOver.getAsBoolean()) {
      long intended = beginNanos + Math.round(requests * intervalNanos);
      time.awaitMoment(intended);
      unanswered.incrementAndGet();
      turns.get((int) (requests % turns.size())).due(requests);
      requests++;
    }
    answered();
    boolean isIdle = time.await(idle, DRAINED_WITHIN.toNanos());
    Throwable reason = failure.get();
    if (reason != null) {
      throw new LoadFailedException("a request failed: " + reason.getMessage(), reason);
    }
    if (!isIdle) {
      throw new LoadFailedException(
          "%d requests had no answer within %d s"
              .formatted(unanswered.get(), DRAINED_WITHIN.toSeconds()));
    }
    return new Observed(requests, time.nanos() - beginNanos, latencies.copy());
  }

  private void answered() {
    if (unanswered.decrementAndGet() == 0) {
      idle.countDown();
    }
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
          Math.max(0, Math.min(time.nanos() - intended, ClosedLoop.MAX_LATENCY_NANOS)));
      long following = underWay + turns.size();
      boolean isMoreDue = due.decrementAndGet() > 0;
      answered();
      if (isMoreDue) {
        start(following);
      }
    }

    @Override
    public void failed(Throwable reason) {
      failure.compareAndSet(null, reason);
      idle.countDown();
    }
  }
}
