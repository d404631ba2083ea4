package dev.tidings.lab.report;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import java.util.List;
import java.util.Locale;

/** A report as one page that needs nothing else: no network, no other files. */
public final class HtmlReport {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final int MAX_ROWS = 1_000;

  private HtmlReport() {}

  /**
   * @param facts what was run, in one line
   * @param findings sentences, the most telling first
   * @param notes what was left out
   */
  public static String of(
      String title,
      String facts,
      List<String> findings,
      List<String> notes,
      List<Chart> charts,
      List<Table> tables) {
    var page = new StringBuilder();
    page.append("<!DOCTYPE html>\n<html lang=\"en\">\n<head>\n<meta charset=\"utf-8\">\n")
        .append("<meta name=\"viewport\" content=\"width=device-width, initial-scale=1\">\n")
        // Browsers ask for an icon otherwise.
        .append("<link rel=\"icon\" href=\"data:,\">\n<title>")
        .append(escape(title))
        .append("</title>\n<style>\n")
        .append(Resources.read("page.css"))
        .append("</style>\n</head>\n<body>\n<main>\n<h1>")
        .append(escape(title))
        .append("</h1>\n<p class=\"facts\">")
        .append(escape(facts))
        .append("</p>\n<ul class=\"findings\">\n");
    findings.forEach(finding -> page.append("<li>").append(escape(finding)).append("</li>\n"));
    page.append("</ul>\n");
    notes.forEach(note -> page.append("<p class=\"note\">").append(escape(note)).append("</p>\n"));
    page.append(
        "<p class=\"hint\">Hold Ctrl and turn the wheel to zoom a chart, drag to move it.</p>\n");
    // A study has three figures for each variable, which stand in a row.
    boolean hasSpaceTime = charts.stream().anyMatch(chart -> chart.id().equals("spacetime"));
    page.append(hasSpaceTime ? "<div class=\"charts\">\n" : "<div class=\"charts three\">\n");
    charts.forEach(chart -> add(page, chart));
    page.append("</div>\n<div class=\"after\">\n");
    tables.forEach(table -> add(page, table));
    page.append(
            "</div>\n<footer>Charts by Apache ECharts (Apache License 2.0), which is part of this file.</footer>\n</main>\n")
        .append("<script id=\"charts\" type=\"application/json\">")
        .append(json(charts))
        .append("</script>\n<script>\n")
        .append(Resources.echarts())
        .append("\n</script>\n<script>\n")
        .append(Resources.read("page.js"))
        .append("</script>\n</body>\n</html>\n");
    return page.toString();
  }

  private static void add(StringBuilder page, Chart chart) {
    boolean isSpaceTime = chart.id().equals("spacetime");
    boolean isWide = isSpaceTime || chart.id().equals("overload-surface");
    page.append(isWide ? "<section class=\"wide\">" : "<section>")
        .append("<h2>")
        .append(escape(chart.title()))
        .append("</h2>");
    if (isSpaceTime) {
      page.append(
          "<p class=\"hint\">Arrows are messages from sending to receipt, diamonds are jumps. Point at an event: its past turns blue, its future orange.<span id=\"lit\"></span></p>");
    }
    page.append("<div id=\"chart-")
        .append(chart.id())
        .append("\" style=\"width:100%;height:")
        .append(chart.height())
        .append("px\"></div></section>\n");
  }

  private static void add(StringBuilder page, Table table) {
    page.append("<section><h2>")
        .append(escape(table.title()))
        .append("</h2><div class=\"scroll\"><table><thead><tr>");
    table.columns().forEach(name -> page.append("<th>").append(escape(name)).append("</th>"));
    page.append("</tr></thead><tbody>\n");
    for (List<Object> row : table.rows().subList(0, Math.min(MAX_ROWS, table.rows().size()))) {
      page.append("<tr>");
      row.forEach(cell -> page.append("<td>").append(escape(Table.text(cell))).append("</td>"));
      page.append("</tr>\n");
    }
    page.append("</tbody></table></div>");
    if (table.rows().size() > MAX_ROWS) {
      page.append(
          String.format(
              Locale.ROOT,
              "<p class=\"hint\">The first %,d of %,d rows; the CSV has all.</p>",
              MAX_ROWS,
              table.rows().size()));
    }
    page.append("</section>\n");
  }

  private static String json(List<Chart> charts) {
    ArrayNode all = JSON.createArrayNode();
    charts.forEach(chart -> all.addObject().put("id", chart.id()).set("option", chart.option()));
    try {
      // So that no text ends the script.
      return JSON.writeValueAsString(all).replace("<", "\\u003c");
    } catch (JsonProcessingException e) {
      throw new AssertionError(e);
    }
  }

  static String escape(String text) {
    return text.replace("&", "&amp;")
        .replace("<", "&lt;")
        .replace(">", "&gt;")
        .replace("\"", "&quot;");
  }
}
