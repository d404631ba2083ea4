package dev.tidings.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.SplittableRandom;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class TickScheduleTest {
  private static final long SECOND = 1_000_000_000L;

  @ParameterizedTest
  @CsvSource({
    "6, 0, 0",
    "6, 1, 166666667",
    "6, 6, 1000000000",
    "6, 360, 60000000000",
    "0.5, 3, 6000000000",
    "2.5, 5, 2000000000",
    "1000, 1000000, 1000000000000"
  })
  void tick_k_is_due_k_over_rate_after_the_start(double rate, long k, long nanos) {
    assertEquals(nanos, new TickSchedule(rate).dueNanos(k));
  }

  @ParameterizedTest
  @CsvSource({"6, 60, 360", "1, 60, 60", "0.5, 1, 1", "0.5, 3, 2", "2.5, 2, 5", "7, 0, 0"})
  void the_tick_that_is_due_at_the_very_end_is_not_before_it(
      double rate, long seconds, long ticks) {
    assertEquals(ticks, new TickSchedule(rate).ticksBefore(seconds * SECOND));
  }

  @Test
  void ticks_before_a_moment_agree_with_when_ticks_are_due() {
    var random = new SplittableRandom(7);
    for (int i = 0; i < 10_000; i++) {
      var schedule = new TickSchedule(random.nextDouble(TickSchedule.MIN_RATE, 50));
      long nanos =
          random.nextBoolean()
              ? random.nextLong(100 * SECOND)
              : schedule.dueNanos(random.nextLong(1000)) + random.nextLong(-1, 2);
      long ticks = schedule.ticksBefore(nanos);
      String round = "round " + i;
      assertTrue(ticks == 0 || schedule.dueNanos(ticks - 1) < nanos, round);
      assertTrue(schedule.dueNanos(ticks) >= nanos, round);
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1001, Double.NaN, Double.POSITIVE_INFINITY, 0.0001})
  void a_rate_out_of_range_is_refused(double rate) {
    assertThrows(IllegalArgumentException.class, () -> new TickSchedule(rate));
  }
}
