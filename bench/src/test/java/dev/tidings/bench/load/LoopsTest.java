package dev.tidings.bench.load;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Executors;
import java.util.concurrent.ScheduledExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class LoopsTest {
  private static final Duration SHORT = Duration.ofMillis(300);

  private final ScheduledExecutorService server = Executors.newSingleThreadScheduledExecutor();

  @AfterEach
  void stop() {
    server.shutdownNow();
  }

  /** Answers soon, but the one request of this number only after a pause. */
  private List<Client> clients(int count, int paused, int pauseMillis) {
    var requests = new AtomicInteger();
    List<Client> clients = new ArrayList<>();
    for (int i = 0; i < count; i++) {
      clients.add(
          answer -> {
            int delay = requests.incrementAndGet() == paused ? pauseMillis : 0;
            server.schedule(answer::arrived, delay, TimeUnit.MILLISECONDS);
          });
    }
    return clients;
  }

  @Test
  void a_pause_is_charged_to_all_requests_that_should_have_begun_meanwhile()
      throws InterruptedException {
    Observed seen = OpenLoop.run(clients(1, 10, 200), 500, Duration.ofMillis(600));
    assertEquals(300, seen.requests());
    assertEquals(300, seen.latencies().getTotalCount());
    // A hundred begin within the pause, of which every second waits for half of it or longer.
    long late = seen.latencies().getCountBetweenValues(100_000_000, Long.MAX_VALUE / 2);
    assertTrue(late >= 45, late + " waited long");
    assertTrue(seen.millisAt(100) >= 195, seen.millisAt(100) + " ms at most");
  }

  @Test
  void a_closed_loop_charges_a_pause_to_one_request_only() throws InterruptedException {
    Observed seen = ClosedLoop.run(clients(1, 10, 200), Duration.ofMillis(600));
    assertEquals(1, seen.latencies().getCountBetweenValues(190_000_000, Long.MAX_VALUE / 2));
  }

  @Test
  void the_other_clients_go_on_while_one_waits() throws InterruptedException {
    Observed seen = OpenLoop.run(clients(10, 10, 200), 500, Duration.ofMillis(600));
    long late = seen.latencies().getCountBetweenValues(100_000_000, Long.MAX_VALUE / 2);
    assertTrue(late <= 25, late + " waited long");
  }

  @Test
  void an_open_loop_ends_when_what_it_is_for_is_over() throws InterruptedException {
    Observed seen = OpenLoop.run(clients(4, 0, 0), 1_000, Duration.ofMinutes(5), () -> true);
    assertEquals(0, seen.requests());
  }

  @Test
  void a_failed_request_fails_the_load() {
    List<Client> failing = List.of(answer -> answer.failed(new IllegalStateException("no")));
    assertThrows(LoadFailedException.class, () -> ClosedLoop.run(failing, SHORT));
    assertThrows(LoadFailedException.class, () -> OpenLoop.run(failing, 100, SHORT));
  }

  @Test
  void a_client_has_one_request_under_way_at_most() throws InterruptedException {
    var underWay = new AtomicInteger();
    var most = new AtomicInteger();
    Client client =
        answer -> {
          most.accumulateAndGet(underWay.incrementAndGet(), Math::max);
          server.schedule(
              () -> {
                underWay.decrementAndGet();
                answer.arrived();
              },
              1,
              TimeUnit.MILLISECONDS);
        };
    OpenLoop.run(List.of(client), 5_000, SHORT);
    ClosedLoop.run(List.of(client), SHORT);
    assertEquals(1, most.get());
  }
}
