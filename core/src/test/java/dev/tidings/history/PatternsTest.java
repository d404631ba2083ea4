package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** Each pattern by its smallest histories, and by their neighbours that lack it. */
class PatternsTest {
  private static final Set<Model> ALL = EnumSet.allOf(Model.class);
  private static final Set<Model> CC_AND_CCV = EnumSet.of(Model.CC, Model.CCV);
  private static final Set<Model> CCV_AND_SESSION = EnumSet.of(Model.CCV, Model.SESSION);
  private static final Set<Model> CCV_ONLY = EnumSet.of(Model.CCV);

  /**
   * A history that has a pattern.
   *
   * @param models those that forbid it; by the others the history is causal
   * @param legal the same, but for one value or version
   * @param sentences the explanation; empty where it is told in ExplanationTest alone
   */
  private record Example(
      Pattern pattern, Set<Model> models, String history, String legal, List<String> sentences) {
    static Example of(
        Pattern pattern, Set<Model> models, String history, String legal, String... sentences) {
      return new Example(pattern, models, history, legal, List.of(sentences));
    }
  }

  private static final List<Example> EXAMPLES =
      List.of(
          Example.of(
              Pattern.CYCLIC_CO,
              ALL,
              """
              alice r x 1
              alice w x 1
              """,
              """
              alice r x -
              alice w x 1
              """,
              "line 1: alice read x = 1, written in line 2",
              "line 2: alice then wrote x = 1, which line 1 had read before"),
          Example.of(
              Pattern.CYCLIC_CO,
              ALL,
              """
              alice r x 1
              alice w y 2
              bob r y 2
              bob w x 1
              """,
              """
              alice r x 1
              alice w y 2
              bob r y -
              bob w x 1
              """,
              "line 3: bob read y = 2, written in line 2",
              "line 4: bob then wrote x = 1",
              "line 1: alice read x = 1, written in line 4",
              "line 2: alice then wrote y = 2, which line 3 had read before"),
          Example.of(
              Pattern.WRITE_CO_INIT_READ,
              ALL,
              """
              alice w x 1
              alice r x -
              """,
              """
              alice w x 1
              alice r x 1
              """,
              "line 1: alice wrote x = 1",
              "line 2: alice then read that x was never written, although line 1 had written it"),
          Example.of(
              Pattern.THIN_AIR_READ,
              ALL,
              """
              alice r x 1
              """,
              """
              alice r x -
              """,
              "line 1: alice read x = 1, which nobody wrote"),
          Example.of(
              Pattern.THIN_AIR_READ,
              ALL,
              """
              alice w x 1 @7
              bob r x 2 @7
              """,
              """
              alice w x 1 @7
              bob r x 1 @7
              """,
              "line 2: bob read x = 2 at version 7, which is not what was written at that version: line 1 wrote x = 1"),
          Example.of(
              Pattern.WRITE_CO_READ,
              ALL,
              """
              alice w x 1
              alice w x 2
              alice r x 1
              """,
              """
              alice w x 1
              alice w x 2
              alice r x 2
              """,
              "line 1: alice wrote x = 1",
              "line 2: alice then wrote x = 2",
              "line 3: alice then read x = 1 (line 1), which line 2 had replaced"),
          Example.of(
              Pattern.CYCLIC_CF,
              CCV_ONLY,
              """
              alice w x 1
              bob w x 2
              alice r x 2
              bob r x 1
              """,
              """
              alice w x 1
              bob w x 2
              alice r x 2
              bob r x 2
              """,
              "line 1: alice wrote x = 1",
              "line 3: alice then read x = 2 (line 2): so that is newer than x = 1 (line 1)",
              "line 2: bob wrote x = 2",
              "line 4: bob then read x = 1 (line 1): so that is newer than x = 2 (line 2)"),
          Example.of(
              Pattern.CYCLIC_CF,
              CCV_ONLY,
              """
              alice w x 1 @2
              alice w x 2 @1
              """,
              """
              alice w x 1 @2
              alice w x 2 @3
              """),
          Example.of(
              Pattern.CYCLIC_CF,
              CCV_AND_SESSION,
              """
              alice w x 1 @2
              bob w x 2 @1
              alice r x 2
              """,
              """
              alice w x 1 @2
              bob w x 2 @3
              alice r x 2
              """,
              "line 2: bob wrote x = 2",
              "line 1: alice wrote x = 1",
              "line 3: alice then read x = 2 (line 2) at version 1, older than version 2 (line 1)"),
          Example.of(
              Pattern.ABORTED_READ,
              ALL,
              """
              alice w x 1 !
              bob r x 1
              """,
              """
              alice w x 1 !
              bob r x -
              """,
              "line 1: alice wrote x = 1, and it did not happen",
              "line 2: bob read x = 1, written in line 1 all the same"),
          Example.of(
              Pattern.HALF_READ,
              CC_AND_CCV,
              """
              alice [ w x 1 ; w y 1 ]
              bob [ r x 1 ; r y - ]
              """,
              """
              alice [ w x 1 ; w y 1 ]
              bob [ r x 1 ; r y 1 ]
              """,
              "line 1: alice wrote y = 1",
              "line 1: alice in the same group wrote x = 1",
              "line 2: bob read x = 1, written in line 1",
              "line 2: bob in the same group read that y was never written, although line 1 had written it"),
          Example.of(
              Pattern.HALF_READ,
              CC_AND_CCV,
              """
              alice [ w x 1 ; w y 1 ]
              bob [ w x 2 ; w y 2 ]
              carol [ r x 1 ; r y 2 ]
              """,
              """
              alice [ w x 1 ; w y 1 ]
              bob [ w x 2 ; w y 2 ]
              carol [ r x 2 ; r y 2 ]
              """),
          Example.of(
              Pattern.OWN_WRITE_READ,
              ALL,
              """
              alice [ w x 1 ; r x 2 ]
              """,
              """
              alice [ w x 1 ; r x 1 ]
              """,
              "line 1: alice wrote x = 1",
              "line 1: alice in the same group read x = 2 instead"),
          Example.of(
              Pattern.INTERMEDIATE_READ,
              ALL,
              """
              alice [ w x 1 ; w x 2 ]
              bob r x 1
              """,
              """
              alice [ w x 1 ; w x 2 ]
              bob r x 2
              """,
              "line 1: alice wrote x = 1",
              "line 1: alice in the same group wrote x = 2, which replaced it",
              "line 2: bob read x = 1, written in line 1, which was never to be seen"),
          Example.of(
              Pattern.FUTURE_READ,
              ALL,
              """
              alice [ r x 1 ; w x 1 ]
              """,
              """
              alice [ r x - ; w x 1 ]
              """,
              "line 1: alice read x = 1",
              "line 1: alice in the same group wrote x = 1, only after it was read"),
          Example.of(
              Pattern.NON_REPEATABLE_READ,
              ALL,
              """
              alice w x 1
              bob [ r x 1 ; r x - ]
              """,
              """
              alice w x 1
              bob [ r x 1 ; r x 1 ]
              """,
              "line 2: bob read x = 1, written in line 1",
              "line 2: bob in the same group read that x was never written instead"),
          Example.of(
              Pattern.NON_REPEATABLE_READ,
              ALL,
              """
              alice w x 1
              bob [ r x - ; r x 1 ]
              """,
              """
              alice w x 1
              bob [ r x - ; r x - ]
              """,
              "line 2: bob read that x was never written",
              "line 2: bob in the same group read x = 1, written in line 1 instead"),
          Example.of(
              Pattern.VERSION_CLASH,
              ALL,
              """
              alice w x 1 @7
              bob w x 2 @7
              """,
              """
              alice w x 1 @7
              bob w x 2 @8
              """,
              "line 1: alice wrote x = 1 at version 7",
              "line 2: bob wrote x = 2 at version 7"),
          Example.of(
              Pattern.VERSION_CLASH,
              ALL,
              """
              alice w x 1
              bob r x 1 @7
              carol r x 1 @8
              """,
              """
              alice w x 1
              bob r x 1 @7
              carol r x 1 @7
              """,
              "line 1: alice wrote x = 1",
              "line 2: bob read x = 1 at version 7, written in line 1",
              "line 3: carol read x = 1 at version 8, written in line 1"),
          Example.of(
              Pattern.VERSION_CLASH,
              ALL,
              """
              alice w x 1
              bob w x 2
              carol r x 1 @7
              dave r x 2 @7
              """,
              """
              alice w x 1
              bob w x 2
              carol r x 1 @7
              dave r x 2 @8
              """,
              "line 3: carol read x = 1 at version 7, written in line 1",
              "line 4: dave read x = 2 at version 7, written in line 2"),
          Example.of(
              Pattern.VERSION_CLASH,
              ALL,
              """
              alice w x 1 @1
              bob r x 1 @2
              """,
              """
              alice w x 1 @1
              bob r x 1 @1
              """,
              "line 1: alice wrote x = 1 at version 1",
              "line 2: bob read x = 1 at version 2, written in line 1"),
          Example.of(
              Pattern.THIN_AIR_READ,
              ALL,
              """
              alice w x 1 @5 ?
              bob r x 1 @6
              """,
              """
              alice w x 1 @5 ?
              bob r x 1 @5
              """,
              "line 2: bob read x = 1 at version 6, which nobody wrote"),
          Example.of(
              Pattern.CYCLIC_CF,
              EnumSet.of(Model.CCV),
              """
              alice w x 1 @2
              alice w x 2 @1
              """,
              """
              alice w x 1 @1
              alice w x 2 @2
              """,
              "line 1: alice wrote x = 1",
              "line 2: alice then wrote x = 2 at version 1, older than version 2 (line 1)"),
          Example.of(
              Pattern.LOST_WRITE,
              EnumSet.of(Model.CCV, Model.SESSION),
              """
              bob w y - @6
              alice w y 3 @13
              final 1 y -
              """,
              """
              bob w y - @14
              alice w y 3 @13
              final 1 y -
              """,
              "line 2: alice wrote y = 3",
              "line 3: at the end replica 1 held nothing for y, although line 2 had written it"),
          Example.of(
              Pattern.LOST_WRITE,
              ALL,
              """
              alice w x 1
              final 3 x -
              """,
              """
              alice w x 1
              final 3 x 1
              """,
              "line 1: alice wrote x = 1",
              "line 2: at the end replica 3 held nothing for x, although line 1 had written it"),
          Example.of(
              Pattern.LOST_WRITE,
              ALL,
              """
              alice w x 1
              alice w x 2
              final 3 x 1
              """,
              """
              alice w x 1
              alice w x 2
              final 3 x 2
              """,
              "line 1: alice wrote x = 1",
              "line 2: alice then wrote x = 2",
              "line 3: at the end replica 3 held x = 1 (line 1), which line 2 had replaced"),
          Example.of(
              Pattern.LOST_WRITE,
              EnumSet.of(Model.CCV, Model.SESSION),
              """
              alice w x 1 @1
              bob w x 2 @2
              final 3 x 1
              """,
              """
              alice w x 1 @1
              bob w x 2 @2
              final 3 x 2
              """,
              "line 1: alice wrote x = 1",
              "line 2: bob wrote x = 2",
              "line 3: at the end replica 3 held x = 1 (line 1) at version 1, older than version 2 (line 2)"),
          Example.of(
              Pattern.DIVERGED,
              ALL,
              """
              alice w x 1
              bob w x 2
              final 3 x 1
              final 4 x 2
              """,
              """
              alice w x 1
              bob w x 2
              final 3 x 2
              final 4 x 2
              """,
              "line 3: at the end replica 3 held x = 1, written in line 1",
              "line 4: at the end replica 4 held x = 2, written in line 2"));

  @ParameterizedTest
  @FieldSource("EXAMPLES")
  void isFoundByTheModelsThatForbidIt(Example example) {
    for (Model model : Model.values()) {
      Optional<Violation> found = violation(example.history(), model);
      assertEquals(
          example.models().contains(model) ? Optional.of(example.pattern()) : Optional.empty(),
          found.map(Violation::pattern),
          () -> model + ":\n" + example.history());
    }
  }

  @ParameterizedTest
  @FieldSource("EXAMPLES")
  void isExplainedInTheseSentences(Example example) {
    for (Model model : example.models()) {
      List<String> told =
          violation(example.history(), model).orElseThrow().steps().stream()
              .map(Violation.Step::text)
              .toList();
      assertEquals(example.sentences().isEmpty() ? told : example.sentences(), told);
    }
  }

  @ParameterizedTest
  @FieldSource("EXAMPLES")
  void isNotFoundInTheNeighbour(Example example) {
    for (Model model : Model.values()) {
      assertEquals(Optional.empty(), violation(example.legal(), model), example::legal);
    }
  }

  @Test
  void allHaveAnExample() {
    assertEquals(
        EnumSet.complementOf(EnumSet.copyOf(ObjectsTest.PATTERNS)),
        EXAMPLES.stream().map(Example::pattern).collect(Collectors.toSet()));
  }

  private static Optional<Violation> violation(String history, Model model) {
    return Checker.judge(Histories.of(history), model, done -> {}).violation();
  }
}
