package dev.tidings.lab.study;

import dev.tidings.lab.analysis.Stats;
import java.util.List;
import java.util.function.ToDoubleFunction;

/**
 * A mean over seeds with its 95 % confidence interval, by Student's t.
 *
 * @param halfWidth of the interval; 0 for one seed, which says nothing of it
 */
record Estimate(double mean, double halfWidth) {
  /** Quantiles 0.975 of Student's t for 1, 2, … degrees of freedom. */
  private static final double[] STUDENT = {
    12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228, 2.201, 2.179, 2.160,
    2.145, 2.131, 2.120, 2.110, 2.101, 2.093, 2.086, 2.080, 2.074, 2.069, 2.064, 2.060, 2.056,
    2.052, 2.048, 2.045, 2.042
  };

  private static final double NORMAL = 1.96;

  static Estimate of(List<Outcome> outcomes, ToDoubleFunction<Outcome> figure) {
    double[] values = outcomes.stream().mapToDouble(figure).toArray();
    if (values.length < 2) {
      return new Estimate(Stats.mean(values), 0);
    }
    int freedom = values.length - 1;
    double t = freedom <= STUDENT.length ? STUDENT[freedom - 1] : NORMAL;
    return new Estimate(Stats.mean(values), t * Stats.deviation(values) / Math.sqrt(values.length));
  }
}
