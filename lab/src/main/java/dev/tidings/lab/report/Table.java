package dev.tidings.lab.report;

import com.github.freva.asciitable.AsciiTable;
import com.github.freva.asciitable.Column;
import com.github.freva.asciitable.HorizontalAlign;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.regex.Pattern;

/**
 * A table as all forms of the report show it.
 *
 * @param id one word, which names files too
 * @param rows as many cells as columns: integers, decimals and text
 */
public record Table(String id, String title, List<String> columns, List<List<Object>> rows) {
  private static final Pattern NEEDS_QUOTES = Pattern.compile("[\",\r\n]");

  public Table {
    columns = List.copyOf(columns);
    rows = rows.stream().map(List::copyOf).toList();
    for (List<Object> row : rows) {
      if (row.size() != columns.size()) {
        throw new IllegalArgumentException("a row of " + id + " has " + row.size() + " cells");
      }
    }
  }

  /** A cell as people read it: decimals have two digits behind the point. */
  static String text(Object cell) {
    if (!(cell instanceof Double number)) {
      return String.valueOf(cell);
    }
    // The sum makes a 0 of what is -0.
    return String.format(Locale.ROOT, "%.2f", Math.round(number * 100) / 100.0 + 0.0);
  }

  /** For the terminal. */
  public String toText() {
    var shown = new ArrayList<com.github.freva.asciitable.ColumnData<List<Object>>>();
    for (int i = 0; i < columns.size(); i++) {
      int at = i;
      shown.add(
          new Column()
              .header(columns.get(i))
              .headerAlign(HorizontalAlign.RIGHT)
              .dataAlign(HorizontalAlign.RIGHT)
              .maxWidth(60)
              .with(row -> text(row.get(at))));
    }
    return AsciiTable.getTable(AsciiTable.NO_BORDERS, rows, shown);
  }

  /** As RFC 4180 has it, with a header and all digits. */
  public String toCsv() {
    var csv = new StringBuilder();
    line(csv, List.copyOf(columns));
    rows.forEach(row -> line(csv, row));
    return csv.toString();
  }

  private static void line(StringBuilder csv, List<?> cells) {
    for (int i = 0; i < cells.size(); i++) {
      String cell = String.valueOf(cells.get(i));
      csv.append(i == 0 ? "" : ",")
          .append(
              NEEDS_QUOTES.matcher(cell).find() ? "\"" + cell.replace("\"", "\"\"") + "\"" : cell);
    }
    csv.append("\r\n");
  }
}
