package dev.tidings.bench.results;

import java.util.Arrays;
import java.util.List;
import java.util.OptionalDouble;

/**
 * How two contestants compare, from pairs that were measured one right after the other, so that
 * what else the machine does meanwhile bends both alike.
 *
 * @param median of the ratios of pairs
 * @param low the lower quartile
 * @param high the upper quartile
 * @param lowerBound with 95 % confidence the true median ratio is not below this; empty if there
 *     are too few pairs to say (5 or more are needed)
 */
public record Ratio(double median, double low, double high, OptionalDouble lowerBound, int pairs) {
  private static final double DOUBT = 0.05;

  /**
   * @param ours one value a round
   * @param theirs of the same rounds
   */
  public static Ratio of(List<Double> ours, List<Double> theirs) {
    if (ours.isEmpty() || ours.size() != theirs.size()) {
      throw new IllegalArgumentException(
          "ratios need pairs, not %d and %d values".formatted(ours.size(), theirs.size()));
    }
    double[] ratios = new double[ours.size()];
    Arrays.setAll(ratios, i -> ours.get(i) / theirs.get(i));
    Arrays.sort(ratios);
    int beyond = beyondBound(ratios.length);
    return new Ratio(
        quantile(ratios, 0.5),
        quantile(ratios, 0.25),
        quantile(ratios, 0.75),
        beyond == 0 ? OptionalDouble.empty() : OptionalDouble.of(ratios[beyond - 1]),
        ratios.length);
  }

  /** The median of values in any order. */
  public static double median(List<Double> values) {
    return quantile(values.stream().mapToDouble(Double::doubleValue).sorted().toArray(), 0.5);
  }

  /** Of values in ascending order; between two of them in proportion. */
  static double quantile(double[] ascending, double share) {
    double place = share * (ascending.length - 1);
    int below = (int) place;
    int above = Math.min(below + 1, ascending.length - 1);
    return ascending[below] + (place - below) * (ascending[above] - ascending[below]);
  }

  /**
   * Which of n ascending values is a lower bound of the median (the sign test turned round: as many
   * values lie below the median as coins show heads, whatever the distribution). 0: none of them
   * is.
   */
  static int beyondBound(int n) {
    double probability = Math.pow(0.5, n);
    double below = 0;
    int bound = 0;
    for (int heads = 0; heads < n; heads++) {
      below += probability;
      if (below > DOUBT) {
        break;
      }
      bound = heads + 1;
      probability = probability * (n - heads) / (heads + 1);
    }
    return bound;
  }
}
