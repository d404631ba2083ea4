package dev.tidings.causal;

import static java.util.stream.Collectors.toSet;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.TimeTable.Row;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class TimeTableTest {
  private static final Origin ONE = new Origin(1, 1);
  private static final Origin TWO = new Origin(2, 1);

  private final TimeTable table = new TimeTable();

  /** Replica 2 with so much of its own log, and showing so much of replica 1's. */
  private static Row row(long own, long shown) {
    VersionVector own2 = VersionVector.EMPTY.with(TWO, own);
    return new Row(own2.with(ONE, shown), own2.with(ONE, shown), Set.of(), Set.of());
  }

  @Test
  void what_is_known_only_ever_rises_however_late_it_is_told() {
    assertTrue(table.learn(TWO, row(5, 3)));
    assertFalse(table.learn(TWO, row(2, 1)));
    assertEquals(row(5, 3), table.row(TWO));
    assertEquals(Row.NONE, table.row(ONE));
  }

  @Test
  void a_promise_is_kept_once_all_that_its_giver_had_written_is_visible() {
    table.learn(TWO, row(5, 3));
    table.keep(PositionSet.ofRange(TWO, 1, 4));
    assertEquals(Row.NONE, table.kept(TWO));
    // Whoever writes all the time still has its older promises kept.
    table.learn(TWO, row(9, 7));
    table.keep(PositionSet.ofRange(TWO, 1, 5));
    assertEquals(row(5, 3), table.kept(TWO));
    table.learn(TWO, row(20, 15));
    table.keep(PositionSet.ofRange(TWO, 1, 9));
    assertEquals(row(9, 7), table.kept(TWO));
  }

  @Test
  void stable_is_what_all_show_in_whole_steps_of_256_writes() {
    VersionVector here = VersionVector.EMPTY.with(ONE, 1_000).with(TWO, 300);
    PositionSet of256 = PositionSet.ofRange(TWO, 1, 256);
    List<Optional<Origin>> alone = List.of();
    assertEquals(PositionSet.ofRange(ONE, 1, 768).union(of256), table.stable(here, alone));

    List<Optional<Origin>> two = List.of(Optional.of(TWO));
    assertEquals(PositionSet.EMPTY, table.stable(here, two), "it has not told of itself");
    table.learn(TWO, row(400, 511));
    assertEquals(PositionSet.ofRange(ONE, 1, 256).union(of256), table.stable(here, two));
    table.learn(TWO, row(400, 512));
    assertEquals(PositionSet.ofRange(ONE, 1, 512).union(of256), table.stable(here, two));

    assertEquals(
        PositionSet.EMPTY,
        table.stable(here, List.of(Optional.of(TWO), Optional.empty())),
        "a member that nobody has seen");
  }

  @Test
  void that_a_log_has_ended_is_known_for_good_once_it_is_told_and_so_is_what_is_asked_for() {
    var teller = new Origin(8, 1);
    var ended = new Origin(9, 1);
    var unknown = new Origin(9, 2);
    var after = new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(ended), Set.of(unknown));
    table.learn(teller, Row.NONE);
    assertTrue(table.learn(teller, after));
    assertFalse(table.learn(teller, Row.NONE));
    assertEquals(Set.of(ended), table.row(teller).ended());
    assertEquals(Set.of(unknown), table.row(teller).unknown());
  }

  @Test
  void what_has_ended_is_asked_for_no_more_and_of_one_member_only_few_at_once() {
    var teller = new Origin(8, 1);
    Set<Origin> some = lives(9, 1, 5);
    table.learn(teller, new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(), some));
    assertEquals(lives(9, 2, 5), table.row(teller).unknown());
    Set<Origin> more =
        Stream.concat(lives(9, 3, 7).stream(), lives(7, 1, 1).stream()).collect(toSet());
    assertTrue(
        table.learn(teller, new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(), more)));
    Set<Origin> latest =
        Stream.concat(lives(9, 4, 7).stream(), lives(7, 1, 1).stream()).collect(toSet());
    assertEquals(latest, table.row(teller).unknown());
    // Who hears of the same in another order comes to the same.
    assertFalse(
        table.learn(teller, new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(), some)));

    table.learn(
        teller, new Row(VersionVector.EMPTY, VersionVector.EMPTY, lives(9, 4, 7), Set.of()));
    table.learn(
        teller, new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(), lives(9, 3, 5)));
    assertEquals(
        Stream.concat(lives(9, 3, 3).stream(), lives(7, 1, 1).stream()).collect(toSet()),
        table.row(teller).unknown());
  }

  private static Set<Origin> lives(int replicaId, int first, int last) {
    return IntStream.rangeClosed(first, last)
        .mapToObj(incarnation -> new Origin(replicaId, incarnation))
        .collect(toSet());
  }
}
