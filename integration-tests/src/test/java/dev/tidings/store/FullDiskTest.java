package dev.tidings.store;

import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.GetStatusResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A full disk stops writing, and nothing else; and writing goes on by itself. */
final class FullDiskTest {
  private static final Duration SOME_TIME = Duration.ofSeconds(3);

  @Test
  void writes_are_refused_reads_go_on_and_writing_resumes_when_there_is_space() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "before"));
      cluster.disk(1).set(Space.TOO_LITTLE);
      cluster.time().advance(SOME_TIME);

      Reply<ClientWriteResponse> reply = session.send(put("k", "too much"));
      cluster.time().settle();
      Refusal refusal = Refusal.of(reply);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.code());
      assertEquals("DISK_FULL", refusal.reason());
      assertTrue(refusal.retryMillis() > 0);
      assertEquals(1, cluster.meters(1).get("tidings.storage.full").gauge().value());
      assertEquals(Optional.of("before"), session.get("k"));

      cluster.disk(1).set(Space.ENOUGH);
      cluster.time().advance(SOME_TIME);
      session.write(put("k", "after"));
      cluster.converge();
      assertEquals(Optional.of("after"), cluster.session(2).get("k"));
    }
  }

  @Test
  void what_peers_send_meanwhile_waits_and_is_taken_afterwards() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.disk(2).set(Space.TOO_LITTLE);
      cluster.time().advance(SOME_TIME);
      TestSession session = cluster.session(1);
      for (int i = 0; i < 50; i++) {
        session.write(put("k" + i, "value"));
      }
      cluster.session(3).write(put("other", "value"));
      cluster.time().advance(SOME_TIME);
      assertEquals(Optional.empty(), cluster.session(2).get("k0"));
      assertEquals(Optional.of("value"), cluster.session(3).get("k49"));

      cluster.disk(2).set(Space.ENOUGH);
      cluster.converge();
      assertEquals(Optional.of("value"), cluster.session(2).get("k49"));
      assertEquals(Optional.of("value"), cluster.session(2).get("other"));
    }
  }

  @Test
  void a_write_that_finds_the_disk_full_is_answered_once_it_is_durable_and_not_before() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "before"));
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);

      Reply<ClientWriteResponse> reply = session.send(put("k", "waits"));
      cluster.time().advance(SOME_TIME);
      assertFalse(reply.hasEnded());
      assertEquals(Optional.of("before"), cluster.session(1).get("k"));
      assertEquals(Optional.of("before"), cluster.session(2).get("k"));
      Reply<ClientWriteResponse> next = session.send(put("k", "too much"));
      cluster.time().settle();
      assertEquals("DISK_FULL", Refusal.of(next).reason());

      cluster.disk(1).set(Space.ENOUGH);
      reply.within(cluster.time(), SOME_TIME);
      cluster.converge();
      assertEquals(Optional.of("waits"), cluster.session(1).get("k"));
      assertEquals(Optional.of("waits"), cluster.session(2).get("k"));
    }
  }

  @Test
  void a_reader_of_what_could_not_be_written_is_told_and_does_not_wait_for_space() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession session = cluster.session(1);
      cluster.disk(2).set(Space.TOO_LITTLE_UNNOTICED);
      session.write(put("k", "v"));
      cluster.time().advance(SOME_TIME);
      session.moveTo(2);
      var reply = session.request(TestSession.key("k"));
      cluster.time().settle();
      assertEquals("NOT_YET_VISIBLE", Refusal.of(reply).reason());
      assertEquals(0, cluster.status(2).getFrontier().getRanges().size());

      cluster.disk(2).set(Space.ENOUGH);
      cluster.time().advance(SOME_TIME);
      assertEquals(Optional.of("v"), session.get("k"));
    }
  }

  @Test
  void who_asks_how_a_replica_stands_does_not_wait_for_space() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "before"));
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);

      Reply<ClientWriteResponse> written = session.send(put("k", "waits"));
      Reply<GetStatusResponse> status = cluster.requestStatus(1);
      cluster.time().settle();
      assertTrue(status.isAnswered());
      assertFalse(written.hasEnded());

      cluster.disk(1).set(Space.ENOUGH);
      written.within(cluster.time(), SOME_TIME);
    }
  }

  @Test
  void a_replica_killed_with_its_disk_full_has_all_that_was_answered() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "answered"));
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);
      session.send(put("k", "never answered"));
      cluster.time().advance(SOME_TIME);
      cluster.kill(1);
      cluster.disk(1).set(Space.ENOUGH);
      cluster.start(1);
      cluster.converge();
      assertEquals(Optional.of("answered"), cluster.session(1).get("k"));
      cluster.session(1).write(put("k", "goes on"));
      cluster.converge();
      assertEquals(Optional.of("goes on"), cluster.session(2).get("k"));
    }
  }

  @Test
  void what_a_full_disk_kept_from_being_said_to_be_lost_is_said_when_there_is_space() {
    try (Cluster cluster = Cluster.started(2, "")) {
      cluster.kill(2);
      TestSession alice = cluster.session(1);
      alice.write(put("k", "lost"));
      cluster.kill(1);
      cluster.wipe(1);
      cluster.start(1);
      cluster.start(2);
      cluster.time().advance(SOME_TIME);
      cluster.session(1).write(put("k", "kept"));
      cluster.converge();
      // So long that nothing is left to be tidied up.
      cluster.time().advance(SOME_TIME);
      cluster.disk(1).set(Space.TOO_LITTLE);
      cluster.time().advance(SOME_TIME);
      Reply<ClientReadResponse> early = alice.request(key("k"));
      cluster.time().advance(SOME_TIME);
      assertEquals("NOT_YET_VISIBLE", Refusal.of(early).reason());

      cluster.disk(1).set(Space.ENOUGH);
      cluster.time().advance(SOME_TIME);
      Reply<ClientReadResponse> read = alice.request(key("k"));
      cluster.time().advance(SOME_TIME);
      assertEquals("WRITE_LOST", Refusal.of(read).reason());
    }
  }
}
