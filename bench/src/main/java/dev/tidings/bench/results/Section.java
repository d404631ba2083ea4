package dev.tidings.bench.results;

import java.util.ArrayList;
import java.util.List;

/**
 * One table, what was to be reached in it, and charts.
 *
 * @param title what was measured
 */
public record Section(
    String title, List<Column> columns, List<Row> rows, List<Target> targets, List<Chart> charts) {
  public Section {
    columns = List.copyOf(columns);
    rows = List.copyOf(rows);
    targets = List.copyOf(targets);
    charts = List.copyOf(charts);
  }

  /** As a table in plain text. */
  public String text() {
    List<List<String>> lines = new ArrayList<>();
    var head = new ArrayList<String>();
    head.add("");
    columns.forEach(column -> head.add(column.title()));
    lines.add(head);
    for (Row row : rows) {
      var line = new ArrayList<String>();
      line.add(row.contestant());
      columns.forEach(column -> line.add(column.text(row.figure(column))));
      lines.add(line);
    }
    int[] widths = new int[columns.size() + 1];
    for (List<String> line : lines) {
      for (int i = 0; i < line.size(); i++) {
        widths[i] = Math.max(widths[i], line.get(i).length());
      }
    }
    var text = new StringBuilder(title).append('\n');
    for (int i = 0; i < lines.size(); i++) {
      List<String> line = lines.get(i);
      text.append("  ").append(line.get(0)).append(" ".repeat(widths[0] - line.get(0).length()));
      for (int c = 1; c < line.size(); c++) {
        text.append("  ").append(" ".repeat(widths[c] - line.get(c).length())).append(line.get(c));
      }
      if (i > 0 && !rows.get(i - 1).note().isEmpty()) {
        text.append("  ").append(rows.get(i - 1).note());
      }
      text.append('\n');
    }
    targets.forEach(target -> text.append("  ").append(target.text()).append('\n'));
    return text.toString().replaceAll("(?m) +$", "");
  }
}
