package dev.tidings.bench.results;

import java.awt.Color;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.knowm.xchart.ChartEncoder;
import org.knowm.xchart.XYChart;
import org.knowm.xchart.XYChartBuilder;
import org.knowm.xchart.style.markers.SeriesMarkers;

/**
 * All results of a directory as one page, which needs nothing from elsewhere and can be read in a
 * light and in a dark room.
 */
public final class ResultsPage {
  /** For lines and words on white and on black alike. */
  private static final Color MIDDLE = new Color(0x80, 0x80, 0x80);

  private static final Color FAINT = new Color(0x80, 0x80, 0x80, 0x50);
  private static final Color NONE = new Color(0, 0, 0, 0);
  private static final Color[] LINES = {
    new Color(0x2f, 0x7f, 0xd6),
    new Color(0xd9, 0x6a, 0x1c),
    new Color(0x2f, 0x9e, 0x5a),
    new Color(0xb0, 0x55, 0xc0)
  };

  private static final String STYLE =
      """
      :root { color-scheme: light dark; }
      body { font: 15px/1.45 system-ui, sans-serif; max-width: 62rem; margin: 2rem auto; padding: 0 1rem; }
      table { border-collapse: collapse; width: 100%; margin: .5rem 0; }
      th, td { text-align: right; padding: .2rem .6rem; border-bottom: 1px solid #8884; white-space: nowrap; }
      th:first-child, td:first-child { text-align: left; }
      td.bar { width: 30%; } td.bar div { height: .9em; background: #2f7fd6; border-radius: 2px; }
      .held::before { content: "✓ "; color: #2f9e5a; } .missed::before { content: "✗ "; color: #d64545; }
      ul { list-style: none; padding: 0; } .machine { opacity: .75; }
      img { max-width: 100%; }
      """;

  private ResultsPage() {}

  /** Writes {@code index.html}, and a file for each chart, of all results that are there. */
  public static Path write(Path directory) throws IOException {
    var html =
        new StringBuilder("<!DOCTYPE html>\n<html lang=\"en\"><meta charset=\"utf-8\">\n")
            .append("<meta name=\"viewport\" content=\"width=device-width\">\n")
            .append("<title>Tidings, measured</title>\n<style>\n")
            .append(STYLE)
            .append("</style>\n<h1>Tidings, measured</h1>\n");
    List<Path> files;
    try (Stream<Path> all = Files.list(directory)) {
      files = all.filter(file -> file.toString().endsWith(".json")).sorted().toList();
    }
    for (Path file : files) {
      append(html, Report.read(file), directory);
    }
    Path page = directory.resolve("index.html");
    Files.writeString(page, html);
    return page;
  }

  private static void append(StringBuilder html, Report report, Path directory) throws IOException {
    html.append("<h2>").append(escape(report.part())).append("</h2>\n<p class=\"machine\">");
    html.append(escape(report.machine().at() + ", " + report.machine().text()));
    String stolen = StolenTime.text(report.stolen());
    html.append(stolen.isEmpty() ? "" : "; " + escape(stolen)).append("</p>\n");
    int charts = 0;
    for (Section section : report.sections()) {
      html.append("<h3>").append(escape(section.title())).append("</h3>\n");
      appendTable(html, section);
      for (Chart chart : section.charts()) {
        String name = report.part() + "-" + ++charts + ".svg";
        draw(chart, directory.resolve(name));
        html.append("<p><img alt=\"").append(escape(chart.title())).append("\" src=\"");
        html.append(name).append("\"></p>\n");
      }
    }
  }

  private static void appendTable(StringBuilder html, Section section) {
    Column first = section.columns().get(0);
    double most =
        section.rows().stream()
            .mapToDouble(row -> row.figure(first))
            .filter(figure -> !Double.isNaN(figure))
            .max()
            .orElse(1);
    html.append("<table><tr><th></th><th></th>");
    section.columns().forEach(column -> cell(html, "th", column.title()));
    html.append("</tr>\n");
    for (Row row : section.rows()) {
      html.append("<tr>");
      cell(html, "td", row.contestant());
      double figure = row.figure(first);
      html.append("<td class=\"bar\">");
      if (Double.isNaN(figure)) {
        html.append(escape(row.note()));
      } else {
        html.append("<div style=\"width:%d%%\"></div>".formatted(Math.round(100 * figure / most)));
      }
      html.append("</td>");
      section.columns().forEach(column -> cell(html, "td", column.text(row.figure(column))));
      html.append("</tr>\n");
    }
    html.append("</table>\n<ul>\n");
    for (Target target : section.targets()) {
      html.append("<li class=\"").append(target.held() ? "held" : "missed").append("\">");
      html.append(escape(target.claim())).append("</li>\n");
    }
    html.append("</ul>\n");
  }

  private static void cell(StringBuilder html, String tag, String text) {
    html.append('<').append(tag).append('>').append(escape(text));
    html.append("</").append(tag).append('>');
  }

  private static String escape(String text) {
    return text.replace("&", "&amp;").replace("<", "&lt;").replace("\"", "&quot;");
  }

  private static void draw(Chart chart, Path file) throws IOException {
    XYChart drawn =
        new XYChartBuilder()
            .width(800)
            .height(420)
            .title(chart.title())
            .xAxisTitle(chart.xTitle())
            .yAxisTitle(chart.yTitle())
            .build();
    drawn
        .getStyler()
        .setXAxisLogarithmic(chart.xLogarithmic())
        .setYAxisLogarithmic(chart.yLogarithmic())
        .setAxisTickLabelsColor(MIDDLE)
        .setAxisTickMarksColor(MIDDLE)
        .setPlotGridLinesColor(FAINT)
        .setSeriesColors(LINES)
        .setPlotBackgroundColor(NONE)
        .setPlotBorderColor(FAINT)
        .setChartBackgroundColor(NONE)
        .setChartFontColor(MIDDLE)
        .setLegendBackgroundColor(NONE)
        .setLegendBorderColor(NONE);
    List<String> names = new ArrayList<>();
    for (Chart.Line line : chart.lines()) {
      // Names tell lines apart, so they differ.
      String name = names.contains(line.name()) ? line.name() + " again" : line.name();
      names.add(name);
      drawn.addSeries(name, line.x(), line.y()).setMarker(SeriesMarkers.NONE);
    }
    try (OutputStream out = Files.newOutputStream(file)) {
      ChartEncoder.saveChart(drawn, out, "svg");
    }
  }
}
