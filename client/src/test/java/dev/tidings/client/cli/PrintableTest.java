package dev.tidings.client.cli;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.client.Bytes;
import org.junit.jupiter.api.Test;

class PrintableTest {
  @Test
  void printable_text_of_any_language_is_shown_as_it_is() {
    String text = "Blau, grün, 青, \ud83d\udc8d, a\\b";
    assertEquals(text, Printable.of(Bytes.of(text)));
    assertEquals("", Printable.of(Bytes.EMPTY));
  }

  @Test
  void what_could_move_a_cursor_or_turn_text_around_is_escaped() {
    assertEquals("a\\x0ab\\x1b[2J", Printable.of(Bytes.of("a\nb\u001b[2J")));
    assertEquals("\\xe2\\x80\\xae", Printable.of(Bytes.of("\u202e")));
  }

  @Test
  void bytes_that_are_not_utf8_are_escaped_one_by_one() {
    assertEquals(
        "a\\xff\\xc3b\\xe2\\x82",
        Printable.of(
            Bytes.of(new byte[] {'a', (byte) 0xff, (byte) 0xc3, 'b', (byte) 0xe2, (byte) 0x82})));
  }
}
