package dev.tidings.spacetime;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.spacetime.SpaceTime.Event;
import dev.tidings.spacetime.SpaceTime.Kind;
import dev.tidings.spacetime.SpaceTime.Message;
import java.util.List;
import org.junit.jupiter.api.Test;

class ShiVizLogTest {
  @Test
  void log_says_how_to_read_it_and_then_what_happened() {
    var diagram =
        new SpaceTime(
            "ring",
            List.of("replica 1", "replica 2"),
            List.of(
                new Event(0, Kind.WRITE, 0, "write \"lost\""),
                new Event(1, Kind.RECEIVE, 2, "receive\n\"lost\"")),
            List.of(new Message(0, 1)),
            List.of());
    assertEquals(
        """
        (?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)

        replica-1 {"replica-1":1}
        write "lost"
        replica-2 {"replica-1":1, "replica-2":1}
        receive "lost"
        """,
        ShiVizLog.of(diagram));
  }

  @Test
  void names_that_become_one_word_stay_two_hosts() {
    var diagram =
        new SpaceTime(
            "",
            List.of("a b", "a-b"),
            List.of(new Event(0, Kind.READ, 0, "x"), new Event(1, Kind.READ, 0, "y")),
            List.of(),
            List.of());
    assertEquals(
        List.of("a-b {\"a-b\":1}", "x", "a-b-2 {\"a-b-2\":1}", "y"),
        ShiVizLog.of(diagram).lines().skip(2).toList());
  }
}
