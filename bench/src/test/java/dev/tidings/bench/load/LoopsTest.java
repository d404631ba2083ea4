package dev.tidings.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.PriorityQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.Test;

class LoopsTest {
  private static final long MILLI = 1_000_000;
  private static final Duration LONG = Duration.ofMillis(600);

  private final VirtualTime time = new VirtualTime();
  private final AtomicInteger requests = new AtomicInteger();

  /** Time passes only when it is waited for. */
  private static final class VirtualTime implements Time {
    private record Event(long at, Runnable what) {}

    private final PriorityQueue<Event> events =
        new PriorityQueue<>(Comparator.comparingLong(Event::at));
    private long now;

    void after(long nanos, Runnable what) {
      events.add(new Event(now + nanos, what));
    }

    @Override
    public long nanos() {
      return now;
    }

    @Override
    public void awaitMoment(long nanos) {
      for (Event next; (next = events.peek()) != null && next.at() <= nanos; ) {
        events.remove();
        now = next.at();
        next.what().run();
      }
      now = Math.max(now, nanos);
    }

    @Override
    public boolean await(CountDownLatch latch, long nanos) {
      long end = now + nanos;
      for (Event next;
          latch.getCount() > 0 && (next = events.peek()) != null && next.at() <= end; ) {
        awaitMoment(next.at());
      }
      if (latch.getCount() > 0) {
        now = end;
      }
      return latch.getCount() == 0;
    }
  }

  /** Each answers after a millisecond; but while the server pauses, when it has. */
  private List<Client> clients(int count, long pauseBegin, long pauseEnd) {
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(
          answer -> {
            requests.incrementAndGet();
            long now = time.nanos();
            boolean isPaused = now >= pauseBegin && now < pauseEnd;
            time.after((isPaused ? pauseEnd - now : 0) + MILLI, answer::arrived);
          });
    }
    return clients;
  }

  private Observed open(List<Client> clients, double rate) throws InterruptedException {
    return new OpenLoop(clients, rate, LONG, () -> false, time).run();
  }

  @Test
  void a_pause_is_charged_to_all_requests_that_should_have_begun_meanwhile()
      throws InterruptedException {
    // Every 4 ms one, and none is answered between 100 and 300 ms.
    Observed seen = open(clients(1, 100 * MILLI, 300 * MILLI), 250);
    assertEquals(150, seen.requests());
    assertEquals(150, seen.latencies().getTotalCount());
    assertEquals(201, seen.millisAt(100), 2);
    // Those that should have begun from 100 to 200 ms waited for 100 ms and longer, and a few that
    // came after them.
    assertEquals(
        34.0, (double) seen.latencies().getCountBetweenValues(100 * MILLI, Long.MAX_VALUE / 2), 1);
  }

  @Test
  void a_closed_loop_charges_a_pause_to_one_request_of_each_client() throws InterruptedException {
    Observed seen =
        new ClosedLoop(clients(3, 100 * MILLI, 300 * MILLI), time).run(Duration.ofMillis(600));
    assertEquals(3, seen.latencies().getCountBetweenValues(100 * MILLI, Long.MAX_VALUE / 2));
    assertEquals(1_200.0, (double) seen.requests(), 6);
  }

  @Test
  void requests_begin_at_their_rate_however_long_answers_take() throws InterruptedException {
    assertEquals(600, open(clients(8, 0, 0), 1_000).requests());
    assertEquals(600, requests.get());
  }

  @Test
  void a_client_has_one_request_under_way_at_most() throws InterruptedException {
    var underWay = new AtomicInteger();
    var most = new AtomicInteger();
    Client client =
        answer -> {
          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
          time.after(
              3 * MILLI,
              () -> {
                underWay.decrementAndGet();
                answer.arrived();
              });
        };
    Observed seen = open(List.of(client), 500);
    assertEquals(1, most.get());
    // Each takes 1 ms more than there is, so the 300th is 299 ms late, and takes 3.
    assertEquals(302, seen.millisAt(100), 3);
  }

  @Test
  void the_rate_that_saturates_is_the_highest_with_which_answers_keep_up()
      throws InterruptedException {
    // Each takes a millisecond.
    assertEquals(2_000, OpenLoop.saturatingRate(clients(2, 0, 0), 6_000, LONG, time), 2_000 * 0.1);
    assertEquals(500, OpenLoop.saturatingRate(clients(2, 0, 0), 500, LONG, time));
  }

  @Test
  void an_open_loop_ends_when_what_it_is_for_is_over() throws InterruptedException {
    var left = new AtomicInteger(10);
    Observed seen =
        new OpenLoop(clients(4, 0, 0), 1_000, LONG, () -> left.getAndDecrement() == 0, time).run();
    assertEquals(10, seen.requests());
    assertEquals(10, seen.latencies().getTotalCount());
  }

  @Test
  void a_failed_request_fails_the_load() {
    List<Client> failing = List.of(answer -> answer.failed(new IllegalStateException("no")));
    assertThrows(LoadFailedException.class, () -> new ClosedLoop(failing, time).run(LONG));
    assertThrows(LoadFailedException.class, () -> open(failing, 100));
  }

  @Test
  void a_request_without_an_answer_fails_the_load() {
    List<Client> silent = List.of(answer -> {});
    assertThrows(LoadFailedException.class, () -> new ClosedLoop(silent, time).run(LONG));
    assertThrows(LoadFailedException.class, () -> open(silent, 100));
  }
}
