package dev.tidings.lab.report;

import dev.tidings.lab.analysis.LoggedEvent;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;

/** A report for the terminal. */
public final class TextReport {
  private static final String BARS = "▁▂▃▄▅▆▇█";
  private static final int WIDTH = 40;
  private static final int SPARKED_HOSTS = 12;
  private static final int SHOWN_ROWS = 30;

  private TextReport() {}

  public static String of(RunAnalysis analysis) {
    Run run = analysis.run();
    var text = new StringBuilder();
    text.append(run.name()).append(": ").append(facts(run)).append("\n\n");
    analysis.findings().forEach(finding -> text.append("* ").append(finding).append('\n'));
    run.notes().forEach(note -> text.append("note: ").append(note).append('\n'));
    text.append('\n').append(sparks(analysis));
    for (Table table : Tables.of(analysis)) {
      List<List<Object>> rows = table.rows();
      boolean isCut = rows.size() > SHOWN_ROWS;
      Table shown =
          isCut
              ? new Table(table.id(), table.title(), table.columns(), rows.subList(0, SHOWN_ROWS))
              : table;
      text.append('\n').append(table.title()).append('\n').append(shown.toText()).append('\n');
      if (isCut) {
        text.append("… and ")
            .append(rows.size() - SHOWN_ROWS)
            .append(" more rows; --format csv writes all of them\n");
      }
    }
    return text.toString();
  }

  /** What was run, in a few words. */
  public static String facts(Run run) {
    int logged = run.hosts().size();
    return String.format(
        Locale.ROOT,
        "%s%,d host%s, %.1f s%s",
        logged == run.allHosts() ? "" : "%,d of ".formatted(logged),
        run.allHosts(),
        run.allHosts() == 1 ? "" : "s",
        run.duration(),
        run.mode().isEmpty() ? "" : ", " + run.mode());
  }

  /** Queue and jumps over time, a line each. */
  private static String sparks(RunAnalysis analysis) {
    Run run = analysis.run();
    var text = new StringBuilder();
    for (int host = 0; host < Math.min(SPARKED_HOSTS, run.hosts().size()); host++) {
      double[] queue = new double[WIDTH];
      Arrays.fill(queue, -1);
      double[] jump = new double[WIDTH];
      long clock = 0;
      List<LoggedEvent> events = run.hosts().get(host).events();
      for (int i = 0; i < events.size(); i++) {
        int at =
            (int)
                Math.min(WIDTH - 1, run.seconds(host, i) / Math.max(1e-9, run.duration()) * WIDTH);
        queue[at] = Math.max(queue[at], events.get(i).queueLength());
        jump[at] = Math.max(jump[at], (double) (events.get(i).lamportTime() - clock));
        clock = events.get(i).lamportTime();
      }
      // Where a slow host has no event its queue is as it was, as far as it knows.
      double last = 0;
      for (int i = 0; i < WIDTH; i++) {
        last = queue[i] < 0 ? last : queue[i];
        queue[i] = last;
      }
      text.append(
          String.format(
              Locale.ROOT,
              "host %-6d queue %s to %-5d largest jumps %s to %d%n",
              run.hosts().get(host).id(),
              spark(queue),
              analysis.hosts().get(host).largestQueue(),
              spark(jump),
              analysis.hosts().get(host).largestJump()));
    }
    return text.toString();
  }

  /** A line of bars, from 0 to the largest value. */
  static String spark(double[] values) {
    double largest = 0;
    for (double value : values) {
      largest = Math.max(largest, value);
    }
    var bars = new StringBuilder();
    for (double value : values) {
      int height =
          largest == 0 ? 0 : (int) Math.round(Math.max(0, value) / largest * (BARS.length() - 1));
      bars.append(BARS.charAt(height));
    }
    return bars.toString();
  }
}
