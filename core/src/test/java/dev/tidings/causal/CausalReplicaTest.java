package dev.tidings.causal;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertInstanceOf;
import static org.junit.jupiter.api.Assertions.assertSame;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.ForwardJumpException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class CausalReplicaTest {
  private static final Origin ONE = new Origin(1, 1);
  private static final Origin TWO = new Origin(2, 1);
  private static final Origin THREE = new Origin(3, 1);
  private static final long BOUND = 100;

  private final CausalReplica replica = fresh(THREE, Consistency.CAUSAL);

  private static CausalReplica fresh(Origin self, Consistency consistency) {
    return new CausalReplica(self, consistency, BOUND, Progress.NONE, List.of(), 0);
  }

  private static List<Mutation> text(String text) {
    return List.of(new Mutation.Append(Bytes.utf8("f"), Bytes.utf8(text)));
  }

  private static Position at(Origin origin, long sequence) {
    return new Position(origin, sequence);
  }

  private static PositionSet on(Position... positions) {
    PositionSet set = PositionSet.EMPTY;
    for (Position position : positions) {
      set = set.with(position);
    }
    return set;
  }

  private static Write write(Position position, long lamport, PositionSet dependencies) {
    return new Write(
        position,
        new Version(lamport, position.origin()),
        Optional.empty(),
        dependencies,
        0,
        text(position.toString()));
  }

  private static List<String> words(List<Effect> effects) {
    return effects.stream()
        .map(
            effect -> {
              if (effect instanceof Effect.Logged e) {
                return "logged " + e.write().position() + " at " + e.lamportTime();
              }
              if (effect instanceof Effect.BecameVisible e) {
                return "visible "
                    + e.write().position()
                    + (e.stalledForMicros().isPresent()
                        ? " after " + e.stalledForMicros().getAsLong()
                        : "");
              }
              if (effect instanceof Effect.Stalled e) {
                return "stalled " + e.write().position() + " for " + e.missing();
              }
              if (effect instanceof Effect.Released e) {
                return "released " + e.waiterId();
              }
              throw new AssertionError(effect);
            })
        .toList();
  }

  @Test
  void an_own_write_gets_the_next_position_and_declares_what_its_session_saw() {
    replica.onReplicatedWrite(write(at(ONE, 1), 5, PositionSet.EMPTY), 0, 0);
    var session = new Session(5, on(at(ONE, 1)));
    List<Effect> effects = replica.onClientWrite(session, Optional.empty(), text("x"), 77);
    Write write = assertInstanceOf(Effect.Logged.class, effects.get(0)).write();
    assertEquals(at(THREE, 1), write.position());
    assertEquals(new Version(7, THREE), write.version());
    assertEquals(on(at(ONE, 1)), write.dependencies());
    assertEquals(77, write.committedAtMicros());
    assertEquals(List.of("logged 3:1 at 7", "visible 3:1"), words(effects));
    assertEquals(2, replica.onClientWrite(Session.NEW, Optional.empty(), text("y"), 0).size());
    assertEquals(2, replica.progress().held().upTo(THREE));
  }

  @Test
  void a_write_is_stalled_until_the_last_of_its_dependencies_is_visible() {
    assertEquals(
        List.of("logged 2:1 at 9", "stalled 2:1 for 1:1-2"),
        words(
            replica.onReplicatedWrite(write(at(TWO, 1), 8, on(at(ONE, 1), at(ONE, 2))), 0, 1_000)));
    assertEquals(
        List.of("logged 1:1 at 10", "visible 1:1"),
        words(replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 2_000)));
    assertEquals(1, replica.stalled().size());
    assertEquals(
        List.of("logged 1:2 at 11", "visible 1:2", "visible 2:1 after 2000"),
        words(replica.onReplicatedWrite(write(at(ONE, 2), 5, on(at(ONE, 1))), 0, 3_000)));
    assertTrue(replica.stalled().isEmpty());
    assertEquals(new CausalReplica.Load(0, 0), replica.stalledLoad(TWO));
  }

  @Test
  void a_write_that_depends_on_nothing_stalled_overtakes_its_origins_stalled_ones() {
    replica.onReplicatedWrite(write(at(TWO, 1), 2, on(at(ONE, 1))), 0, 0);
    assertEquals(
        List.of("logged 2:2 at 4", "visible 2:2"),
        words(replica.onReplicatedWrite(write(at(TWO, 2), 3, PositionSet.EMPTY), 0, 0)));
    assertEquals(2, replica.progress().held().upTo(TWO));
    assertEquals(on(at(TWO, 2)), replica.progress().frontier());
  }

  @Test
  void one_arrival_lets_a_whole_chain_go_each_after_what_it_depends_on() {
    replica.onReplicatedWrite(write(at(TWO, 1), 2, on(at(ONE, 1))), 0, 0);
    replica.onReplicatedWrite(write(at(TWO, 2), 3, on(at(TWO, 1))), 0, 0);
    replica.onReplicatedWrite(write(at(TWO, 3), 4, on(at(TWO, 2), at(ONE, 1))), 0, 0);
    assertEquals(
        List.of(
            "logged 1:1 at 6",
            "visible 1:1",
            "visible 2:1 after 5",
            "visible 2:2 after 5",
            "visible 2:3 after 5"),
        words(replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 5)));
  }

  @Test
  void a_repeated_write_has_no_effect() {
    Write first = write(at(ONE, 1), 5, PositionSet.EMPTY);
    replica.onReplicatedWrite(first, 0, 0);
    Progress before = replica.progress();
    assertEquals(List.of(), replica.onReplicatedWrite(first, 0, 0));
    assertEquals(before, replica.progress());
  }

  @Test
  void a_write_beyond_a_gap_is_refused_and_changes_nothing() {
    assertThrows(
        PositionGapException.class,
        () -> replica.onReplicatedWrite(write(at(ONE, 2), 5, PositionSet.EMPTY), 0, 0));
    assertEquals(Progress.NONE, replica.progress());
  }

  @Test
  void a_clock_too_far_ahead_is_refused_and_changes_nothing() {
    var ahead = new Session(BOUND + 1, PositionSet.EMPTY);
    assertThrows(
        ForwardJumpException.class,
        () -> replica.onClientWrite(ahead, Optional.empty(), text("x"), 0));
    assertEquals(Progress.NONE, replica.progress());
  }

  @Test
  void a_position_of_ones_own_is_not_taken_from_a_peer() {
    assertThrows(
        IllegalArgumentException.class,
        () -> replica.onReplicatedWrite(write(at(THREE, 1), 5, PositionSet.EMPTY), 0, 0));
  }

  @Test
  void a_waiter_is_released_once_by_the_input_that_shows_the_last_it_waits_for() {
    replica.awaitVisible(42, on(at(ONE, 1), at(TWO, 1)));
    assertEquals(
        List.of("logged 2:1 at 2", "visible 2:1"),
        words(replica.onReplicatedWrite(write(at(TWO, 1), 1, PositionSet.EMPTY), 0, 0)));
    assertEquals(
        List.of("logged 1:1 at 3", "visible 1:1", "released 42"),
        words(replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 0)));
    replica.cancelWait(42);
    replica.awaitVisible(42, on(at(ONE, 2)));
  }

  @Test
  void a_cancelled_waiter_is_not_released_and_others_at_its_place_are() {
    replica.awaitVisible(1, on(at(ONE, 1)));
    replica.awaitVisible(2, on(at(ONE, 1)));
    replica.cancelWait(1);
    assertEquals(
        List.of("logged 1:1 at 2", "visible 1:1", "released 2"),
        words(replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 0)));
  }

  @Test
  void what_was_stalled_before_a_restart_is_stalled_after_it() {
    Write glad = write(at(TWO, 1), 8, on(at(ONE, 1)));
    replica.onReplicatedWrite(glad, 0, 0);
    var again =
        new CausalReplica(THREE, Consistency.CAUSAL, BOUND, replica.progress(), List.of(glad), 100);
    assertEquals(replica.progress(), again.progress());
    assertEquals(1, again.stalledLoad(TWO).writes());
    assertEquals(
        List.of("logged 1:1 at 10", "visible 1:1", "visible 2:1 after 50"),
        words(again.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 150)));
  }

  @Test
  void in_an_eventual_cluster_writes_show_on_arrival_and_declare_nothing() {
    CausalReplica eventual = fresh(THREE, Consistency.EVENTUAL);
    assertEquals(
        List.of("logged 2:1 at 9", "visible 2:1"),
        words(eventual.onReplicatedWrite(write(at(TWO, 1), 8, on(at(ONE, 1))), 0, 0)));
    Effect.Logged logged =
        assertInstanceOf(
            Effect.Logged.class,
            eventual
                .onClientWrite(new Session(9, on(at(TWO, 1))), Optional.empty(), text("x"), 0)
                .get(0));
    assertEquals(PositionSet.EMPTY, logged.write().dependencies());
  }

  @Test
  void any_delivery_order_shows_every_write_after_its_dependencies_and_in_the_end_all_of_them() {
    for (long seed = 1; seed <= 200; seed++) {
      String where = "seed " + seed;
      var chance = new Random(seed);
      List<Origin> origins = List.of(ONE, TWO, THREE, new Origin(4, 9));
      var replicas = new ArrayList<CausalReplica>();
      var logs = new HashMap<Origin, List<Write>>();
      var shown = new ArrayList<PositionSet>();
      for (Origin origin : origins) {
        replicas.add(fresh(origin, Consistency.CAUSAL));
        logs.put(origin, new ArrayList<>());
        shown.add(PositionSet.EMPTY);
      }
      int writes = 60;
      for (int step = 0;
          writes > 0 || !replicas.stream().allMatch(r -> holdsAll(r, logs));
          step++) {
        int at = chance.nextInt(origins.size());
        CausalReplica here = replicas.get(at);
        List<Effect> effects;
        if (writes > 0 && chance.nextInt(4) == 0) {
          // A session that has read some of what is visible here.
          var dependencies = PositionSet.EMPTY;
          for (List<Write> log : logs.values()) {
            for (Write write : log) {
              if (here.isVisible(on(write.position())) && chance.nextInt(5) == 0) {
                dependencies = dependencies.with(write.position());
              }
            }
          }
          effects =
              here.onClientWrite(
                  new Session(0, dependencies), Optional.empty(), text("w" + step), 0);
          logOf(logs, origins.get(at))
              .add(assertInstanceOf(Effect.Logged.class, effects.get(0)).write());
          writes--;
        } else {
          Origin from = origins.get(chance.nextInt(origins.size()));
          int next = (int) here.progress().held().upTo(from);
          if (from.equals(origins.get(at)) || next >= logOf(logs, from).size()) {
            continue;
          }
          effects = here.onReplicatedWrite(logOf(logs, from).get(next), 0, step);
        }
        for (Effect effect : effects) {
          if (effect instanceof Effect.BecameVisible visible) {
            assertTrue(shown.get(at).containsAll(visible.write().dependencies()), where);
            shown.set(at, shown.get(at).with(visible.write().position()));
          } else if (effect instanceof Effect.Stalled stalled) {
            // No write waits for anything but what it declares and is missing.
            assertEquals(
                stalled.write().dependencies().minus(shown.get(at)), stalled.missing(), where);
          }
        }
        assertEquals(shown.get(at), here.progress().frontier(), where);
      }
      for (CausalReplica one : replicas) {
        assertTrue(one.stalled().isEmpty(), where);
        assertEquals(replicas.get(0).progress().frontier(), one.progress().frontier(), where);
      }
    }
  }

  private static List<Write> logOf(Map<Origin, List<Write>> logs, Origin origin) {
    return Objects.requireNonNull(logs.get(origin));
  }

  private static boolean holdsAll(CausalReplica replica, Map<Origin, List<Write>> logs) {
    return logs.entrySet().stream()
        .allMatch(e -> replica.progress().held().upTo(e.getKey()) == e.getValue().size());
  }

  @Test
  void what_every_replica_shows_is_one_range_of_a_sessions_dependencies_and_brings_no_news() {
    PositionSet frontier = PositionSet.ofRange(ONE, 1, 1_000).union(PositionSet.ofRange(TWO, 1, 9));
    PositionSet stable = PositionSet.ofRange(ONE, 1, 512);
    Session session = Session.NEW.afterRead(on(at(ONE, 700)), 7, frontier, stable);
    assertEquals(on(at(ONE, 700)), session.dependencies(), "it is not stable");
    session = session.afterRead(on(at(ONE, 300)), 3, frontier, stable);
    assertEquals(stable.with(at(ONE, 700)), session.dependencies());
    assertSame(session, session.afterRead(on(at(ONE, 411)), 4, frontier, stable));
    assertEquals(
        stable.with(at(ONE, 700)).with(at(TWO, 1)),
        session.afterRead(on(at(TWO, 1)), 2, frontier, stable).dependencies());

    // Of an earlier moment than what is stable by now.
    PositionSet early = PositionSet.ofRange(ONE, 1, 400);
    assertEquals(
        on(at(ONE, 300)), Session.NEW.afterRead(on(at(ONE, 300)), 3, early, stable).dependencies());
  }

  @Test
  void a_sessions_dependencies_are_exact_up_to_64_ranges_and_then_the_frontier() {
    PositionSet frontier = PositionSet.ofRange(ONE, 1, 1_000);
    Session session = Session.NEW;
    for (int i = 1; i <= Session.MAX_EXACT_RANGES; i++) {
      session = session.afterRead(on(at(ONE, 2L * i)), i, frontier, PositionSet.EMPTY);
      assertEquals(i, session.dependencies().rangeCount());
    }
    assertEquals(64, session.clock());
    Session wider = session.afterRead(on(at(ONE, 500)), 3, frontier, PositionSet.EMPTY);
    assertEquals(new Session(64, frontier), wider);
    assertEquals(
        new Session(70, on(at(TWO, 1))), session.afterWrite(at(TWO, 1), new Version(70, TWO)));
  }

  @Test
  void a_snapshot_shows_what_waited_for_it_and_drops_what_it_brings() {
    replica.onReplicatedWrite(write(at(TWO, 1), 8, on(at(ONE, 2))), 0, 1_000);
    replica.onReplicatedWrite(write(at(TWO, 2), 9, on(at(ONE, 9))), 0, 1_000);
    replica.onReplicatedWrite(write(at(TWO, 3), 10, on(at(ONE, 3))), 0, 1_000);
    replica.awaitVisible(7, on(at(ONE, 3)));
    replica.awaitVisible(8, on(at(ONE, 9)));
    PositionSet snapshot = PositionSet.ofRange(ONE, 1, 3).with(at(TWO, 3)).with(at(ONE, 5));
    assertEquals(
        List.of("released 7", "visible 2:1 after 2000"),
        words(replica.onSnapshot(snapshot, 20, 3_000)));
    Progress progress = replica.progress();
    assertEquals(snapshot.with(at(TWO, 1)), progress.frontier());
    assertEquals(3, progress.held().upTo(ONE));
    assertEquals(21, progress.lamportTime());
    assertEquals(
        List.of(at(TWO, 2)),
        replica.stalled().stream().map(each -> each.write().position()).toList());
    assertEquals(1, replica.stalledLoad(TWO).writes());
  }

  @Test
  void what_waits_for_more_than_a_snapshot_brings_is_shown_when_that_comes() {
    replica.onReplicatedWrite(write(at(TWO, 1), 8, on(at(ONE, 2))), 0, 1_000);
    replica.awaitVisible(7, on(at(ONE, 2)));
    assertEquals(List.of(), words(replica.onSnapshot(on(at(ONE, 1)), 20, 2_000)));
    List<String> shown =
        words(replica.onReplicatedWrite(write(at(ONE, 2), 9, on(at(ONE, 1))), 0, 3_000));
    assertTrue(shown.contains("visible 2:1 after 2000"), shown.toString());
    assertTrue(shown.contains("released 7"), shown.toString());
    assertTrue(replica.stalled().isEmpty());
  }

  @Test
  void what_a_snapshot_brought_ahead_of_the_log_is_logged_when_it_comes_and_not_shown_again() {
    replica.onSnapshot(on(at(ONE, 2)), 5, 0);
    assertEquals(0, replica.progress().held().upTo(ONE));
    assertEquals(
        List.of("logged 1:1 at 7", "visible 1:1"),
        words(replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 0)));
    assertEquals(
        List.of("logged 1:2 at 8"),
        words(replica.onReplicatedWrite(write(at(ONE, 2), 2, on(at(TWO, 1))), 0, 0)));
    assertEquals(2, replica.progress().held().upTo(ONE));
    assertTrue(replica.stalled().isEmpty());
  }

  @Test
  void a_snapshot_takes_nothing_back() {
    replica.onReplicatedWrite(write(at(ONE, 1), 1, PositionSet.EMPTY), 0, 0);
    replica.onClientWrite(Session.NEW, Optional.empty(), text("own"), 0);
    PositionSet before = replica.progress().frontier();
    replica.onSnapshot(on(at(TWO, 1)), 1, 0);
    assertEquals(before.with(at(TWO, 1)), replica.progress().frontier());
    assertEquals(1, replica.progress().held().upTo(THREE));
  }
}
