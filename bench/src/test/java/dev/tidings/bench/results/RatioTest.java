package dev.tidings.bench.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.OptionalDouble;
import java.util.Random;
import org.junit.jupiter.api.Test;

class RatioTest {
  @Test
  void is_the_median_of_the_pairs_ratios_and_not_the_ratio_of_medians() {
    Ratio ratio = Ratio.of(List.of(1.0, 10.0, 300.0), List.of(2.0, 10.0, 100.0));
    assertEquals(1, ratio.median());
    assertEquals(0.75, ratio.low());
    assertEquals(2, ratio.high());
    assertEquals(3, ratio.pairs());
  }

  @Test
  void what_slows_both_of_a_pair_does_not_show() {
    Ratio ratio = Ratio.of(List.of(8.0, 4.0, 0.8), List.of(10.0, 5.0, 1.0));
    assertEquals(0.8, ratio.median(), 1e-12);
    assertEquals(ratio.low(), ratio.high(), 1e-12);
  }

  /** The one-sided sign test's tables, 95 %. */
  @Test
  void bounds_are_those_of_the_sign_test() {
    int[][] known = {{4, 0}, {5, 1}, {7, 1}, {8, 2}, {10, 2}, {11, 3}, {20, 6}, {24, 8}, {50, 19}};
    for (int[] each : known) {
      assertEquals(each[1], Ratio.beyondBound(each[0]), each[0] + " pairs");
    }
  }

  @Test
  void too_few_pairs_bound_nothing() {
    Ratio ratio = Ratio.of(Collections.nCopies(4, 2.0), Collections.nCopies(4, 1.0));
    assertEquals(OptionalDouble.empty(), ratio.lowerBound());
  }

  @Test
  void the_true_median_is_below_the_lower_bound_in_five_of_a_hundred_runs_at_most() {
    var random = new Random(7);
    int missed = 0;
    int runs = 4_000;
    for (int run = 0; run < runs; run++) {
      List<Double> ours = new ArrayList<>();
      for (int i = 0; i < 24; i++) {
        // Lopsided, and with median 1.
        ours.add(Math.exp(Math.abs(random.nextGaussian()) - 0.6744897501960817));
      }
      if (Ratio.of(ours, Collections.nCopies(24, 1.0)).lowerBound().getAsDouble() > 1) {
        missed++;
      }
    }
    assertTrue(missed <= 0.05 * runs, missed + " of " + runs);
    assertTrue(missed >= 0.015 * runs, "bound is not needlessly low: " + missed);
  }

  @Test
  void values_without_partners_are_refused() {
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(1.0), List.of()));
    assertThrows(IllegalArgumentException.class, () -> Ratio.of(List.of(), List.of()));
  }
}
