package dev.tidings.drift;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.List;
import java.util.OptionalInt;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class FanOutTest {
  private final FanOut three = new FanOut(List.of(10000, 9999, 3));

  @ParameterizedTest
  @CsvSource({
    "3, 1, 9999", "3, 2, 10000",
    "9999, 1, 3", "9999, 2, 10000",
    "10000, 1, 3", "10000, 2, 9999",
  })
  void target_k_is_the_kth_other_host_with_ids_compared_as_numbers(int from, int k, int to) {
    assertEquals(List.of(to), three.recipients(from, k));
  }

  @Test
  void broadcast_goes_to_all_others_and_not_to_the_sender() {
    assertEquals(List.of(3, 10000), three.recipients(9999, Target.BROADCAST));
  }

  @ParameterizedTest
  @ValueSource(ints = {3, 4, -1, Integer.MIN_VALUE})
  void a_target_that_does_not_exist_is_refused_with_what_is_allowed(int target) {
    var e = assertThrows(NoSuchTargetException.class, () -> three.recipients(3, target));
    assertTrue(
        String.valueOf(e.getMessage()).contains("only 0 (all of them) to 2"), e.getMessage());
  }

  @Test
  void a_host_alone_can_only_broadcast_to_nobody() {
    var alone = new FanOut(List.of(1));
    assertEquals(List.of(), alone.recipients(1, Target.BROADCAST));
    assertThrows(NoSuchTargetException.class, () -> alone.recipients(1, 1));
  }

  @Test
  void ids_must_be_distinct_and_positive() {
    assertThrows(IllegalArgumentException.class, () -> new FanOut(List.of(1, 2, 1)));
    assertThrows(IllegalArgumentException.class, () -> new FanOut(List.of(0, 1)));
    assertThrows(IllegalArgumentException.class, () -> new FanOut(List.of()));
  }

  @ParameterizedTest
  @CsvSource({"0, BROADCAST", "1, SEND_FIRST", "2, SEND_SECOND", "3, SEND_3", "12, SEND_12"})
  void every_target_has_a_name_that_leads_back_to_it(int target, String name) {
    assertEquals(name, Target.typeName(target));
    assertEquals(OptionalInt.of(target), Target.ofTypeName(name));
  }

  @ParameterizedTest
  @ValueSource(strings = {"", "SEND_", "SEND_0", "SEND_-1", "send_first", "SEND_99999999999"})
  void other_names_lead_nowhere(String name) {
    assertEquals(OptionalInt.empty(), Target.ofTypeName(name));
  }
}
