package dev.tidings.bench.results;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ResultsPageTest {
  private static final Section SECTION =
      new Section(
          "Writes <all>",
          List.of(Column.RATE, Column.P99),
          List.of(
              Row.of("ours", Map.of(Column.RATE, 12_345.0, Column.P99, 1.5)),
              Row.without("theirs", "is not installed here")),
          List.of(
              Target.atLeast("as fast as theirs", Ratio.of(List.of(2.0), List.of(1.0)), 1),
              Target.atMost("at once", 1.5, 1)),
          List.of(
              new Chart(
                  "shares",
                  "ms",
                  "share",
                  true,
                  false,
                  List.of(new Chart.Line("causal", List.of(1.0, 2.0), List.of(0.5, 1.0))))));

  private static final Report REPORT =
      new Report(
          "store", new Machine("p", 2, "s", "j", "ext4", 1, 300, "now"), 0.47, List.of(SECTION));

  @TempDir private Path directory = Path.of("");

  @Test
  void a_report_is_the_same_when_it_is_read_again() throws IOException {
    REPORT.write(directory);
    assertEquals(REPORT, Report.read(directory.resolve("store.json")));
  }

  @Test
  void the_page_has_tables_targets_and_charts() throws IOException {
    REPORT.write(directory);
    String page = Files.readString(ResultsPage.write(directory));
    assertTrue(page.contains("Writes &lt;all>"), page);
    assertTrue(page.contains("had 47 % of the processors' time"), page);
    assertTrue(page.contains("12,345"), page);
    assertTrue(page.contains("is not installed here"), page);
    assertTrue(page.contains("class=\"held\">as fast as theirs: 2.00"), page);
    assertTrue(page.contains("class=\"missed\">at once: 1.50"), page);
    assertTrue(Files.readString(directory.resolve("store-1.svg")).contains("<svg"));
  }

  @Test
  void a_table_lines_figures_up() {
    assertEquals(
        """
        Writes <all>
                   ops/s  p99 ms
          ours    12,345    1.50
          theirs                  is not installed here
          held    as fast as theirs: 2.00
          MISSED  at once: 1.50
        """,
        SECTION.text());
  }
}
