package dev.tidings.client.demo;

import static dev.tidings.client.demo.RingWord.FOUND;
import static dev.tidings.client.demo.RingWord.GLAD;
import static dev.tidings.client.demo.RingWord.LOST;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.api.Test;

class VerdictTest {
  /** Bob read only "found"; that "lost" came before "glad" follows. */
  private static final Map<RingWord, Set<RingWord>> KNEW =
      Map.of(LOST, Set.of(), FOUND, Set.of(LOST), GLAD, Set.of(FOUND));

  @Test
  void effects_shown_with_their_causes_are_causal() {
    Verdict verdict =
        verdict(
            reading(3, 0),
            reading(3, 15, LOST),
            reading(3, 18, LOST, FOUND, GLAD),
            reading(1, 4, LOST, FOUND));
    assertEquals("verdict: causal", verdict.toString());
    assertTrue(verdict.isCausal());
  }

  @Test
  void effect_without_its_cause_is_not_causal_and_told_once_with_place_and_time() {
    Verdict verdict =
        verdict(reading(3, 7.1, LOST, GLAD), reading(3, 8, LOST, GLAD), reading(2, 8, LOST));
    assertEquals(
        "verdict: NOT causal: replica 3, at 7.1 s, showed \"I am glad to hear that!\" without"
            + " \"I have found my wedding ring!\"",
        verdict.toString());
  }

  @Test
  void causes_of_causes_count() {
    assertEquals(
        List.of(
            "replica 3, at 7.0 s, showed \"I am glad to hear that!\" without"
                + " \"I have lost my wedding ring!\"",
            "replica 3, at 7.0 s, showed \"I have found my wedding ring!\" without"
                + " \"I have lost my wedding ring!\""),
        verdict(reading(3, 7, FOUND, GLAD)).problems().stream().sorted().toList());
  }

  @Test
  void effect_before_its_cause_is_not_causal() {
    assertEquals(
        List.of(
            "replica 2, at 5.0 s, showed \"I have found my wedding ring!\" before"
                + " \"I have lost my wedding ring!\""),
        verdict(reading(2, 5, FOUND, LOST)).problems());
  }

  @Test
  void message_that_a_reader_no_longer_sees_is_not_causal() {
    assertEquals(
        List.of("replica 1, at 4.0 s, no longer showed \"I have lost my wedding ring!\""),
        verdict(reading(1, 3, LOST), reading(1, 4), reading(1, 5, LOST)).problems());
  }

  @Test
  void replica_that_lags_behind_another_is_causal() {
    assertTrue(verdict(reading(1, 3, LOST), reading(2, 4)).isCausal());
  }

  @Test
  void concurrent_messages_may_be_shown_in_any_order() {
    var strangers = Map.of(LOST, Set.<RingWord>of(), GLAD, Set.<RingWord>of());
    List<Reading> readings = List.of(reading(1, 1, LOST), reading(2, 1, GLAD));
    assertTrue(Verdict.of(strangers, readings).isCausal());
  }

  private static Verdict verdict(Reading... readings) {
    return Verdict.of(KNEW, List.of(readings));
  }

  private static Reading reading(int replica, double seconds, RingWord... shown) {
    return new Reading("observer", replica, Math.round(seconds * 1e6), List.of(shown));
  }
}
