package dev.tidings.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;

final class HybridClockTest {
  @Test
  void it_follows_system_time_while_that_rises_and_counts_while_it_does_not() {
    var clock = new HybridClock(0);
    assertEquals(new HybridTime(100, 0), clock.tick(100));
    assertEquals(new HybridTime(100, 1), clock.tick(100));
    assertEquals(new HybridTime(100, 2), clock.tick(50));
    assertEquals(new HybridTime(101, 0), clock.tick(101));
  }

  @Test
  void a_receipt_is_later_than_the_highest_of_both_times() {
    var clock = new HybridClock(1_000);
    assertEquals(new HybridTime(500, 8), clock.receive(new HybridTime(500, 7), 100));
    assertEquals(new HybridTime(500, 9), clock.receive(new HybridTime(400, 99), 100));
    assertEquals(new HybridTime(500, 43), clock.receive(new HybridTime(500, 42), 100));
    assertEquals(new HybridTime(501, 0), clock.receive(new HybridTime(500, 42), 501));
  }

  @Test
  void a_stamp_beyond_the_bound_is_refused_and_changes_nothing() {
    var clock = new HybridClock(1_000);
    clock.tick(100);
    assertThrows(ForwardJumpException.class, () -> clock.receive(new HybridTime(1_101, 0), 100));
    assertThrows(
        ForwardJumpException.class, () -> clock.receive(new HybridTime(Long.MAX_VALUE, 0), 100));
    assertEquals(new HybridTime(100, 0), clock.time());
    assertEquals(new HybridTime(1_100, 1), clock.receive(new HybridTime(1_100, 0), 100));
  }
}
