package dev.tidings.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;

import java.util.List;
import org.junit.jupiter.api.Test;

class WordsTest {
  @Test
  void line_is_cut_at_spaces() {
    assertEquals(List.of("put", "a", "1"), Words.of("  put a\t1 "));
    assertEquals(List.of(), Words.of("   "));
  }

  @Test
  void double_quotes_keep_spaces_together() {
    assertEquals(List.of("put", "a b", ""), Words.of("put \"a b\" \"\""));
    assertThrows(CommandFailure.class, () -> Words.of("put \"a b"));
  }

  @Test
  void apostrophes_are_letters() {
    assertEquals(List.of("say", "I'm", "glad"), Words.of("say I'm glad"));
  }

  @Test
  void backslash_takes_a_quote_or_a_backslash_as_it_is() {
    assertEquals(List.of("\"hi\"", "\\", "a\\b"), Words.of("\\\"hi\\\" \\\\ a\\b"));
  }
}
