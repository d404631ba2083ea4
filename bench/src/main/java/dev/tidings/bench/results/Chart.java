package dev.tidings.bench.results;

import java.util.List;

/** Lines over one axis. */
public record Chart(
    String title,
    String xTitle,
    String yTitle,
    boolean xLogarithmic,
    boolean yLogarithmic,
    List<Line> lines) {
  public Chart {
    lines = List.copyOf(lines);
  }

  /**
   * One line.
   *
   * @param x ascending
   */
  public record Line(String name, List<Double> x, List<Double> y) {
    public Line {
      x = List.copyOf(x);
      y = List.copyOf(y);
      if (x.size() != y.size() || x.isEmpty()) {
        throw new IllegalArgumentException("a line has points");
      }
    }
  }
}
