package dev.tidings.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

final class LamportClockTest {
  @Test
  void an_event_of_ones_own_is_one_tick_later() {
    // Lamport 1978, IR1: "Each process increments its clock between any two successive events."
    var clock = new LamportClock(41);
    assertEquals(42, clock.tick());
    assertEquals(42, clock.time());
  }

  @ParameterizedTest
  @CsvSource({"0,1,2", "5,1,6", "5,5,6", "5,6,7", "5,100,101"})
  void a_receipt_is_later_than_both_the_sending_and_what_came_before(
      long own, long stamp, long expected) {
    // Lamport 1978, IR2(b): the receiver's clock is set greater than or equal to its present value
    // and
    // greater than the stamp.
    assertEquals(expected, new LamportClock(own).receive(stamp));
  }

  @ParameterizedTest
  @CsvSource({"0,1,2,3", "3,5,2,7", "7,8,0,9", "20,5,15,21", "3,3,1,4", "0,1,15,16"})
  void a_receipt_over_a_slow_link_lets_at_least_its_delay_pass(
      long own, long stamp, long delay, long expected) {
    assertEquals(expected, new LamportClock(own).receive(stamp, delay));
  }

  @Test
  void the_wedding_ring_has_the_times_of_the_story_at_replica_2() {
    var replica1 = new LamportClock(0);
    var replica2 = new LamportClock(0);
    long lost = replica1.tickPast(0, 100);
    assertEquals(3, replica2.receive(lost, 2));
    long aliceWaited = lost + 3;
    long found = replica1.tickPast(aliceWaited, 100);
    assertEquals(7, replica2.receive(found, 2));
    assertEquals(8, replica2.tickPast(found, 100));
  }

  @Test
  void a_client_pushes_the_clock_up_to_the_bound_and_not_beyond() {
    var clock = new LamportClock(10);
    assertThrows(ForwardJumpException.class, () -> clock.tickPast(111, 100));
    assertEquals(10, clock.time());
    assertEquals(111, clock.tickPast(110, 100));
  }

  @Test
  void no_stamp_pushes_the_clock_beyond_2_to_the_62() {
    var clock = new LamportClock(10);
    for (long stamp : new long[] {-1, Long.MIN_VALUE, LamportClock.MAX_TICKS + 1, Long.MAX_VALUE}) {
      assertThrows(ForwardJumpException.class, () -> clock.receive(stamp));
      assertThrows(ForwardJumpException.class, () -> clock.tickPast(stamp, Long.MAX_VALUE));
    }
    assertThrows(ForwardJumpException.class, () -> clock.receive(1, LamportClock.MAX_TICKS));
    assertEquals(10, clock.time());
    var late = new LamportClock(LamportClock.MAX_TICKS - 2);
    assertThrows(ForwardJumpException.class, () -> late.receive(LamportClock.MAX_TICKS));
    assertEquals(LamportClock.MAX_TICKS, late.receive(LamportClock.MAX_TICKS - 1));
    assertThrows(ForwardJumpException.class, late::tick);
  }

  @Test
  void no_single_stamp_uses_up_the_range_of_the_clock() {
    var clock = new LamportClock(10);
    long bound = LamportClock.MAX_RECEIVE_JUMP_TICKS;
    for (long stamp : new long[] {10 + bound + 1, LamportClock.MAX_TICKS - 1}) {
      assertThrows(ForwardJumpException.class, () -> clock.receive(stamp));
      assertEquals(10, clock.time());
    }
    assertEquals(10 + bound + 1, clock.receive(10 + bound));
    assertEquals(10 + bound + 2, clock.tickPast(0, 0));
  }
}
