package dev.tidings.store;

import static dev.tidings.harness.TestSession.add;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.Homes;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.SessionState;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Writes to keys that have a home: one replica decides them all. */
final class HomesTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private static Cluster cluster(int size, String delays) {
    var cluster = new Cluster(size, delays, Consistency.CAUSAL);
    cluster.setHomes("locks/=1,locks/two/=2");
    cluster.startAll();
    return cluster;
  }

  private static Reply<ClientWriteResponse> putIfAbsent(
      Cluster cluster, int replica, SessionState session, String key, String value) {
    var request = ClientWriteRequest.newBuilder().setSession(session).addMutations(put(key, value));
    request.addConditionsBuilder().setKey(ByteString.copyFromUtf8(key)).setAbsent(true);
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientWrite(request.build(), reply);
    return reply;
  }

  /** How many of as many puts as there are replicas, all at once and if absent, are accepted. */
  private static long accepted(String key) {
    try (Cluster cluster = cluster(3, "1-2=50ms,1-3=100ms,2-3=10ms")) {
      var replies = new ArrayList<Reply<ClientWriteResponse>>();
      for (int id = 1; id <= 3; id++) {
        replies.add(putIfAbsent(cluster, id, SessionState.getDefaultInstance(), key, "of " + id));
      }
      cluster.time().advance(PATIENCE);
      assertTrue(replies.stream().allMatch(Reply::hasEnded));
      replies.stream()
          .filter(reply -> !reply.isAnswered())
          .forEach(reply -> assertEquals("CONDITION_FAILED", Refusal.of(reply).reason()));
      return replies.stream().filter(Reply::isAnswered).count();
    }
  }

  @Test
  void of_all_who_put_if_absent_at_once_one_is_accepted_where_the_key_has_a_home() {
    assertEquals(1, accepted("locks/a"));
    assertEquals(1, accepted("locks/two/a"));
    assertEquals(3, accepted("keys/a"));
  }

  @Test
  void a_session_reads_what_its_home_has_decided_wherever_it_asks() {
    try (Cluster cluster = cluster(2, "1>2=100ms")) {
      TestSession session = cluster.session(2);
      session.write(put("k", "before"));
      ClientWriteResponse response = session.write(put("locks/a", "mine"));
      assertEquals(1, response.getPosition().getOrigin().getReplicaId());
      Reply<ClientReadResponse> read = session.request(key("locks/a"));
      cluster.time().settle();
      assertFalse(read.hasEnded());
      assertEquals(
          "mine",
          read.within(cluster.time(), PATIENCE)
              .getResults(0)
              .getRegister()
              .getValue()
              .toStringUtf8());
      // The home shows it after what the session had written before.
      TestSession other = cluster.session(1);
      assertEquals(Optional.of("mine"), other.get("locks/a"));
      assertEquals(Optional.of("before"), other.get("k"));
    }
  }

  @Test
  void a_forwarded_write_takes_as_long_as_the_link_there_and_back() {
    try (Cluster cluster = cluster(2, "1-2=1s")) {
      Reply<ClientWriteResponse> reply = cluster.session(2).send(put("locks/a", "mine"));
      cluster.time().advance(Duration.ofMillis(1_900));
      assertFalse(reply.hasEnded());
      cluster.time().advance(Duration.ofMillis(200));
      assertTrue(reply.isAnswered());
    }
  }

  @Test
  void keys_of_several_homes_are_not_written_together_and_others_go_along() {
    try (Cluster cluster = cluster(2, "")) {
      Reply<ClientWriteResponse> several =
          cluster.session(1).send(put("locks/a", "1"), put("locks/two/a", "2"));
      cluster.time().settle();
      assertEquals("INVALID_REQUEST", Refusal.of(several).reason());
      assertTrue(Refusal.of(several).message().contains("[1, 2]"), Refusal.of(several)::message);
      TestSession session = cluster.session(2);
      ClientWriteResponse along = session.write(put("locks/a", "1"), put("k", "v"));
      assertEquals(1, along.getPosition().getOrigin().getReplicaId());
      assertEquals(Optional.of("v"), session.get("k"));
    }
  }

  @Test
  void a_field_has_the_home_of_its_map_and_every_type_of_key_has_one() {
    try (Cluster cluster = cluster(2, "")) {
      var field = Mutation.newBuilder();
      field.getInMapBuilder().setMap(ByteString.copyFromUtf8("locks/m")).setChange(put("k", "v"));
      assertEquals(1, origin(cluster, field.build()));
      assertEquals(1, origin(cluster, add("locks/s", "e")));
      assertEquals(2, origin(cluster, add("lock", "e")));
    }
  }

  private static int origin(Cluster cluster, Mutation mutation) {
    return cluster.session(2).write(mutation).getPosition().getOrigin().getReplicaId();
  }

  @Test
  void an_unreachable_home_is_said_to_be_and_nothing_is_written() {
    try (Cluster cluster = cluster(2, "")) {
      cluster.link(2, 1, Duration.ZERO, true);
      Reply<ClientWriteResponse> cut = cluster.session(2).send(put("locks/a", "1"));
      cluster.time().settle();
      Refusal refusal = Refusal.of(cut);
      assertEquals("HOME_UNREACHABLE", refusal.reason());
      assertEquals(Status.Code.UNAVAILABLE, refusal.code());
      assertTrue(refusal.retryMillis() > 0);
      // Other keys are written as ever.
      cluster.session(2).write(put("k", "v"));
      cluster.link(2, 1, Duration.ZERO, false);
      cluster.converge();
      assertEquals(Optional.empty(), cluster.session(1).get("locks/a"));
      cluster.session(2).write(put("locks/a", "2"));
    }
  }

  @Test
  void a_home_that_is_no_member_is_said_to_be_none() {
    var cluster = new Cluster(1, "", Consistency.CAUSAL);
    cluster.setHomes("k=7");
    cluster.startAll();
    try (cluster) {
      Reply<ClientWriteResponse> reply = cluster.session(1).send(put("key", "v"));
      cluster.time().settle();
      assertEquals("HOME_UNREACHABLE", Refusal.of(reply).reason());
      assertTrue(Refusal.of(reply).message().contains("no member"), Refusal.of(reply)::message);
    }
  }

  @Test
  void a_home_that_falls_silent_leaves_open_whether_it_has_written_and_a_retry_anywhere_tells() {
    try (Cluster cluster = cluster(3, "")) {
      TestSession session = cluster.session(2);
      session.write(put("locks/a", "0"));
      boolean[] dies = {true};
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committed(int id, ReplicaStore store) {
              if (id == 1 && dies[0]) {
                dies[0] = false;
                cluster.kill(1);
              }
            }
          });
      Reply<ClientWriteResponse> reply = session.sendNext(put("locks/a", "1"));
      cluster.time().advance(Duration.ofSeconds(1));
      Refusal refusal = Refusal.of(reply);
      assertEquals("", refusal.reason());
      assertEquals(Status.Code.UNAVAILABLE, refusal.code());
      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(5));
      long written = cluster.status(1).getLamportTime();
      session.moveTo(3);
      assertTrue(
          session.repeat(put("locks/a", "1")).within(cluster.time(), PATIENCE).hasPosition());
      assertEquals(written, cluster.status(1).getLamportTime());
      assertEquals(Optional.of("1"), cluster.session(1).get("locks/a"));
    }
  }

  @Test
  void replicas_that_do_not_agree_on_homes_do_not_connect() {
    var cluster = new Cluster(2, "", Consistency.CAUSAL);
    cluster.setHomes("locks/=1");
    cluster.start(1);
    cluster.setHomes("locks/=2");
    cluster.start(2);
    try (cluster) {
      cluster.time().advance(Duration.ofSeconds(5));
      assertFalse(cluster.status(1).getPeers(0).getConnected());
      Reply<ClientWriteResponse> reply = cluster.session(1).send(put("locks/a", "1"));
      cluster.time().settle();
      assertTrue(reply.isAnswered());
      Reply<ClientWriteResponse> other = cluster.session(2).send(put("locks/a", "1"));
      cluster.time().settle();
      assertTrue(other.isAnswered());
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"accounts", "accounts=", "=1", "a=0", "a=x", "a=1=2", "a=1,a=2"})
  void a_list_that_is_none_is_refused(String text) {
    assertThrows(IllegalArgumentException.class, () -> Homes.parse(text));
  }

  @Test
  void the_longest_prefix_counts_and_the_order_does_not() {
    assertEquals("a=1,b/=2", Homes.parse(" b/=2, a=1").toString());
    assertEquals("", Homes.parse("").toString());
  }
}
