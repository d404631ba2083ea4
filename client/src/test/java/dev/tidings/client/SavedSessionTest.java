package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import org.junit.jupiter.api.Test;

final class SavedSessionTest {
  private static final SavedSession SESSION =
      new SavedSession(
          "127.0.0.1:8000", Bytes.of("token"), 42, List.of(Bytes.of("one"), Bytes.of("two")));

  @Test
  void it_is_text_for_another_process() {
    String text = SESSION.toString();
    assertTrue(text.matches("[A-Za-z0-9_-]+"), text);
    assertEquals(SESSION, SavedSession.parse(text + "\n"));
    var empty = new SavedSession("[::1]:8000", Bytes.EMPTY, 0);
    assertEquals(empty, SavedSession.parse(empty.toString()));
  }

  @Test
  void text_that_is_none_is_refused_and_says_why() {
    String text = SESSION.toString();
    assertEquals(
        "the session is of format 2; this library reads format 1",
        refusal(text.replace("session-1-", "session-2-")));
    assertEquals("\"me\" is not a session", refusal("me"));
    for (int length = "tidings-session-1-".length() + 1; length < text.length(); length++) {
      assertTrue(refusal(text.substring(0, length)).startsWith("the session is damaged"));
    }
    for (int i = "tidings-session-1-".length(); i < text.length() - 1; i++) {
      String changed =
          text.substring(0, i) + (text.charAt(i) == 'A' ? 'B' : 'A') + text.substring(i + 1);
      assertTrue(refusal(changed).startsWith("the session is damaged"), changed);
    }
  }

  private static String refusal(String text) {
    return String.valueOf(
        assertThrows(IllegalArgumentException.class, () -> SavedSession.parse(text)).getMessage());
  }
}
