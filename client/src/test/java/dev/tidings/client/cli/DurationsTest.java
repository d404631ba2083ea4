package dev.tidings.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

class DurationsTest {
  @Test
  void durations_are_a_number_and_a_unit() {
    assertEquals(Duration.ofMillis(500), Durations.parse("500ms"));
    assertEquals(Duration.ofMillis(1_500), Durations.parse("1.5s"));
    assertEquals(Duration.ofMinutes(1), Durations.parse("1m"));
    for (String none : List.of("", "5", "s", "-1s", "1 s", "1d", "1e3s", "9999999999s")) {
      assertThrows(IllegalArgumentException.class, () -> Durations.parse(none), none);
    }
  }

  @Test
  void durations_in_words_can_be_parsed_again() {
    for (String text : List.of("0s", "500ms", "2s", "90s", "1m", "1500ms")) {
      assertEquals(text, Durations.words(Durations.parse(text)));
    }
  }
}
