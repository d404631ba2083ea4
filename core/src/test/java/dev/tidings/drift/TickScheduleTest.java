package dev.tidings.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

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

  @Test
  void jitter_makes_ticks_late_and_does_not_add_up() {
    for (double jitter : new double[] {0.2, 1}) {
      var schedule = new TickSchedule(3, 4, jitter, 5 * SECOND, new ExperimentSeed(8));
      double sum = 0;
      int ticks = 10_000;
      for (int k = 0; k < ticks; k++) {
        double late = schedule.dueNanos(k) - 5 * SECOND - k * (SECOND / 4.0);
        assertTrue(late >= -1 && late <= jitter * SECOND / 4 + 1, "tick " + k);
        assertTrue(schedule.dueNanos(k + 1) > schedule.dueNanos(k), "tick " + k);
        sum += late;
      }
      assertEquals(jitter / 2, sum / ticks / (SECOND / 4.0), 5 * jitter / Math.sqrt(12.0 * ticks));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void a_jitter_out_of_range_is_refused(double jitter) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new TickSchedule(1, 1, jitter, 0, new ExperimentSeed(1)));
  }

  @ParameterizedTest
  @ValueSource(doubles = {0, -1, 1001, Double.NaN, Double.POSITIVE_INFINITY, 0.0001})
  void a_rate_out_of_range_is_refused(double rate) {
    assertThrows(IllegalArgumentException.class, () -> new TickSchedule(rate));
  }
}
