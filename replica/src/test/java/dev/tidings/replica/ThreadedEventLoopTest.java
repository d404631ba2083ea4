package dev.tidings.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

final class ThreadedEventLoopTest {
  private final CompletableFuture<Throwable> failure = new CompletableFuture<>();
  private final ThreadedEventLoop loop = new ThreadedEventLoop("test-loop", 2, failure::complete);

  @Test
  void what_has_queued_up_is_one_round() throws InterruptedException {
    var said = new ArrayList<String>();
    loop.execute(() -> said.add("a"));
    loop.execute(() -> said.add("b"));
    loop.start(() -> said.add("end"));
    loop.stop();
    // The stop may have come in time for the first round, or made one of its own.
    assertEquals(List.of("a", "b", "end"), said.subList(0, 3));
  }

  @Test
  void offers_are_refused_while_the_mailbox_is_full() throws InterruptedException {
    assertTrue(loop.offer(() -> {}));
    assertTrue(loop.offer(() -> {}));
    assertFalse(loop.offer(() -> {}));
    loop.start(() -> {});
    loop.stop();
  }

  @Test
  void timers_run_in_the_order_in_which_they_are_due_unless_cancelled() throws Exception {
    var said = new ArrayList<String>();
    var done = new CountDownLatch(1);
    loop.execute(
        () -> {
          // Again if the thread stood still in between, and the second may be due after the first.
          long before;
          List<EventLoop.Timer> timers = List.of();
          do {
            timers.forEach(EventLoop.Timer::cancel);
            before = loop.nowMicros();
            timers =
                List.of(
                    loop.schedule(
                        3_000,
                        () -> {
                          said.add("late");
                          done.countDown();
                        }),
                    loop.schedule(1_000, () -> said.add("early")));
          } while (loop.nowMicros() - before >= 2_000);
          loop.schedule(2_000, () -> said.add("cancelled")).cancel();
        });
    loop.start(() -> {});
    assertTrue(done.await(10, TimeUnit.SECONDS));
    loop.stop();
    assertEquals(List.of("early", "late"), said);
  }

  @Test
  void a_task_that_throws_is_the_loops_last_and_its_owner_is_told() throws Exception {
    var broken = new IllegalStateException("broken invariant");
    var said = new ArrayList<String>();
    loop.execute(
        () -> {
          throw broken;
        });
    loop.execute(() -> said.add("after"));
    loop.start(() -> said.add("end"));
    assertSame(broken, failure.get(10, TimeUnit.SECONDS));
    assertEquals(List.of(), said);
  }
}
