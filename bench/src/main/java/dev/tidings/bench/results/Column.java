package dev.tidings.bench.results;

import java.util.Locale;

/**
 * What is told of each contestant.
 *
 * @param key its name in JSON, with the unit
 * @param title its name in tables
 * @param format as of {@link String#format}, of a double
 */
public record Column(String key, String title, String format) {
  public static final Column RATE = new Column("operationsPerSecond", "ops/s", "%,.0f");
  public static final Column CPU = new Column("processorMicrosPerOperation", "CPU µs/op", "%.2f");
  public static final Column P50 = new Column("p50Millis", "p50 ms", "%.2f");
  public static final Column P99 = new Column("p99Millis", "p99 ms", "%.2f");

  String text(double figure) {
    return Double.isNaN(figure) ? "" : String.format(Locale.ROOT, format, figure);
  }
}
