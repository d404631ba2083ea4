package dev.tidings.spacetime;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.VectorClock;
import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import dev.tidings.spacetime.SpaceTime.Message;
import dev.tidings.spacetime.SpaceTime.Stall;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.api.Test;

class SpaceTimeTest {
  private static final List<Event> THREE =
      List.of(
          new Event(0, Kind.WRITE, 0, "a"),
          new Event(1, Kind.RECEIVE, 10, "b"),
          new Event(1, Kind.WRITE, 10, "c"));

  @Test
  void receipt_knows_what_its_message_knew_and_counts_itself() {
    var diagram = diagram(THREE, List.of(new Message(0, 1)), List.of());
    assertEquals(
        List.of(
            VectorClock.of(Map.of(1, 1L)),
            VectorClock.of(Map.of(1, 1L, 2, 1L)),
            VectorClock.of(Map.of(1, 1L, 2, 2L))),
        diagram.vectorClocks());
  }

  @Test
  void message_that_goes_back_is_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> diagram(THREE, List.of(new Message(1, 0)), List.of()));
    List<Event> early =
        List.of(new Event(0, Kind.WRITE, 10, "a"), new Event(1, Kind.RECEIVE, 9, "b"));
    assertThrows(
        IllegalArgumentException.class,
        () -> diagram(early, List.of(new Message(0, 1)), List.of()));
  }

  @Test
  void message_within_a_process_is_refused() {
    assertThrows(
        IllegalArgumentException.class,
        () -> diagram(THREE, List.of(new Message(1, 2)), List.of()));
  }

  @Test
  void stall_that_ends_elsewhere_is_refused() {
    assertThrows(
        IllegalArgumentException.class, () -> diagram(THREE, List.of(), List.of(new Stall(0, 1))));
  }

  @Test
  void events_of_a_process_out_of_order_are_refused() {
    List<Event> disordered =
        List.of(new Event(0, Kind.WRITE, 5, "a"), new Event(0, Kind.WRITE, 4, "b"));
    assertThrows(IllegalArgumentException.class, () -> diagram(disordered, List.of(), List.of()));
  }

  /** Against happens-before as the closure of its definition. */
  @Test
  void vector_times_are_ordered_exactly_as_the_events_are() {
    for (long seed = 0; seed < 50; seed++) {
      SpaceTime diagram = random(new Random(seed));
      List<VectorClock> clocks = diagram.vectorClocks();
      boolean[][] before = happensBefore(diagram);
      for (int a = 0; a < clocks.size(); a++) {
        for (int b = 0; b < clocks.size(); b++) {
          assertEquals(
              before[a][b],
              clocks.get(a).compare(clocks.get(b)) == VectorClock.Order.BEFORE,
              "seed " + seed + ", events " + a + " and " + b);
        }
      }
    }
  }

  @Test
  void each_event_counts_at_its_own_process_without_a_gap() {
    SpaceTime diagram = random(new Random(7));
    long[] counts = new long[diagram.processes().size()];
    List<VectorClock> clocks = diagram.vectorClocks();
    for (int i = 0; i < clocks.size(); i++) {
      int process = diagram.events().get(i).process();
      counts[process]++;
      assertEquals(counts[process], clocks.get(i).of(process + 1));
    }
    assertTrue(clocks.size() > 10);
  }

  private static SpaceTime diagram(List<Event> events, List<Message> messages, List<Stall> stalls) {
    return new SpaceTime("title", List.of("one", "two"), events, messages, stalls);
  }

  static SpaceTime random(Random random) {
    var events = new ArrayList<Event>();
    var messages = new ArrayList<Message>();
    for (int i = 0; i < 25; i++) {
      int process = random.nextInt(4);
      events.add(new Event(process, Kind.WRITE, i, "event " + i));
      if (i > 0 && random.nextInt(3) > 0) {
        int sender = random.nextInt(i);
        if (events.get(sender).process() != process) {
          messages.add(new Message(sender, i));
        }
      }
    }
    return new SpaceTime("random", List.of("a", "b", "c", "d"), events, messages, List.of());
  }

  private static boolean[][] happensBefore(SpaceTime diagram) {
    int n = diagram.events().size();
    var before = new boolean[n][n];
    for (int a = 0; a < n; a++) {
      for (int b = a + 1; b < n; b++) {
        before[a][b] = diagram.events().get(a).process() == diagram.events().get(b).process();
      }
    }
    diagram.messages().forEach(message -> before[message.from()][message.to()] = true);
    for (int via = 0; via < n; via++) {
      for (int a = 0; a < n; a++) {
        for (int b = 0; b < n; b++) {
          before[a][b] |= before[a][via] && before[via][b];
        }
      }
    }
    return before;
  }
}
