package dev.tidings.store;

import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.SessionState;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** Sessions keep their guarantees wherever they go. */
final class SessionsTest {
  @Test
  void a_read_waits_at_a_replica_that_lags_until_it_shows_the_sessions_own_write() {
    try (Cluster cluster = Cluster.started(2, "1>2=1500ms")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "mine"));
      Reply<ClientReadResponse> reply = session.moveTo(2).request(key("k"));
      cluster.time().advance(Duration.ofMillis(1_499));
      assertFalse(reply.hasEnded());
      cluster.time().advance(Duration.ofMillis(1));
      assertTrue(reply.hasEnded());
      assertEquals(
          "mine", reply.messages().get(0).getResults(0).getRegister().getValue().toStringUtf8());
    }
  }

  @Test
  void a_write_waits_at_a_replica_that_lags_and_is_accepted_after_what_it_follows() {
    try (Cluster cluster = Cluster.started(2, "1>2=1500ms")) {
      TestSession session = cluster.session(1);
      ClientWriteResponse first = session.write(put("k", "1"));
      Reply<ClientWriteResponse> second = session.moveTo(2).send(put("k", "2"));
      cluster.time().advance(Duration.ofMillis(1_499));
      assertFalse(second.hasEnded());
      cluster.time().advance(Duration.ofMillis(1));
      assertTrue(
          second.messages().get(0).getVersion().getLamportTime()
              > first.getVersion().getLamportTime());
      cluster.converge();
      assertEquals(Optional.of("2"), cluster.session(1).get("k"));
    }
  }

  @Test
  void a_read_whose_time_is_up_in_the_round_that_shows_what_it_waits_for_is_answered() {
    try (Cluster cluster = Cluster.started(2, "1>2=2s")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "mine"));
      cluster.time().advance(Duration.ofMillis(2));
      Reply<ClientReadResponse> reply = session.moveTo(2).request(key("k"));
      cluster.time().advance(Duration.ofMillis(1_993));
      // While this is committed the session's write arrives, and then its read's time is up.
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committing(int id) {
              cluster.time().pass(Duration.ofMillis(10));
            }
          });
      cluster.session(2).send(put("other", "x"));
      cluster.time().advance(Duration.ofSeconds(1));
      assertTrue(reply.isAnswered());
    }
  }

  @Test
  void a_replica_that_lags_too_far_says_what_it_lacks_and_when_to_retry_and_nothing_happens() {
    try (Cluster cluster = Cluster.started(2, "1>2=60s")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      session.moveTo(2);
      Reply<ClientReadResponse> read = session.request(key("k"));
      Reply<ClientWriteResponse> write = session.send(put("k", "2"));
      cluster.time().advance(Cluster.READ_WAIT);
      for (Reply<?> reply : new Reply<?>[] {read, write}) {
        Refusal refusal = Refusal.of(reply);
        assertEquals(Status.Code.UNAVAILABLE, refusal.code());
        assertEquals("NOT_YET_VISIBLE", refusal.reason());
        assertTrue(refusal.message().contains("1:1"), refusal::message);
        assertTrue(refusal.retryMillis() > 0);
      }
      cluster.converge();
      assertEquals(Optional.of("1"), cluster.session(2).get("k"));
    }
  }

  @Test
  void what_a_session_has_read_it_never_unreads_elsewhere() {
    try (Cluster cluster = Cluster.started(3, "1>3=1900ms")) {
      cluster.session(1).write(put("k", "new"));
      cluster.time().settle();
      TestSession reader = cluster.session(2);
      assertEquals(Optional.of("new"), reader.get("k"));
      assertEquals(Optional.of("new"), reader.moveTo(3).get("k"));
    }
  }

  @Test
  void a_session_is_the_same_after_it_has_read_what_it_had_seen_and_another_after_news() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestSession alice = cluster.session(1);
      alice.write(put("k", "1"));
      TestSession bob = cluster.session(1);
      bob.get("k");
      SessionState seen = bob.state();
      bob.get("k");
      assertEquals(seen, bob.state());
      bob.advanceClock(3);
      SessionState later = bob.state();
      bob.get("k");
      assertEquals(later, bob.state());
      alice.write(put("k", "2"));
      bob.get("k");
      assertNotEquals(later.getToken(), bob.state().getToken());
    }
  }

  @Test
  void several_tokens_are_one_after_any_read() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession alice = cluster.session(1);
      alice.write(put("k", "1"));
      TestSession bob = cluster.session(1);
      bob.get("k");
      alice.write(put("other", "2"));
      bob.setState(bob.state().toBuilder().addAlso(alice.state().getToken()).build());
      bob.get("k");
      assertEquals(0, bob.state().getAlsoCount());
      bob.moveTo(2);
      assertEquals(Optional.of("2"), bob.get("other"));
    }
  }

  @Test
  void a_session_waits_only_for_what_it_has_seen() {
    try (Cluster cluster = Cluster.started(2, "1>2=60s")) {
      cluster.session(1).write(put("others", "slow"));
      TestSession session = cluster.session(1);
      session.get("unwritten");
      Reply<ClientReadResponse> reply = session.moveTo(2).request(key("others"));
      cluster.time().settle();
      assertTrue(reply.hasEnded());
    }
  }

  @Test
  void a_write_that_waits_is_not_made_once_its_client_has_left() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      session.moveTo(2).sendAndLeave(put("k", "2"));
      cluster.time().advance(Duration.ofSeconds(5));
      cluster.converge();
      assertEquals(Optional.of("1"), cluster.session(2).get("k"));
    }
  }

  @Test
  void in_an_eventual_cluster_nothing_waits() {
    try (Cluster cluster = Cluster.started(2, "1>2=60s", Consistency.EVENTUAL)) {
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      assertEquals(Optional.empty(), session.moveTo(2).get("k"));
      session.write(put("j", "2"));
      assertEquals(
          0, cluster.session(2).register("j").getWrittenBy().getDependencies().getRanges().size());
    }
  }
}
