package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.EnumSource;

/** Each session guarantee is broken by itself, in each of the ways to read something older. */
class GuaranteesTest {
  /** What a read of x is to follow, to break the guarantee. */
  private static String prelude(Guarantee guarantee) {
    return switch (guarantee) {
      case READ_YOUR_WRITES ->
          """
          reader w x new
          """;
      case MONOTONIC_READS ->
          """
          alice w x new
          reader r x new
          """;
      case MONOTONIC_WRITES ->
          """
          alice w x new
          alice w y 1
          reader r y 1
          """;
      case WRITES_FOLLOW_READS ->
          """
          alice w x new
          bob r x new
          bob w y 1
          reader r y 1
          """;
    };
  }

  @ParameterizedTest
  @EnumSource
  void isBrokenAloneByAReadOfNothing(Guarantee guarantee) {
    String history = prelude(guarantee) + "reader r x -\n";
    assertBroken(guarantee, "WriteCOInitRead", EnumSet.allOf(Model.class), history);
  }

  @ParameterizedTest
  @EnumSource
  void isBrokenAloneByAReadOfWhatWasReplaced(Guarantee guarantee) {
    String writer = guarantee == Guarantee.READ_YOUR_WRITES ? "reader" : "alice";
    String history = writer + " w x old\n" + prelude(guarantee) + "reader r x old\n";
    assertBroken(guarantee, "WriteCORead", EnumSet.allOf(Model.class), history);
  }

  @ParameterizedTest
  @EnumSource
  void isBrokenAloneByAReadOfALowerVersion(Guarantee guarantee) {
    String history =
        prelude(guarantee).replaceFirst("w x new", "w x new @2")
            + "stranger w x old @1\nreader r x old\n";
    assertBroken(guarantee, "CyclicCF", EnumSet.of(Model.CCV, Model.SESSION), history);
  }

  @ParameterizedTest
  @EnumSource
  void isKeptByAReadOfTheSameOrOfAConcurrentWrite(Guarantee guarantee) {
    for (String read : List.of("new", "other")) {
      String history = "stranger w x other\n" + prelude(guarantee) + "reader r x " + read;
      for (Model model : Model.values()) {
        Judgement judgement = judge(history, model);
        assertTrue(judgement.isCausal() && judgement.broken().isEmpty(), judgement::toString);
      }
    }
  }

  @ParameterizedTest
  @EnumSource
  void isKeptWhereOnlyAnotherSessionReadSomethingOlder(Guarantee guarantee) {
    String history = prelude(guarantee) + "stranger r x -\n";
    for (Model model : Model.values()) {
      assertEquals(Set.of(), judge(history, model).broken());
    }
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "MONOTONIC_WRITES    | alice w x 1, alice w y 1, bob [ r y 1 ; r x - ]",
        "WRITES_FOLLOW_READS | alice w x 1, bob r x 1, bob w y 1, carol [ r y 1 ; r x - ]",
        "WRITES_FOLLOW_READS | alice w x 1, bob [ r x 1 ; w y 1 ], carol r y 1, carol r x -",
        "WRITES_FOLLOW_READS | alice w x 1, bob [ r x 1 ; w y 1 ], carol [ r y 1 ; r x - ]"
      })
  void isBrokenAloneWithinGroupsToo(Guarantee guarantee, String history) {
    assertBroken(
        guarantee,
        "WriteCOInitRead",
        EnumSet.allOf(Model.class),
        String.join("\n", history.split(", ", -1)));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      textBlock =
          """
          MONOTONIC_WRITES    | alice w x 1, alice w y 2 ?, bob r y 2, bob r x -
          WRITES_FOLLOW_READS | alice w x 1, bob r x 1, bob w y 2 ?, carol r y 2, carol r x -
          WRITES_FOLLOW_READS | alice w x 1, bob [ r x 1 ; w y 2 ] ?, carol r y 2, carol r x -
          """)
  void isBrokenThroughAWriteWithoutAnAnswerThatWasRead(Guarantee guarantee, String history) {
    assertBroken(
        guarantee,
        "WriteCOInitRead",
        EnumSet.allOf(Model.class),
        history.replaceAll(",\\s*", "\n"));
  }

  @Test
  void theRingThatWasFoundIsNotLostAgain() {
    Judgement judgement =
        judge(
            """
            alice w ring lost
            alice w ring found
            bob r ring found
            bob w answer glad
            carol r answer glad
            carol r ring lost
            """,
            Model.CC);
    Violation violation = judgement.violation().orElseThrow();
    assertEquals("WriteCORead (writes follow reads)", violation.headline());
    assertEquals(Set.of(Guarantee.WRITES_FOLLOW_READS), judgement.broken());
    assertEquals(
        List.of(
            "line 1: alice wrote ring = lost",
            "line 2: alice then wrote ring = found",
            "line 3: bob read ring = found, written in line 2",
            "line 4: bob then wrote answer = glad",
            "line 5: carol read answer = glad, written in line 4",
            "line 6: carol then read ring = lost (line 1), which line 2 had replaced"),
        violation.steps().stream().map(Violation.Step::text).toList());
  }

  @Test
  void allAreKeptWhereTheEffectIsTwoSessionsAway() {
    String history =
        """
        alice w x 1
        bob r x 1
        bob w y 1
        carol r y 1
        carol w z 1
        dave r z 1
        dave r x -
        """;
    assertTrue(judge(history, Model.SESSION).isCausal());
    Violation violation = judge(history, Model.CC).violation().orElseThrow();
    assertEquals("WriteCOInitRead", violation.headline());
  }

  @Test
  void allThatAreBrokenAreToldAndTheSmallestIsExplained() {
    Judgement judgement =
        judge(
            """
            alice w x 1
            alice w y 1
            bob r y 1
            bob r x -
            carol w z 1
            carol r z -
            """,
            Model.SESSION);
    assertEquals(
        Set.of(Guarantee.MONOTONIC_WRITES, Guarantee.READ_YOUR_WRITES), judgement.broken());
    assertEquals(
        "WriteCOInitRead (read your writes)", judgement.violation().orElseThrow().headline());
  }

  private static void assertBroken(
      Guarantee guarantee, String pattern, Set<Model> models, String history) {
    for (Model model : models) {
      Judgement judgement = judge(history, model);
      assertEquals(Set.of(guarantee), judgement.broken(), () -> model + ":\n" + history);
      assertEquals(
          pattern + " (" + guarantee.words() + ")",
          judgement.violation().orElseThrow().headline(),
          () -> model + ":\n" + history);
    }
    for (Model model : EnumSet.complementOf(EnumSet.copyOf(models))) {
      assertTrue(judge(history, model).isCausal(), () -> model + ":\n" + history);
    }
  }

  private static Judgement judge(String history, Model model) {
    return Checker.judge(Histories.of(history), model, done -> {});
  }
}
