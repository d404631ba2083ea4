package dev.tidings.bench.results;

import java.util.Locale;

/**
 * What was to be reached, and whether it was in this run.
 *
 * @param words the target, such as "durable writes ≥ 2 × etcd"
 * @param measured by how much it is to be judged
 * @param low measured's lower quartile, or itself
 * @param high measured's upper quartile, or itself
 */
public record Target(String words, double measured, double low, double high, boolean held) {
  /** A ratio that is to be so much at least. */
  public static Target atLeast(String words, Ratio ratio, double least) {
    return new Target(words, ratio.median(), ratio.low(), ratio.high(), ratio.median() >= least);
  }

  /** A ratio that is to be so much at most. */
  public static Target atMost(String words, Ratio ratio, double most) {
    return new Target(words, ratio.median(), ratio.low(), ratio.high(), ratio.median() <= most);
  }

  public static Target atLeast(String words, double measured, double least) {
    return new Target(words, measured, measured, measured, measured >= least);
  }

  public static Target atMost(String words, double measured, double most) {
    return new Target(words, measured, measured, measured, measured <= most);
  }

  String text() {
    return (held ? "held    " : "MISSED  ") + claim();
  }

  /** What was to be reached, and what was measured. */
  String claim() {
    String spread =
        low == high ? "" : String.format(Locale.ROOT, " (%s to %s)", number(low), number(high));
    return words + ": " + number(measured) + spread;
  }

  private static String number(double value) {
    return String.format(Locale.ROOT, Math.abs(value) < 100 ? "%.3g" : "%,.0f", value);
  }
}
