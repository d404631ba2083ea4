package dev.tidings.lab.report;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.fasterxml.jackson.databind.JsonNode;
import dev.tidings.lab.SampleRuns;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import java.nio.file.Path;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Function;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ChartsTest {
  private static final int DRAWN_HOSTS = 20;

  @TempDir private Path directory = Path.of("set by JUnit");

  /** The page follows the steps of the diagram; the naive model follows those of the whole run. */
  @Test
  void the_past_of_an_event_is_whole_though_it_leads_through_hosts_that_are_not_drawn()
      throws Exception {
    Run run = Run.read(SampleRuns.simulate(directory, "many", "4 3 2 1 ".repeat(10).strip()));
    JsonNode option =
        Charts.of(RunAnalysis.of(run)).stream()
            .filter(chart -> chart.id().equals("spacetime"))
            .findFirst()
            .orElseThrow()
            .option();
    JsonNode lanes = option.path("yAxis").path("data");
    assertEquals(DRAWN_HOSTS, lanes.size());
    JsonNode points = option.path("series").path(1).path("data");

    var drawn = new ArrayList<Run.Sending>();
    int[] counts = new int[DRAWN_HOSTS];
    for (int i = 0; i < points.size(); i++) {
      int lane = points.path(i).path("value").path(1).asInt();
      int id = Integer.parseInt(lanes.path(lane).asText().replace("host ", ""));
      drawn.add(new Run.Sending(id - 1, counts[lane]++));
    }

    int through = 0;
    for (int i = 0; i < points.size(); i += 7) {
      Set<Run.Sending> expected = reach(drawn.get(i), at -> before(run, at));
      expected.retainAll(new HashSet<>(drawn));
      Set<Run.Sending> told = new HashSet<>();
      reach(i, at -> before(points.path(at))).forEach(at -> told.add(drawn.get(at)));
      assertEquals(expected, told, "the past of " + points.path(i));
      through += points.path(i).path("through").size();
    }
    assertTrue(through > 0);
  }

  private static List<Integer> before(JsonNode point) {
    var before = new ArrayList<Integer>();
    before.add(point.path("value").path(5).asInt());
    before.add(point.path("value").path(6).asInt());
    point.path("through").forEach(at -> before.add(at.asInt()));
    before.removeIf(at -> at < 0);
    return before;
  }

  private static List<Run.Sending> before(Run run, Run.Sending at) {
    var before = new ArrayList<Run.Sending>();
    if (at.event() > 0) {
      before.add(new Run.Sending(at.host(), at.event() - 1));
    }
    Run.Sending sending = run.hosts().get(at.host()).sendings().get(at.event());
    if (sending != null) {
      before.add(sending);
    }
    return before;
  }

  private static <T> Set<T> reach(T start, Function<T, List<T>> before) {
    Set<T> seen = new HashSet<>();
    var todo = new ArrayDeque<T>(List.of(start));
    while (!todo.isEmpty()) {
      for (T next : before.apply(todo.remove())) {
        if (seen.add(next)) {
          todo.add(next);
        }
      }
    }
    return seen;
  }
}
