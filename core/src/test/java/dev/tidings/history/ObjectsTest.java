package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.EnumSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.FieldSource;

/** What is wrong with objects, each by a small history, and by its neighbour that is right. */
class ObjectsTest {
  /** Those that only objects have. */
  static final Set<Pattern> PATTERNS =
      EnumSet.of(
          Pattern.MISSING_UPDATE,
          Pattern.UNDONE_READ,
          Pattern.WRONG_COUNT,
          Pattern.DOUBLE_READ,
          Pattern.FEED_ORDER);

  /**
   * @param legal the same, but for one thing
   * @param last the explanation's last sentence
   */
  private record Example(String name, Pattern pattern, String history, String legal, String last) {
    @Override
    public String toString() {
      return name;
    }
  }

  private static final List<Example> EXAMPLES =
      List.of(
          new Example(
              "lost increment",
              Pattern.WRONG_COUNT,
              """
              alice incr c 1
              alice incr c 1
              alice count c 1
              """,
              """
              alice incr c 1
              bob incr c 1
              alice count c 1
              """,
              "line 3: alice read counter c = 1, but the increments that this has seen come to 2"),
          new Example(
              "lost increment of which only its replica tells",
              Pattern.WRONG_COUNT,
              """
              alice incr c 1 @1@1
              bob incr c 1 @2@1
              carol count c 1 ^2@1
              """,
              """
              alice incr c 1 @1@1
              bob incr c 1 @2@1
              carol count c 1 ^1@1
              """,
              "line 3: carol read counter c = 1, but the increments that this has seen come to 2"),
          new Example(
              "increment that is behind what was seen",
              Pattern.MISSING_UPDATE,
              """
              alice incr c 1 @1@1
              alice w x 1
              bob r x 1
              bob count c 0 ^-
              """,
              """
              alice incr c 1 @1@1
              alice w x 1
              bob r x 1
              bob count c 1 ^1@1
              """,
              "line 4: bob then read counter c = 0, although line 1 had added 1"),
          new Example(
              "doubled increment",
              Pattern.WRONG_COUNT,
              """
              alice incr c 1 @1@1
              bob count c 2 ^1@1
              """,
              """
              alice incr c 2 @1@1
              bob count c 2 ^1@1
              """,
              "line 2: bob read counter c = 2, but the increments that this has seen come to 1"),
          new Example(
              "increment of unknown outcome, counted twice",
              Pattern.WRONG_COUNT,
              """
              alice incr c 1 ?
              bob incr c 1 @2@2
              bob count c 3 ^2@2
              """,
              """
              alice incr c 1 ?
              bob incr c 1 @2@2
              bob count c 2 ^2@2
              """,
              "line 3: bob read counter c = 3, but the increments that this has seen come to 1, and"
                  + " with others that it may have seen to something from 1 to 2"),
          new Example(
              "retry counted twice",
              Pattern.WRONG_COUNT,
              """
              alice incr c 1 @1@1 ~
              bob count c 2 ^1@1,2@2
              """,
              """
              alice incr c 1 @1@1 ~
              bob count c 1 ^2@2
              """,
              "line 2: bob read counter c = 2, but the increments that this has seen come to 1"),
          new Example(
              "increments that a delete had seen",
              Pattern.WRONG_COUNT,
              """
              alice incr c 5
              alice clear count c
              alice count c 5
              """,
              """
              alice incr c 5
              bob clear count c
              alice count c 5
              """,
              "line 3: alice read counter c = 5, but the increments that this has seen come to 0"),
          new Example(
              "delete that takes a concurrent increment",
              Pattern.WRONG_COUNT,
              """
              alice incr c 5 @1@1
              bob clear count c @2@2
              carol count c 0 ^2@2
              dave count c 0 ^1@1,2@2
              """,
              """
              alice incr c 5 @1@1
              bob clear count c @2@2
              carol count c 0 ^2@2
              dave count c 5 ^1@1,2@2
              """,
              "line 4: dave read counter c = 0, but the increments that this has seen come to 5"),
          new Example(
              "lost add",
              Pattern.MISSING_UPDATE,
              """
              alice add s a
              alice w x 1
              bob r x 1
              bob set s -
              """,
              """
              alice add s a
              alice w x 1
              bob set s -
              bob r x 1
              """,
              "line 4: bob then read set s = {}, although line 1 had added a"),
          new Example(
              "element that a removal had seen",
              Pattern.UNDONE_READ,
              """
              alice add s a
              bob set s a
              bob remove s a
              bob set s a
              """,
              """
              alice add s a
              carol add s a
              bob set s a
              bob remove s a
              bob set s a
              """,
              "line 4: bob then read set s = {a}, with what line 1 had done, which line 3 had undone"),
          new Example(
              "removal that takes a concurrent add",
              Pattern.MISSING_UPDATE,
              """
              alice add s a @1@1
              bob remove s a @2@2
              carol set s - ^2@2
              dave set s - ^1@1,2@2
              """,
              """
              alice add s a @1@1
              bob remove s a @2@2
              dave set s - ^1@1,2@2
              """,
              "line 4: dave read set s = {}, although line 1 had added a"),
          new Example(
              "lost append",
              Pattern.MISSING_UPDATE,
              """
              alice append f a
              bob feed f a
              bob append f b
              carol feed f b
              """,
              """
              alice append f a
              bob append f b
              carol feed f b
              """,
              "line 4: carol read feed f = {b}, although line 1 had appended a"),
          new Example(
              "append out of order",
              Pattern.FEED_ORDER,
              """
              alice append f a
              alice append f b
              bob feed f b,a
              """,
              """
              alice append f a
              alice append f b
              bob feed f a,b
              """,
              "line 3: bob read feed f = {b, a}, with line 1 behind what came after it"),
          new Example(
              "append out of the order of versions",
              Pattern.FEED_ORDER,
              """
              alice append f a @1@1
              bob append f b @2@2
              carol feed f b@2@2,a@1@1
              """,
              """
              alice append f a @1@1
              bob append f b @2@2
              carol feed f a@1@1,b@2@2
              """,
              "line 3: carol read feed f = {b, a}, with a at version 1@1 behind version 2@2"),
          new Example(
              "append read twice",
              Pattern.DOUBLE_READ,
              """
              alice append f a @1@1 ~
              bob feed f a@1@1,a@2@2
              """,
              """
              alice append f a @1@1 ~
              bob feed f a@2@2
              """,
              "line 2: bob read feed f = {a, a}, with a at version 2@2 twice"),
          new Example(
              "concurrent value dropped",
              Pattern.MISSING_UPDATE,
              """
              alice put m a @1@1
              bob put m b @2@2
              bob multi m b@2@2 ^2@2
              carol multi m b@2@2 ^1@1,2@2
              """,
              """
              alice put m a @1@1
              bob put m b @2@2
              carol multi m b@2@2 ^1@1,2@2
              """,
              "line 4: carol read multi m = {b}, although line 1 had put a"),
          new Example(
              "value that was replaced",
              Pattern.UNDONE_READ,
              """
              alice put m a
              bob multi m a
              bob put m b
              carol multi m a,b
              """,
              """
              alice put m a
              bob put m b
              carol multi m a,b
              """,
              "line 4: carol read multi m = {a, b}, with what line 1 had done, which line 3 had undone"),
          new Example(
              "group torn across types",
              Pattern.MISSING_UPDATE,
              """
              alice [ w x 1 ; add s a ; incr c 1 ]
              bob [ r x 1 ; set s - ]
              """,
              """
              alice [ w x 1 ; add s a ; incr c 1 ]
              bob [ r x 1 ; set s a ; count c 1 ]
              """,
              "line 2: bob in the same group read set s = {}, although line 1 had added a"),
          new Example(
              "register older than what came with an element",
              Pattern.WRITE_CO_INIT_READ,
              """
              alice [ w x 1 ; add s a ]
              bob set s a
              bob r x never
              """,
              """
              alice [ w x 1 ; add s a ]
              bob r x never
              bob set s a
              """,
              "line 3: bob then read that x was never written, although line 1 had written it"),
          new Example(
              "element that nobody added",
              Pattern.THIN_AIR_READ,
              """
              alice add s a
              bob set s a,b
              """,
              """
              alice add s a
              carol add s b
              bob set s a,b
              """,
              "line 2: bob read set s = {a, b}, but nobody wrote b there"),
          new Example(
              "element whose add was refused",
              Pattern.ABORTED_READ,
              """
              alice add s a !
              bob set s a
              """,
              """
              alice add s a ?
              bob set s a
              """,
              "line 2: bob read set s = {a}, with a all the same"),
          new Example(
              "entry at another version",
              Pattern.VERSION_CLASH,
              """
              alice append f a @1@1
              bob feed f a@2@2
              """,
              """
              alice append f a @1@1 ~
              bob feed f a@2@2
              """,
              "line 2: bob read feed f = {a}, with a at version 2@2 instead"),
          new Example(
              "map deleted, and its counter not",
              Pattern.WRONG_COUNT,
              """
              alice incr p/c 2
              alice unmap p
              alice count p/c 2
              """,
              """
              alice incr p/c 2
              alice unmap q
              alice count p/c 2
              """,
              "line 3: alice read counter c of map p = 2, but the increments that this has seen"
                  + " come to 0"),
          new Example(
              "add lost in the end",
              Pattern.LOST_WRITE,
              """
              alice add s a
              final 1 set s -
              """,
              """
              alice add s a ?
              final 1 set s -
              """,
              "line 2: at the end replica 1 held set s = {}, although line 1 had added a"),
          new Example(
              "replicas that end unlike",
              Pattern.DIVERGED,
              """
              alice incr c 1 ?
              final 1 count c 1
              final 2 count c 0
              """,
              """
              alice incr c 1 ?
              final 1 count c 1
              final 2 count c 1
              """,
              "line 3: at the end replica 2 held counter c = 0"));

  @ParameterizedTest
  @FieldSource("EXAMPLES")
  void is_found_and_explained_and_its_neighbour_is_causal(Example example) {
    for (Model model : List.of(Model.CC, Model.CCV)) {
      Judgement judgement = Checker.judge(Histories.of(example.history()), model, done -> {});
      Violation violation = judgement.violation().orElseThrow();
      assertEquals(example.pattern(), violation.pattern(), () -> told(judgement));
      assertEquals(example.last(), violation.steps().get(violation.steps().size() - 1).text());
      Judgement legal = Checker.judge(Histories.of(example.legal()), model, done -> {});
      assertTrue(legal.isCausal(), () -> told(legal));
    }
  }

  @Test
  void each_pattern_has_an_example() {
    assertTrue(
        EXAMPLES.stream().map(Example::pattern).collect(Collectors.toSet()).containsAll(PATTERNS));
  }

  private static String told(Judgement judgement) {
    return judgement
        .violation()
        .map(
            violation ->
                violation.headline()
                    + violation.steps().stream()
                        .map(step -> "\n" + step.text())
                        .collect(Collectors.joining()))
        .orElse("causal");
  }

  @Test
  void an_explanation_goes_the_whole_way() {
    Judgement judgement =
        Checker.judge(
            Histories.of(
                """
                alice add s a
                alice incr c 1
                bob count c 1 ^1@1
                bob append f x
                carol feed f x
                carol set s -
                """),
            Model.CCV,
            done -> {});
    assertTrue(judgement.isCausal(), "no version tells that bob counted what alice had added");

    Judgement told =
        Checker.judge(
            Histories.of(
                """
                alice add s a @1@1
                alice incr c 1 @2@1
                bob count c 1 ^2@1
                bob append f x @3@2
                carol feed f x@3@2
                carol set s - ^-
                """),
            Model.CCV,
            done -> {});
    assertEquals(
        """
        MissingUpdate
        line 1: alice added a to set s
        line 2: alice then added 1 to counter c
        line 3: bob read counter c = 1, changed in line 2
        line 4: bob then appended x to feed f
        line 5: carol read feed f = {x}, changed in line 4
        line 6: carol then read set s = {}, although line 1 had added a"""
            .stripIndent(),
        told(told));
  }

  @Test
  void the_session_guarantee_that_is_broken_is_named() {
    Judgement judgement =
        Checker.judge(
            Histories.of(
                """
                alice add s a
                alice set s -
                """),
            Model.CCV,
            done -> {});
    assertEquals(
        Optional.of(Guarantee.READ_YOUR_WRITES), judgement.violation().map(Violation::guarantee));
    assertTrue(judgement.broken().contains(Guarantee.READ_YOUR_WRITES));
  }
}
