package dev.tidings.lab.study;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.tidings.lab.report.Chart;
import dev.tidings.lab.report.Table;
import dev.tidings.lab.report.Zoom;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.function.Function;
import java.util.function.ToDoubleFunction;

/**
 * What a sweep came to: drift, jumps and queue growth against each variable, means over the seeds
 * with 95 % confidence intervals, and where hosts are overloaded.
 */
public final class StudyReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int HEIGHT = 360;

  /** So many values of a variable are all written below their bars. */
  private static final int MAX_LABELS = 5;

  private final List<Point> points;
  private final Map<Point, List<Outcome>> outcomes;

  public StudyReport(List<Point> points, Map<Point, List<Outcome>> outcomes) {
    this.points = List.copyOf(points);
    this.outcomes = Map.copyOf(outcomes);
  }

  /** A figure of a run. */
  private record Figure(String id, String name, String unit, ToDoubleFunction<Outcome> value) {
    String title() {
      return Character.toUpperCase(name.charAt(0)) + name.substring(1);
    }
  }

  private static final List<Figure> FIGURES =
      List.of(
          new Figure("drift", "drift", "ticks/s", Outcome::drift),
          new Figure("jump", "mean jump", "ticks", Outcome::meanJump),
          new Figure("queue", "queue growth", "messages/s", Outcome::queueGrowth));

  private static final Figure OVERLOAD =
      new Figure(
          "overload", "hosts that must fall behind", "per cent", run -> 100 * run.overloaded());

  /** A variable of the grid. */
  private record Variable(String id, String name, Function<Point, String> value) {}

  private static final List<Variable> VARIABLES =
      List.of(
          new Variable("group", "part", Point::group),
          new Variable("speeds", "clock speeds", Point::speeds),
          new Variable("probability", "P(internal)", p -> "" + p.probInternal()),
          new Variable("hosts", "hosts", p -> "" + p.hosts()),
          new Variable("delay", "link delay", Point::linkDelay),
          new Variable("loss", "loss", p -> "" + p.loss()),
          new Variable("others", "others known", Point::othersInWords),
          new Variable("jitter", "tick jitter", p -> "" + p.tickJitter()));

  private List<Outcome> of(Point point) {
    return outcomes.getOrDefault(point, List.of());
  }

  private List<String> valuesOf(Variable variable) {
    var values = new LinkedHashSet<String>();
    points.forEach(point -> values.add(variable.value().apply(point)));
    return List.copyOf(values);
  }

  private List<Variable> varied() {
    return VARIABLES.stream().filter(variable -> valuesOf(variable).size() > 1).toList();
  }

  /** A row for each point, with all that it is made with. */
  public Table table() {
    return table(VARIABLES);
  }

  /** The same without what is alike in all rows. */
  public Table shortTable() {
    List<Variable> varied = varied();
    return table(varied.isEmpty() ? VARIABLES.subList(1, 4) : varied);
  }

  private Table table(List<Variable> variables) {
    var columns = new ArrayList<String>();
    variables.forEach(variable -> columns.add(variable.name()));
    columns.addAll(
        List.of(
            "runs",
            "drift/s",
            "±",
            "mean jump",
            "± ",
            "largest jump",
            "queue growth/s",
            "±  ",
            "overloaded %"));
    var rows = new ArrayList<List<Object>>();
    for (Point point : points) {
      List<Outcome> runs = of(point);
      Estimate drift = Estimate.of(runs, Outcome::drift);
      Estimate jump = Estimate.of(runs, Outcome::meanJump);
      Estimate queue = Estimate.of(runs, Outcome::queueGrowth);
      var row = new ArrayList<Object>();
      variables.forEach(variable -> row.add(variable.value().apply(point)));
      row.addAll(
          List.of(
              runs.size(),
              drift.mean(),
              drift.halfWidth(),
              jump.mean(),
              jump.halfWidth(),
              runs.stream().mapToLong(Outcome::largestJump).max().orElse(0),
              queue.mean(),
              queue.halfWidth(),
              100 * Estimate.of(runs, Outcome::overloaded).mean()));
      rows.add(row);
    }
    return new Table("points", "Means over seeds, with 95 % confidence intervals", columns, rows);
  }

  /** Three to six sentences. */
  public List<String> findings() {
    var findings = new ArrayList<String>();
    for (Figure figure : FIGURES) {
      Point most =
          points.stream()
              .max(Comparator.comparingDouble(p -> Estimate.of(of(p), figure.value()).mean()))
              .orElseThrow();
      Point least =
          points.stream()
              .min(Comparator.comparingDouble(p -> Estimate.of(of(p), figure.value()).mean()))
              .orElseThrow();
      if (points.size() == 1 || isSame(most, least, figure)) {
        findings.add(
            String.format(
                Locale.ROOT,
                "%s is %.2f ± %.2f %s, whatever is varied here.",
                figure.title(),
                Estimate.of(of(most), figure.value()).mean(),
                Estimate.of(of(most), figure.value()).halfWidth(),
                figure.unit()));
        continue;
      }
      findings.add(
          String.format(
              Locale.ROOT,
              "The most %s: %.2f ± %.2f %s with %s; the least: %.2f ± %.2f with %s.",
              figure.name(),
              Estimate.of(of(most), figure.value()).mean(),
              Estimate.of(of(most), figure.value()).halfWidth(),
              figure.unit(),
              words(most),
              Estimate.of(of(least), figure.value()).mean(),
              Estimate.of(of(least), figure.value()).halfWidth(),
              words(least)));
    }
    List<Point> overloaded =
        points.stream().filter(p -> Estimate.of(of(p), Outcome::overloaded).mean() > 0).toList();
    findings.add(
        String.format(
            Locale.ROOT,
            "In %d of %d settings some hosts must fall behind for good, by their rates alone%s.",
            overloaded.size(),
            points.size(),
            overloaded.isEmpty()
                ? ""
                : "; the most with "
                    + words(
                        overloaded.stream()
                            .max(
                                Comparator.comparingDouble(
                                    p -> Estimate.of(of(p), Outcome::overloaded).mean()))
                            .orElseThrow())));
    return findings;
  }

  /** To the digits that are told. */
  private boolean isSame(Point a, Point b, Figure figure) {
    return Math.round(100 * Estimate.of(of(a), figure.value()).mean())
        == Math.round(100 * Estimate.of(of(b), figure.value()).mean());
  }

  private String words(Point point) {
    var words = new ArrayList<String>();
    for (Variable variable : varied()) {
      if (!variable.id().equals("group")) {
        words.add(variable.name() + " " + variable.value().apply(point));
      }
    }
    String values = words.isEmpty() ? "the one setting" : String.join(", ", words);
    return point.group().isEmpty() ? values : point.group() + " (" + values + ")";
  }

  /**
   * The points that show what a variable does. A grid has every combination, and their mean is
   * taken; parts of a study change one variable of the first point each, so those are taken that
   * differ from it in nothing else.
   */
  private List<Point> pointsFor(Variable variable) {
    Point first = points.get(0);
    return points.stream()
        .filter(
            point ->
                first.group().isEmpty()
                    || VARIABLES.stream()
                        .filter(other -> !other.equals(variable) && !other.id().equals("group"))
                        .allMatch(
                            other -> other.value().apply(point).equals(other.value().apply(first))))
        .toList();
  }

  /** Each figure against each variable that is varied, and the surfaces over two of them. */
  public List<Chart> charts() {
    var charts = new ArrayList<Chart>();
    for (Variable variable : varied()) {
      if (variable.id().equals("group")) {
        continue;
      }
      for (Figure figure : FIGURES) {
        charts.add(against(variable, figure));
      }
    }
    charts.addAll(surfaces());
    return charts;
  }

  /** Means over all that has the value, and over their seeds. */
  private Chart against(Variable variable, Figure figure) {
    List<Point> telling = pointsFor(variable);
    List<String> values = telling.stream().map(variable.value()).distinct().toList();
    ObjectNode option = base(variable.name(), figure.name() + ", " + figure.unit(), values);
    Zoom.across(option);
    ArrayNode series = option.putArray("series");
    ObjectNode bars = series.addObject();
    bars.put("type", "bar").put("name", "mean").put("barMaxWidth", 40);
    ArrayNode data = bars.putArray("data");
    ObjectNode intervals = series.addObject();
    intervals
        .put("type", "lines")
        .put("name", "95 % interval")
        .put("coordinateSystem", "cartesian2d");
    intervals.put("silent", true).put("z", 5);
    intervals.putObject("lineStyle").put("width", 2).put("opacity", 1).put("color", "#7b8794");
    ArrayNode ends = intervals.putArray("data");
    double highest = 0;
    for (int i = 0; i < values.size(); i++) {
      String value = values.get(i);
      List<Outcome> all =
          telling.stream()
              .filter(point -> variable.value().apply(point).equals(value))
              .flatMap(point -> of(point).stream())
              .toList();
      Estimate estimate = Estimate.of(all, figure.value());
      double overloaded = Estimate.of(all, Outcome::overloaded).mean();
      highest = Math.max(highest, estimate.mean() + estimate.halfWidth());
      ObjectNode bar = data.addObject();
      bar.put("value", round(estimate.mean()));
      bar.putObject("itemStyle").put("color", overloaded > 0 ? "#ee6666" : "#5470c6");
      ArrayNode line = ends.addObject().putArray("coords");
      line.addArray().add(i).add(round(Math.max(0, estimate.mean() - estimate.halfWidth())));
      line.addArray().add(i).add(round(estimate.mean() + estimate.halfWidth()));
    }
    // Of the intervals the axis does not know by itself.
    double step = Math.pow(10, Math.floor(Math.log10(Math.max(1e-3, highest))));
    option.withObject("/yAxis").put("max", round(Math.ceil(highest / step) * step));
    return new Chart(
        figure.id() + "-" + variable.id(),
        figure.title() + " against " + variable.name(),
        option,
        HEIGHT);
  }

  /** Each figure, and overload, over the two variables that vary most. */
  private List<Chart> surfaces() {
    List<Variable> two =
        varied().stream()
            .filter(variable -> !variable.id().equals("group"))
            .sorted(Comparator.comparingInt(variable -> -valuesOf(variable).size()))
            .limit(2)
            .toList();
    // The parts of a study are no surface.
    if (two.size() < 2 || !points.get(0).group().isEmpty()) {
      return List.of();
    }
    var charts = new ArrayList<Chart>();
    for (Figure figure : FIGURES) {
      charts.add(surface(figure, two.get(0), two.get(1)));
    }
    charts.add(surface(OVERLOAD, two.get(0), two.get(1)));
    return charts;
  }

  /** Where hosts must fall behind a cell has a red edge: that is the boundary. */
  private Chart surface(Figure figure, Variable across, Variable down) {
    List<String> columns = valuesOf(across);
    List<String> rows = valuesOf(down);
    ObjectNode option = base(across.name(), down.name(), columns);
    Zoom.bothWays(option);
    ObjectNode y = option.withObject("/yAxis");
    y.put("type", "category");
    rows.forEach(y.putArray("data")::add);
    option.withObject("/grid").put("left", 124).put("bottom", 110);
    y.put("nameGap", 96);
    ObjectNode map = option.putArray("series").addObject();
    map.put("type", "heatmap").put("name", figure.name() + ", " + figure.unit());
    map.putObject("label").put("show", true).put("color", "#1f2933");
    ArrayNode data = map.putArray("data");
    // Drawn last, or a neighbour would cover the edge.
    var overloaded = new ArrayList<ObjectNode>();
    double highest = 0;
    for (int c = 0; c < columns.size(); c++) {
      for (int r = 0; r < rows.size(); r++) {
        String column = columns.get(c);
        String row = rows.get(r);
        List<Outcome> all =
            points.stream()
                .filter(
                    point ->
                        across.value().apply(point).equals(column)
                            && down.value().apply(point).equals(row))
                .flatMap(point -> of(point).stream())
                .toList();
        if (!all.isEmpty()) {
          double mean = Math.round(100 * Estimate.of(all, figure.value()).mean()) / 100.0;
          highest = Math.max(highest, mean);
          ObjectNode cell = JSON.createObjectNode();
          cell.putArray("value").add(c).add(r).add(mean);
          boolean isOverloaded = Estimate.of(all, Outcome::overloaded).mean() > 0;
          cell.putObject("itemStyle")
              .put("borderColor", isOverloaded ? "#c92a2a" : "transparent")
              .put("borderWidth", isOverloaded ? 2 : 0);
          if (isOverloaded) {
            overloaded.add(cell);
          } else {
            data.add(cell);
          }
        }
      }
    }
    data.addAll(overloaded);
    ObjectNode colours = option.putObject("visualMap");
    colours.put("min", 0).put("max", Math.max(0.01, highest)).put("calculable", true);
    colours.put("precision", 2).put("orient", "horizontal").put("left", "center").put("bottom", 4);
    colours.putObject("inRange").putArray("color").add("#e8f0f8").add("#f3c98b").add("#e8833a");
    return new Chart(
        figure.id() + "-surface",
        "%s, %s, over %s and %s"
            .formatted(figure.title(), figure.unit(), across.name(), down.name()),
        option,
        HEIGHT + 60);
  }

  private static ObjectNode base(String xName, String yName, List<String> categories) {
    ObjectNode option = JSON.createObjectNode();
    option.put("animation", false);
    option.putObject("grid").put("left", 70).put("right", 20).put("top", 24).put("bottom", 70);
    ObjectNode x = option.putObject("xAxis");
    x.put("type", "category").put("name", xName).put("nameLocation", "middle").put("nameGap", 30);
    categories.forEach(x.putArray("data")::add);
    if (categories.size() <= MAX_LABELS) {
      x.put("nameGap", 40);
      x.putObject("axisLabel")
          .put("interval", 0)
          .put("width", 56)
          .put("overflow", "break")
          .put("lineHeight", 14);
    }
    option
        .putObject("yAxis")
        .put("type", "value")
        .put("name", yName)
        .put("nameLocation", "middle")
        .put("nameGap", 50);
    option.putObject("tooltip").put("trigger", "item");
    return option;
  }

  private static double round(double value) {
    return Math.round(value * 1000) / 1000.0;
  }
}
