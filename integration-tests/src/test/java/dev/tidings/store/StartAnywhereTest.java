package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Replicas start in any order, stop at any moment, and catch up. */
final class StartAnywhereTest {
  static Stream<List<Integer>> orders() {
    return Stream.of(
        List.of(1, 2, 3),
        List.of(1, 3, 2),
        List.of(2, 1, 3),
        List.of(2, 3, 1),
        List.of(3, 1, 2),
        List.of(3, 2, 1));
  }

  @ParameterizedTest
  @MethodSource("orders")
  void replicas_that_start_late_get_everything(List<Integer> order) {
    try (Cluster cluster = new Cluster(3, "", Consistency.CAUSAL)) {
      for (int id : order) {
        cluster.start(id);
        cluster.time().settle();
        cluster.session(id).write(append("started", "replica " + id));
        cluster.time().advance(Duration.ofSeconds(20));
      }
      cluster.converge();
      for (int id : order) {
        assertEquals(3, cluster.session(id).entries("started").size());
      }
    }
  }

  @Test
  void a_killed_replica_comes_back_with_what_it_acknowledged_and_catches_up() {
    try (Cluster cluster = Cluster.started(3, "")) {
      TestSession session = cluster.session(1);
      session.write(put("before", "kill"));
      cluster.time().settle();
      cluster.kill(1);
      cluster.session(2).write(put("meanwhile", "at 2"));
      cluster.time().advance(Duration.ofMinutes(1));
      cluster.start(1);
      assertEquals(Optional.of("kill"), session.get("before"));
      long lamport = session.write(put("after", "kill")).getVersion().getLamportTime();
      assertTrue(lamport > 1);
      cluster.converge();
      assertEquals(Optional.of("at 2"), cluster.session(1).get("meanwhile"));
      assertEquals(Optional.of("kill"), cluster.session(3).get("after"));
    }
  }

  @Test
  void one_that_lost_its_disk_serves_no_longer_once_a_peer_answers_late_that_has_more() {
    try (Cluster cluster = Cluster.started(2, "1-2=20s")) {
      cluster.waitForPeers(Duration.ofSeconds(5));
      cluster.session(1).write(put("k", "long ago"));
      cluster.converge();
      cluster.kill(1);
      cluster.kill(2);
      cluster.wipe(2);
      cluster.start(2);
      cluster.time().advance(Duration.ofSeconds(10));
      assertTrue(cluster.status(2).getServing(), "nobody else is there");

      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(8));
      assertFalse(cluster.status(2).getServing(), "what replica 1 has is under way");
      assertEquals(
          "replica 2 began with an empty data directory and is catching up",
          cluster.status(2).getNotServingReason());
      // It is not taken for one that has caught up by starting it again.
      cluster.kill(2);
      cluster.start(2);
      cluster.time().advance(Duration.ofSeconds(3));
      assertFalse(cluster.status(2).getServing(), "still under way");

      cluster.converge();
      assertTrue(cluster.status(2).getServing());
      assertEquals("", cluster.status(2).getNotServingReason());
      assertEquals(Optional.of("long ago"), cluster.session(2).get("k"));
    }
  }

  @Test
  void a_stalled_write_is_still_stalled_after_a_kill_and_shows_when_its_time_comes() {
    try (Cluster cluster = Cluster.started(3, "1>3=60s")) {
      cluster.session(1).write(put("x", "1"));
      cluster.time().settle();
      TestSession bob = cluster.session(2);
      bob.get("x");
      bob.write(put("y", "after x"));
      cluster.time().settle();
      assertEquals(1, cluster.status(3).getStalledNow());
      long clock = cluster.status(3).getLamportTime();
      cluster.kill(3);
      cluster.start(3);
      assertEquals(1, cluster.status(3).getStalledNow());
      assertEquals(clock, cluster.status(3).getLamportTime());
      assertEquals(Optional.empty(), cluster.session(3).get("y"));
      cluster.converge();
      assertEquals(Optional.of("after x"), cluster.session(3).get("y"));
    }
  }

  @Test
  void a_position_is_never_used_twice_by_a_replica_that_restarts() {
    try (Cluster cluster = Cluster.started(2, "")) {
      for (int life = 1; life <= 5; life++) {
        long sequence =
            cluster.session(1).write(put("k", "life " + life)).getPosition().getSequence();
        assertEquals(life, sequence);
        cluster.kill(1);
        cluster.start(1);
      }
      cluster.converge();
      assertEquals(Optional.of("life 5"), cluster.session(2).get("k"));
    }
  }

  @Test
  void cut_links_hold_back_their_own_direction_only_and_a_healed_one_brings_everything() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.link(1, 3, Duration.ZERO, true);
      cluster.link(2, 3, Duration.ZERO, true);
      cluster.session(1).write(put("a", "1"));
      cluster.session(3).write(put("b", "3"));
      cluster.time().advance(Duration.ofMinutes(5));
      assertEquals(Optional.of("1"), cluster.session(2).get("a"));
      assertEquals(Optional.empty(), cluster.session(3).get("a"));
      assertEquals(Optional.of("3"), cluster.session(1).get("b"));
      cluster.link(1, 3, Duration.ZERO, false);
      cluster.time().settle();
      assertEquals(Optional.of("1"), cluster.session(3).get("a"));
      cluster.converge();
    }
  }

  @Test
  void a_slow_link_keeps_order_and_a_shorter_delay_lets_what_is_under_way_come_sooner() {
    try (Cluster cluster = Cluster.started(2, "1>2=60s")) {
      for (int i = 0; i < 10; i++) {
        cluster.session(1).write(append("f", "entry " + i));
        cluster.time().advance(Duration.ofSeconds(1));
      }
      assertEquals(List.of(), cluster.session(2).entries("f"));
      // The first five are more than 5 s on their way.
      cluster.link(1, 2, Duration.ofMillis(5_500), false);
      cluster.time().settle();
      assertEquals(
          List.of("entry 0", "entry 1", "entry 2", "entry 3", "entry 4"),
          cluster.session(2).entries("f"));
      cluster.time().advance(Duration.ofMillis(5_500));
      assertEquals(10, cluster.session(2).entries("f").size());
    }
  }
}
