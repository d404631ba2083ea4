package dev.tidings.bench.results;

import java.util.List;
import java.util.Map;
import java.util.TreeMap;

/**
 * One contestant's figures.
 *
 * @param figures by the columns' keys
 * @param rounds what was measured in each round, by the same keys, where there were rounds
 * @param note in place of figures, such as that it is not installed; otherwise empty
 */
public record Row(
    String contestant, Map<String, Double> figures, Map<String, List<Double>> rounds, String note) {
  public Row {
    figures = Map.copyOf(figures);
    rounds = Map.copyOf(rounds);
  }

  public static Row without(String contestant, String why) {
    return new Row(contestant, Map.of(), Map.of(), why);
  }

  public static Row of(String contestant, Map<Column, Double> figures) {
    var byKey = new TreeMap<String, Double>();
    figures.forEach((column, figure) -> byKey.put(column.key(), figure));
    return new Row(contestant, byKey, Map.of(), "");
  }

  /** The same, with one more figure. */
  public Row with(Column column, double figure) {
    var more = new TreeMap<>(figures);
    more.put(column.key(), figure);
    return new Row(contestant, more, rounds, note);
  }

  /** Not a number where there is none. */
  public double figure(Column column) {
    return figures.getOrDefault(column.key(), Double.NaN);
  }
}
