package dev.tidings.store;

import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import io.micrometer.core.instrument.Timer;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** What a replica's metrics say is what happened. */
final class MetricsTest {
  @Test
  void lag_is_what_a_peer_has_not_acknowledged_and_since_when() {
    try (Cluster cluster = Cluster.started(2, "1>2=10s")) {
      TestSession alice = cluster.session(1);
      alice.write(put("a", "1"));
      cluster.time().advance(Duration.ofSeconds(3));
      alice.write(put("b", "2"));
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(2, lag(cluster, "writes"));
      assertEquals(4, lag(cluster, "seconds"));
      assertEquals(2, gauge(cluster, 1, "tidings.log.head.writes", "origin", "1"));
      assertEquals(0, gauge(cluster, 2, "tidings.log.head.writes", "origin", "1"));

      cluster.time().advance(Duration.ofSeconds(8));
      assertEquals(1, lag(cluster, "writes"));
      assertEquals(9, lag(cluster, "seconds"));

      cluster.time().advance(Duration.ofSeconds(2));
      assertEquals(0, lag(cluster, "writes"));
      assertEquals(0, lag(cluster, "seconds"));
      assertEquals(2, gauge(cluster, 2, "tidings.log.head.writes", "origin", "1"));
      assertEquals(2, gauge(cluster, 2, "tidings.visible.writes", "origin", "1"));
      assertEquals(1, gauge(cluster, 1, "tidings.peer.connected", "peer", "2"));
    }
  }

  @Test
  void lag_goes_on_while_a_peer_is_away_and_after_a_restart() {
    try (Cluster cluster = Cluster.started(2, "")) {
      cluster.kill(2);
      cluster.session(1).write(put("a", "1"));
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals(0, gauge(cluster, 1, "tidings.peer.connected", "peer", "2"));
      cluster.kill(1);
      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals(1, lag(cluster, "writes"));
      assertEquals(10, lag(cluster, "seconds"));
    }
  }

  @Test
  void stalled_writes_are_counted_while_they_are_and_after() {
    try (Cluster cluster = Cluster.started(3, "1>3=10s")) {
      TestSession session = cluster.session(1);
      session.write(put("a", "1"));
      cluster.time().settle();
      session.moveTo(2).write(put("b", "2"));
      cluster.time().advance(Duration.ofSeconds(3));
      assertEquals(1, gauge(cluster, 3, "tidings.stalled.writes"));
      assertEquals(3, gauge(cluster, 3, "tidings.stalled.oldest.age.seconds"));
      assertEquals(1, gauge(cluster, 3, "tidings.log.head.writes", "origin", "2"));
      assertEquals(0, gauge(cluster, 3, "tidings.visible.writes", "origin", "2"));

      cluster.time().advance(Duration.ofSeconds(7));
      assertEquals(0, gauge(cluster, 3, "tidings.stalled.writes"));
      assertEquals(0, gauge(cluster, 3, "tidings.stalled.oldest.age.seconds"));
      assertEquals(1, cluster.meters(3).get("tidings.writes.stalled").functionCounter().count());
      assertTimed(cluster, 3, "tidings.write.stall", 1, 10);
      assertEquals(1, gauge(cluster, 3, "tidings.visible.writes", "origin", "2"));
    }
  }

  @Test
  void requests_that_wait_are_counted_and_their_waits_timed() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession session = cluster.session(1);
      session.write(put("a", "1"));
      var read = session.moveTo(2).request(key("a"));
      cluster.time().settle();
      assertEquals(1, gauge(cluster, 2, "tidings.waiting.requests", "wait_for", "visibility"));
      cluster.time().until("an answer", Duration.ofSeconds(2), read::hasEnded);
      assertEquals(0, gauge(cluster, 2, "tidings.waiting.requests", "wait_for", "visibility"));
      assertTimed(cluster, 2, "tidings.request.wait", 1, 1);
    }
  }

  @Test
  void writes_that_wait_for_more_replicas_are_counted() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      var write = new Reply<ClientWriteResponse>();
      CausalStoreServiceGrpc.newStub(cluster.clientChannel(1))
          .clientWrite(
              ClientWriteRequest.newBuilder()
                  .addMutations(put("a", "1"))
                  .setAcks(2)
                  .setAcksWaitMillis(10_000)
                  .build(),
              write);
      cluster.time().settle();
      assertEquals(1, gauge(cluster, 1, "tidings.waiting.requests", "wait_for", "acks"));
      cluster.time().until("an answer", Duration.ofSeconds(2), write::hasEnded);
      assertEquals(0, gauge(cluster, 1, "tidings.waiting.requests", "wait_for", "acks"));
    }
  }

  @Test
  void every_round_that_changed_something_is_a_sync() {
    try (Cluster cluster = Cluster.started(1, "")) {
      long before = cluster.meters(1).get("tidings.storage.sync").timer().count();
      cluster.session(1).write(put("a", "1"));
      cluster.session(1).write(put("b", "2"));
      assertEquals(before + 2, cluster.meters(1).get("tidings.storage.sync").timer().count());
    }
  }

  private static double lag(Cluster cluster, String unit) {
    return gauge(cluster, 1, "tidings.replication.lag." + unit, "peer", "2", "origin", "1");
  }

  private static double gauge(Cluster cluster, int replica, String name, String... tags) {
    return cluster.meters(replica).get(name).tags(tags).gauge().value();
  }

  private static void assertTimed(
      Cluster cluster, int replica, String name, long count, double seconds) {
    Timer timer = cluster.meters(replica).get(name).timer();
    assertEquals(count, timer.count());
    assertEquals(seconds, timer.totalTime(TimeUnit.SECONDS));
  }
}
