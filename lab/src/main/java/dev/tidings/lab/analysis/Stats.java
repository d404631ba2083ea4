package dev.tidings.lab.analysis;

import java.util.Arrays;

/** Figures of a row of numbers. */
public final class Stats {
  private Stats() {}

  /** 0 for none. */
  public static double mean(double[] values) {
    return Arrays.stream(values).average().orElse(0);
  }

  /** With the number of values less one; 0 for fewer than two. */
  public static double deviation(double[] values) {
    double mean = mean(values);
    double squares = Arrays.stream(values).map(value -> (value - mean) * (value - mean)).sum();
    return values.length < 2 ? 0 : Math.sqrt(squares / (values.length - 1));
  }

  /**
   * The smallest value that at least so many of all do not exceed; 0 for none.
   *
   * @param sorted ascending
   * @param part 0 to 1
   */
  public static double quantile(double[] sorted, double part) {
    if (sorted.length == 0) {
      return 0;
    }
    int rank = (int) Math.ceil(part * sorted.length);
    return sorted[Math.max(0, Math.min(sorted.length - 1, rank - 1))];
  }

  /** The slope of the straight line that fits best (least squares); 0 where there is none. */
  public static double slope(double[] x, double[] y) {
    double meanX = mean(x);
    double meanY = mean(y);
    double xy = 0;
    double xx = 0;
    for (int i = 0; i < x.length; i++) {
      xy += (x[i] - meanX) * (y[i] - meanY);
      xx += (x[i] - meanX) * (x[i] - meanX);
    }
    return xx == 0 ? 0 : xy / xx;
  }
}
