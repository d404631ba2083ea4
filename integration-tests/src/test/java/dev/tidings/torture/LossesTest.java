package dev.tidings.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import java.util.List;
import java.util.OptionalLong;
import java.util.Set;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Replica 1 lost its disk at 100 µs, and with it its last write, y = 2. */
final class LossesTest {
  private static final List<String> ADDRESSES = List.of("one", "two");
  private static final SeenVersion KEPT = new SeenVersion(1, 1, 7);
  private static final SeenVersion LOST = new SeenVersion(2, 1, 7);
  private static final long WIPED_MICROS = 100;

  private final History.Builder history = new History.Builder();
  private int lines;

  private void does(
      String session, String replica, long startMicros, boolean writes, SeenVersion version) {
    String key = version.equals(KEPT) ? "x" : "y";
    String value = Long.toString(version.time());
    history.group(session, Outcome.OK, replica, startMicros, startMicros + 1);
    if (writes) {
      history.write(++lines, key, value, version);
    } else {
      history.read(++lines, key, value, version);
    }
  }

  private void ends(String key, @Nullable String value, @Nullable SeenVersion version) {
    for (String replica : ADDRESSES) {
      history.finalValue(++lines, replica, key, value, version);
    }
  }

  private Losses losses() {
    return Losses.of(
        history.build(),
        ADDRESSES,
        Set.of(KEPT),
        Set.of(KEPT, LOST),
        version ->
            version.incarnation() == 7 ? OptionalLong.of(WIPED_MICROS) : OptionalLong.empty());
  }

  private static boolean isCausal(History history) {
    return Checker.judge(history, Model.CCV, done -> {}).isCausal();
  }

  private void writerAndReader() {
    does("writer", "one", 10, true, KEPT);
    does("writer", "one", 20, true, LOST);
    does("reader", "one", 30, false, LOST);
  }

  @Test
  void a_lost_write_and_who_saw_it_do_not_make_the_others_history_false() {
    writerAndReader();
    does("other", "two", 200, false, KEPT);
    ends("x", "1", KEPT);
    ends("y", null, null);
    Losses losses = losses();
    assertEquals(Set.of("reader", "writer"), losses.sessions());
    assertEquals(2, losses.groups());
    assertEquals(List.of(), losses.tooLate());
    assertTrue(isCausal(losses.unended()));
    assertTrue(isCausal(losses.surviving()));
  }

  @Test
  void what_came_before_a_write_that_is_there_is_not_lost() {
    var second = new SeenVersion(KEPT.time() - 1, KEPT.replica(), KEPT.incarnation());
    does("reader", "one", 30, false, second);
    assertEquals(Set.of(), losses().sessions());
  }

  @Test
  void what_was_not_lost_is_still_missed_at_the_end() {
    writerAndReader();
    ends("x", null, null);
    assertFalse(isCausal(losses().surviving()));
  }

  @Test
  void who_saw_a_lost_write_is_answered_nowhere_else() {
    writerAndReader();
    does("reader", "two", 40, false, KEPT);
    assertEquals(1, losses().tooLate().size());
  }

  @Test
  void who_saw_a_lost_write_is_not_answered_when_the_disk_is_gone() {
    writerAndReader();
    does("reader", "one", 200, false, KEPT);
    assertEquals(1, losses().tooLate().size());
  }

  @Test
  void what_was_answered_before_the_disk_was_lost_must_be_causal_by_itself() {
    writerAndReader();
    history.group("reader", Outcome.OK, "one", 40, 41);
    history.readNeverWritten(++lines, "x");
    Losses losses = losses();
    assertFalse(isCausal(losses.unended()));
    assertTrue(isCausal(losses.surviving()));
  }

  @Test
  void a_missing_write_of_a_disk_that_is_there_is_no_loss() {
    var other = new SeenVersion(3, 2, 8);
    does("writer", "two", 10, true, other);
    ends("y", null, null);
    Losses losses = losses();
    assertEquals(Set.of(), losses.sessions());
    assertFalse(isCausal(losses.surviving()));
  }
}
