package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.LogStatus;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

final class RelayTest {
  private static void cut(Cluster cluster, int one, int other) {
    cluster.link(one, other, Duration.ZERO, true);
    cluster.link(other, one, Duration.ZERO, true);
  }

  @Test
  void what_two_replicas_never_tell_each_other_comes_through_a_third() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.session(1).write(put("before", "1"));
      cut(cluster, 1, 3);
      TestSession session = cluster.session(1);
      for (int i = 0; i < 5; i++) {
        session.write(append("f", "at 1, " + i));
        cluster.session(3).write(append("f", "at 3, " + i));
        cluster.time().advance(Duration.ofSeconds(3));
      }
      cluster.converge();
      assertEquals(10, cluster.session(3).entries("f").size());
      assertEquals(cluster.session(1).entries("f"), cluster.session(3).entries("f"));
      assertEquals(Optional.of("1"), cluster.session(3).get("before"));
    }
  }

  @Test
  void a_chain_of_links_is_enough() {
    try (Cluster cluster = Cluster.started(5, "")) {
      for (int one = 1; one <= 5; one++) {
        for (int other = one + 2; other <= 5; other++) {
          cut(cluster, one, other);
        }
      }
      cluster.session(1).write(put("k", "from one end"));
      cluster.session(5).write(put("l", "from the other"));
      cluster.converge();
      assertEquals(Optional.of("from one end"), cluster.session(5).get("k"));
      assertEquals(Optional.of("from the other"), cluster.session(1).get("l"));
    }
  }

  @Test
  void a_slow_link_is_never_bypassed() {
    try (Cluster cluster = Cluster.started(3, "1>3=60s")) {
      cluster.session(1).write(put("k", "slow"));
      cluster.time().advance(Duration.ofMillis(59_900));
      assertEquals(Optional.of("slow"), cluster.session(2).get("k"));
      assertEquals(Optional.empty(), cluster.session(3).get("k"));
      cluster.time().advance(Duration.ofMillis(200));
      assertEquals(Optional.of("slow"), cluster.session(3).get("k"));
    }
  }

  @Test
  void what_a_dead_replica_had_told_one_other_comes_to_all() {
    try (Cluster cluster = Cluster.started(4, "")) {
      cut(cluster, 1, 3);
      cut(cluster, 1, 4);
      cut(cluster, 2, 3);
      cluster.session(1).write(put("k", "last words"));
      cluster.time().settle();
      cluster.kill(1);
      cluster.converge();
      assertEquals(Optional.of("last words"), cluster.session(3).get("k"));
    }
  }

  @Test
  void a_stalled_log_is_paused_and_others_on_the_same_stream_go_on() {
    try (Cluster cluster = Cluster.started(3, "")) {
      // 3 gets both 1's and 2's log from 2; 2's depends on 1's, which is slow to come to 2's
      // stream.
      cluster.link(1, 3, Duration.ofSeconds(60), false);
      cluster.session(1).write(put("x", "awaited"));
      cluster.time().settle();
      for (int i = 0; i < 30; i++) {
        TestSession reader = cluster.session(2);
        reader.get("x");
        reader.write(append("f", "depends " + i));
        cluster.session(2).write(append("g", "does not " + i));
      }
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(30, cluster.session(3).entries("g").size());
      assertEquals(List.of(), cluster.session(3).entries("f"));
      cluster.converge();
      assertEquals(30, cluster.session(3).entries("f").size());
    }
  }

  @Test
  void each_replica_comes_to_know_how_far_every_other_is_though_they_never_speak() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cut(cluster, 1, 3);
      cluster.session(1).write(put("k", "1"));
      cluster.session(1).write(put("k", "2"));
      cluster.converge();
      cluster.time().advance(Duration.ofSeconds(5));
      LogStatus own =
          cluster.status(1).getPeersList().stream()
              .filter(peer -> peer.getReplicaId() == 3)
              .flatMap(peer -> peer.getLogsList().stream())
              .filter(log -> log.getOrigin().getReplicaId() == 1)
              .findFirst()
              .orElseThrow();
      assertEquals(2, own.getHeld());
      assertEquals(2, own.getVisible());
      assertEquals(0, own.getLagWrites());
    }
  }
}
