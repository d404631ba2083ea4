package dev.tidings.store;

import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Junk;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AddMemberResponse;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ListMembersRequest;
import dev.tidings.v1.ListMembersResponse;
import dev.tidings.v1.MemberStatus;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.RemoveMemberResponse;
import dev.tidings.v1.SessionToken;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What people are told who change who belongs to the cluster. */
final class AdministrationTest {
  private static final Duration SOME_TIME = Duration.ofSeconds(20);

  private static AdminServiceGrpc.AdminServiceStub admin(Cluster cluster, int replica) {
    return AdminServiceGrpc.newStub(cluster.clientChannel(replica));
  }

  private static List<MemberStatus> members(Cluster cluster, int replica) {
    var reply = new Reply<ListMembersResponse>();
    admin(cluster, replica).listMembers(ListMembersRequest.getDefaultInstance(), reply);
    return reply.within(cluster.time(), SOME_TIME).getMembersList();
  }

  @Test
  void who_has_joined_is_seen_by_all_and_by_itself() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.session(1).write(put("k", "before"));
      var reply = new Reply<AddMemberResponse>();
      admin(cluster, 1)
          .addMember(
              AddMemberRequest.newBuilder()
                  .setReplicaId(4)
                  .setPeerAddress(cluster.peerAddress(4))
                  .build(),
              reply);
      assertFalse(
          reply.within(cluster.time(), SOME_TIME).getMembersList().get(3).hasOrigin(),
          "not seen yet");
      cluster.start(4);
      cluster.time().advance(SOME_TIME);
      for (int life = 0; life < 2; life++) {
        assertEquals(Optional.of("before"), cluster.session(4).get("k"));
        assertEquals(
            cluster.status(4).getOrigin(), members(cluster, 4).get(3).getOrigin(), "itself");
        cluster.kill(4);
        cluster.start(4);
        cluster.time().advance(SOME_TIME);
      }
    }
  }

  @Test
  void who_joins_again_and_hears_of_its_removal_first_serves_in_the_end() {
    try (Cluster cluster = Cluster.started(3, "2>3=30s")) {
      cluster.waitForPeers(Duration.ofSeconds(5));
      cluster.session(1).write(put("k", "before"));
      cluster.converge();
      cluster.remove(1, 3).within(cluster.time(), SOME_TIME);
      cluster.time().advance(SOME_TIME);
      cluster.kill(3);
      cluster.wipe(3);
      cluster.start(3);
      cluster.time().advance(SOME_TIME);
      String reason = cluster.status(3).getNotServingReason();
      assertTrue(reason.contains("waits to be taken into the cluster"), reason);

      cluster.join(2, 3).within(cluster.time(), SOME_TIME);
      cluster.time().advance(SOME_TIME);
      assertFalse(cluster.status(3).getServing(), "that it was taken in is under way");
      // As one that knows of the removal only.
      cluster.kill(3);
      cluster.start(3);
      cluster.time().advance(SOME_TIME);
      cluster.converge();
      assertEquals("", cluster.status(3).getNotServingReason());
      assertEquals(Optional.of("before"), cluster.session(3).get("k"));
      cluster.session(3).write(put("k", "after"));
      cluster.converge();
      assertEquals(Optional.of("after"), cluster.session(1).get("k"));
    }
  }

  @Test
  void what_was_removed_sends_is_not_taken_from_the_moment_on_at_which_that_is_decided() {
    try (Cluster cluster = Cluster.started(3, "2>1=30s")) {
      cluster.session(3).write(put("k", "before"));
      cluster.converge();
      cluster.handOver(() -> true);
      cluster.slowCommits(1, Duration.ofMillis(100));
      Reply<RemoveMemberResponse> removal = cluster.remove(1, 3);
      TestSession there = cluster.session(3);
      cluster
          .time()
          .after(
              Duration.ofMillis(20),
              () -> {
                assertFalse(removal.isAnswered(), "decided, and being written");
                there.sendNext(put("k", "after"));
              });
      removal.within(cluster.time(), SOME_TIME);
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals(1, cluster.onDisk(1).held().upTo(cluster.origin(3)), "none from itself");
      cluster.time().advance(Duration.ofMinutes(3));
      assertEquals(2, cluster.onDisk(1).held().upTo(cluster.origin(3)), "from a member");
    }
  }

  @Test
  void who_was_removed_decides_nothing_any_more_not_even_for_one_that_has_not_heard_of_it() {
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.waitForPeers(Duration.ofSeconds(5));
      cluster.session(3).write(put("k", "before"));
      cluster.converge();
      var reply = new Reply<RemoveMemberResponse>();
      admin(cluster, 1)
          .removeMember(RemoveMemberRequest.newBuilder().setReplicaId(3).build(), reply);
      assertTrue(reply.within(cluster.time(), SOME_TIME).getMembersList().get(2).getRemoved());
      cluster.time().advance(SOME_TIME);
      assertFalse(cluster.status(3).getServing());
      assertTrue(
          cluster.status(3).getNotServingReason().contains("belongs to the cluster no longer"),
          cluster.status(3).getNotServingReason());
      var stale = new Reply<ListMembersResponse>();
      admin(cluster, 3).listMembers(ListMembersRequest.getDefaultInstance(), stale);
      cluster.time().advance(SOME_TIME);
      assertEquals("REPLICA_REMOVED", Refusal.of(stale).reason());

      cluster.kill(2);
      cluster.wipe(2);
      cluster.start(2);
      cluster.time().advance(SOME_TIME);
      assertEquals(Optional.of("before"), cluster.session(2).get("k"));
      assertTrue(members(cluster, 2).get(2).getRemoved());
      for (int id = 1; id <= 3; id++) {
        long ofThree =
            Wire.fromProto(cluster.status(id).getHeld()).prefixes().counts().entrySet().stream()
                .filter(log -> log.getKey().replicaId() == 3)
                .mapToLong(Map.Entry::getValue)
                .sum();
        assertEquals(1, ofThree, "writes of replica 3 at replica " + id);
      }
    }
  }

  @Test
  void who_waits_for_what_waits_for_a_lost_write_is_told_that_it_is_lost() {
    try (Cluster cluster = Cluster.started(3, "1>3=1000s")) {
      cluster.session(1).write(put("k", "lost"));
      cluster.time().advance(Duration.ofSeconds(1));
      TestSession bob = cluster.session(2);
      assertEquals(Optional.of("lost"), bob.get("k"));
      bob.write(put("answer", "glad"));
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(1, cluster.status(3).getStalledNow());
      // Nobody else has had the first.
      for (int id = 1; id <= 2; id++) {
        cluster.kill(id);
        cluster.wipe(id);
      }
      bob.moveTo(3);
      Reply<ClientReadResponse> early = bob.request(key("answer"));
      cluster.time().advance(SOME_TIME);
      assertEquals("NOT_YET_VISIBLE", Refusal.of(early).reason());
      cluster.start(1);
      cluster.start(2);
      cluster.time().advance(SOME_TIME);
      for (int id = 1; id <= 3; id++) {
        bob.moveTo(id);
        Reply<ClientReadResponse> read = bob.request(key("answer"));
        cluster.time().advance(SOME_TIME);
        assertEquals("WRITE_LOST", Refusal.of(read).reason(), "at replica " + id);
        assertTrue(Refusal.of(read).message().contains("1"), Refusal.of(read)::message);
      }
    }
  }

  @Test
  void a_write_of_a_life_that_nobody_else_heard_of_is_told_to_be_lost_wherever_one_asks() {
    for (int asked = 1; asked <= 3; asked++) {
      try (Cluster cluster = Cluster.started(3, "")) {
        cluster.kill(2);
        cluster.kill(3);
        TestSession alice = cluster.session(1);
        alice.write(put("k", "lost"));
        cluster.kill(1);
        cluster.wipe(1);
        for (int id = 1; id <= 3; id++) {
          cluster.start(id);
        }
        cluster.time().advance(SOME_TIME);
        cluster.session(1).write(put("k", "kept"));
        alice.moveTo(asked);
        Reply<ClientReadResponse> read = alice.request(key("k"));
        cluster.time().advance(SOME_TIME);
        assertEquals("WRITE_LOST", Refusal.of(read).reason(), "at replica " + asked);
        cluster.session(1).write(put("k", "kept too"));
        cluster.converge();
        assertEquals(Optional.of("kept too"), cluster.session(2).get("k"));
      }
    }
  }

  @Test
  void who_is_asked_for_the_life_it_lives_in_goes_on_though_it_was_told_of_another() {
    try (Cluster cluster = Cluster.started(2, "")) {
      cluster.kill(2);
      cluster.wipe(2);
      cluster.start(2);
      cluster.time().advance(SOME_TIME);
      cluster.session(1).write(put("k", "2 was here twice"));
      cluster.kill(1);
      cluster.kill(2);
      cluster.wipe(2);
      // Of its third life 1 does not hear.
      cluster.start(2);
      cluster.link(2, 1, Duration.ZERO, true);
      cluster.time().advance(SOME_TIME);
      TestSession bob = cluster.session(2);
      bob.write(put("k", "and a third time"));
      cluster.start(1);
      cluster.time().advance(SOME_TIME);
      bob.moveTo(1);
      Reply<ClientReadResponse> read = bob.request(key("k"));
      cluster.time().advance(SOME_TIME);
      assertEquals("NOT_YET_VISIBLE", Refusal.of(read).reason());
      bob.moveTo(2);
      bob.write(put("k", "and on"));

      cluster.link(2, 1, Duration.ZERO, false);
      cluster.converge();
      assertEquals(Optional.of("and on"), bob.moveTo(1).get("k"));
    }
  }

  @Test
  void lives_that_clients_make_up_hide_none_that_is_lost_and_are_not_kept_without_end() {
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
      cluster.kill(1);
      for (int i = 1; i <= 100; i++) {
        assertEquals("NOT_YET_VISIBLE", askFor(new Origin(1, Integer.MAX_VALUE - i), cluster, 2));
      }
      cluster.start(1);
      cluster.time().advance(SOME_TIME);
      alice.moveTo(2);
      Reply<ClientReadResponse> read = alice.request(key("k"));
      cluster.time().advance(SOME_TIME);
      assertEquals("WRITE_LOST", Refusal.of(read).reason());

      int ended = 0;
      for (int i = 1; i <= 100; i++) {
        if (askFor(new Origin(1, i), cluster, 2).equals("WRITE_LOST")) {
          ended++;
        }
      }
      assertTrue(ended > 0 && ended < 64, ended + " ended since somebody asked for them");
      cluster.session(1).write(put("k", "kept too"));
      cluster.converge();
      assertEquals(Optional.of("kept too"), cluster.session(2).get("k"));
    }
  }

  /** What a session is told that says that it has seen a write of a life. */
  private static String askFor(Origin life, Cluster cluster, int replica) {
    TestSession liar = cluster.session(replica);
    liar.setState(
        Junk.forged(
            SessionToken.newBuilder()
                .setFormatVersion(Wire.FORMAT_VERSION)
                .setCluster(cluster.name())
                .setDependencies(Wire.toProto(PositionSet.ofRange(life, 1, 1)))
                .build()));
    Reply<ClientReadResponse> read = liar.request(key("k"));
    cluster.time().advance(SOME_TIME);
    return Refusal.of(read).reason();
  }
}
