package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.Map;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Accepted conditions, and registers that are a map's fields. */
class ConditionsTest {
  private static final int SEEDS = 2_000;

  private static Judgement judge(String history) {
    return Checker.judge(Histories.of(history), Model.CCV, done -> {});
  }

  private static void assertCausal(String history) {
    assertEquals(List.of(), sentences(judge(history)));
  }

  private static void assertViolates(Pattern pattern, String history, String... sentences) {
    Judgement judgement = judge(history);
    assertEquals(pattern, judgement.violation().map(Violation::pattern).orElse(null));
    assertEquals(List.of(sentences), sentences(judgement));
  }

  private static List<String> sentences(Judgement judgement) {
    return judgement.violation().stream()
        .flatMap(violation -> violation.steps().stream())
        .map(Violation.Step::text)
        .collect(Collectors.toList());
  }

  @Test
  void a_condition_on_a_version_that_the_writer_knew_to_be_replaced_is_found() {
    assertViolates(
        Pattern.WRITE_CO_READ,
        """
        alice w x 1 @1
        alice w x 2 @2
        alice [ if x @1 ; w x 3 @3 ]
        """,
        "line 1: alice wrote x = 1",
        "line 2: alice then wrote x = 2",
        "line 3: alice then required x at version 1 (line 1), which line 2 had replaced");
    assertCausal(
        """
        alice w x 1 @1
        alice w x 2 @2
        alice [ if x @2 ; w x 3 @3 ]
        """);
  }

  @Test
  void two_replicas_may_accept_a_write_under_one_condition() {
    assertCausal(
        """
        alice w x 1 @1
        alice [ if x @1 ; w x 2 @2 ]
        bob [ if x @1 ; w x 3 @3 ]
        """);
  }

  @Test
  void what_was_required_is_causally_before_the_write() {
    assertViolates(
        Pattern.WRITE_CO_INIT_READ,
        """
        alice w y 1
        alice w x 1 @7
        bob [ if x @7 ; w z 2 ]
        bob r y never
        """,
        "line 1: alice wrote y = 1",
        "line 2: alice then wrote x = 1",
        "line 3: bob required x at version 7, written in line 2",
        "line 4: bob then read that y was never written, although line 1 had written it");
  }

  @Test
  void a_version_that_nobody_wrote_cannot_be_required() {
    assertViolates(
        Pattern.THIN_AIR_READ,
        """
        alice w x 1 @1
        bob [ if x @5 ; w y 2 ]
        """,
        "line 2: bob required x at version 5, which nobody wrote");
  }

  @Test
  void a_version_may_be_that_of_a_write_without_an_answer() {
    assertViolates(
        Pattern.WRITE_CO_READ,
        """
        alice w x 1 ?
        bob [ if x @5 ; w x 2 @6 ]
        bob [ if x @5 ; w x 3 @7 ]
        """,
        "line 1: alice wrote x = 1",
        "line 2: bob required x at version 5, written in line 1",
        "line 2: bob in the same group wrote x = 2",
        "line 3: bob then required x at version 5 (line 1), which line 2 had replaced");
    assertCausal(
        """
        alice w x 1 ?
        carol w x 4 ?
        bob [ if x @5 ; w x 2 @6 ]
        """);
  }

  @Test
  void the_older_of_two_versions_cannot_be_required_by_who_has_seen_the_newer() {
    assertViolates(
        Pattern.CYCLIC_CF,
        """
        alice w x 1 @1
        bob w x 2 @2
        carol r x 2
        carol [ if x @1 ; w x 3 @3 ]
        """,
        "line 1: alice wrote x = 1",
        "line 2: bob wrote x = 2",
        "line 3: carol read x = 2, written in line 2",
        "line 4: carol then required x at version 1 (line 1) at version 1, older than version 2 (line 2)");
  }

  @Test
  void an_absence_that_a_known_write_contradicts_is_found() {
    assertViolates(
        Pattern.WRITE_CO_INIT_READ,
        """
        alice w x 1 @1
        bob r x 1
        bob [ if x - ; w x 2 @2 ]
        """,
        "line 1: alice wrote x = 1",
        "line 2: bob read x = 1, written in line 1",
        "line 3: bob then required that x was absent, although line 1 had written it");
  }

  @Test
  void an_absence_may_be_due_to_any_delete_that_can_have_been_seen() {
    assertCausal(
        """
        alice w x 1 @1
        carol w x - @3
        alice [ if x - ; w x 2 @4 ]
        """);
    assertCausal(
        """
        alice w x 1 @1
        carol w x - ?
        alice [ if x - ; w x 2 @4 ]
        """);
    // Not to one of a lower version, nor to one that came afterwards.
    assertEquals(
        Pattern.WRITE_CO_INIT_READ,
        judge(
                """
                carol w x - @1
                alice w x 1 @2
                alice [ if x - ; w x 2 @4 ]
                """)
            .violation()
            .orElseThrow()
            .pattern());
    assertEquals(
        Pattern.WRITE_CO_INIT_READ,
        judge(
                """
                alice w x 1 @1
                alice [ if x - ; w x 2 @4 ]
                alice w x - @5
                """)
            .violation()
            .orElseThrow()
            .pattern());
  }

  @Test
  void conditions_that_did_not_hold_say_nothing() {
    assertCausal(
        """
        alice w x 1 @1
        alice [ if x - ; w x 2 ] !
        alice [ if x @9 ; w x 2 ] ?
        """);
  }

  @Test
  void a_write_without_an_answer_that_was_read_fulfilled_its_condition() {
    assertEquals(
        Pattern.WRITE_CO_READ,
        judge(
                """
                alice w x 1 @1
                alice w x 2 @2
                alice [ if x @1 ; add s a ] ?
                bob set s a
                """)
            .violation()
            .orElseThrow()
            .pattern());
  }

  @Test
  void a_condition_on_a_version_is_judged_as_a_read_of_it() {
    int violations = 0;
    for (int seed = 0; seed < SEEDS; seed++) {
      String reads = RandomHistories.random(RandomHistories.Kind.VERSIONS, seed);
      String conditions = withConditions(reads);
      for (Model model : Model.values()) {
        boolean expected = Checker.judge(Histories.of(reads), model, done -> {}).isCausal();
        boolean actual = Checker.judge(Histories.of(conditions), model, done -> {}).isCausal();
        assertEquals(expected, actual, () -> model + "\n" + reads + "\n" + conditions);
        violations += expected ? 0 : 1;
      }
    }
    assertTrue(violations > SEEDS / 10, violations + " violations");
  }

  /** With reads of what has a version told by that alone. */
  private static String withConditions(String history) {
    var writes =
        java.util.regex.Pattern.compile("w (\\w+) (\\w+) (@\\w+)").matcher(history).results();
    Map<String, String> versions =
        writes.collect(Collectors.toMap(w -> w.group(1) + " " + w.group(2), w -> w.group(3)));
    return java.util.regex.Pattern.compile("r (\\w+) (\\w+)")
        .matcher(history)
        .replaceAll(
            read -> {
              @Nullable String version = versions.get(read.group(1) + " " + read.group(2));
              return version == null ? read.group() : "if " + read.group(1) + " " + version;
            });
  }

  @Test
  void a_field_and_a_register_of_one_key_are_two() {
    assertCausal(
        """
        alice w x 1
        alice w p/x 2
        alice r x 1
        alice r p/x 2
        bob r q/x never
        """);
  }

  @Test
  void an_older_value_of_a_field_is_found() {
    assertViolates(
        Pattern.WRITE_CO_READ,
        """
        alice w p/x 1
        alice w p/x 2
        alice r p/x 1
        """,
        "line 1: alice wrote x of map p = 1",
        "line 2: alice then wrote x of map p = 2",
        "line 3: alice then read x of map p = 1 (line 1), which line 2 had replaced");
  }

  @Test
  void the_delete_of_a_map_deletes_the_fields_that_its_writer_has_seen() {
    assertCausal(
        """
        alice w p/x 1 @1
        alice unmap p @2
        alice r p/x - @2
        final 1 p/x -
        """);
    assertViolates(
        Pattern.WRITE_CO_READ,
        """
        alice w p/x 1 @1
        alice unmap p @2
        alice r p/x 1 @1
        """,
        "line 1: alice wrote x of map p = 1",
        "line 2: alice then deleted x of map p",
        "line 3: alice then read x of map p = 1 (line 1), which line 2 had replaced");
  }

  @Test
  void the_delete_of_a_map_may_have_left_a_field_that_its_writer_had_not_seen() {
    assertCausal(
        """
        bob w p/x 1 @1
        alice unmap p @2
        alice r p/x 1 @1
        final 1 p/x 1 @1
        """);
  }

  @Test
  void who_has_seen_a_field_deleted_with_its_map_does_not_see_it_again() {
    assertEquals(
        Pattern.CYCLIC_CF,
        judge(
                """
                bob w p/x 1 @1
                alice unmap p @2
                carol r p/x - @2
                carol r p/x 1 @1
                """)
            .violation()
            .orElseThrow()
            .pattern());
  }

  @Test
  void a_field_deleted_by_a_write_without_an_answer_is_explained_by_it() {
    assertCausal(
        """
        alice w p/x 1 @1
        bob unmap p ?
        alice r p/x - @5
        """);
  }
}
