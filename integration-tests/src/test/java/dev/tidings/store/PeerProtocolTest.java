package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.only;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.v1.Consistency;
import dev.tidings.v1.Hello;
import dev.tidings.v1.Origin;
import dev.tidings.v1.Position;
import dev.tidings.v1.PositionSet;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.Version;
import dev.tidings.v1.Write;
import dev.tidings.v1.WriteBatch;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/**
 * Replica 3 of a cluster whose other replicas are played by hand, as a program in any language may.
 */
final class PeerProtocolTest {
  private static final Origin ONE = Origin.newBuilder().setReplicaId(1).setIncarnation(11).build();
  private static final Origin TWO = Origin.newBuilder().setReplicaId(2).setIncarnation(22).build();
  private static final String RING = "ring";

  private final Cluster cluster = new Cluster(3, "", dev.tidings.causal.Consistency.CAUSAL);

  {
    cluster.start(3);
    cluster.time().settle();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  /** A stream of a replica that we play. */
  private final class Peer {
    final Reply<ReplicateResponse> answers = new Reply<>();
    final StreamObserver<ReplicateRequest> requests =
        ReplicationServiceGrpc.newStub(cluster.peerChannel(3)).replicate(answers);

    Peer hello(Hello hello) {
      requests.onNext(ReplicateRequest.newBuilder().setHello(hello).build());
      cluster.time().settle();
      return this;
    }

    Peer send(Write... writes) {
      requests.onNext(
          ReplicateRequest.newBuilder()
              .setBatch(WriteBatch.newBuilder().addAllWrites(Arrays.asList(writes)))
              .build());
      cluster.time().settle();
      return this;
    }

    long acknowledged() {
      assertNull(answers.failure());
      List<ReplicateResponse> messages = answers.messages();
      return messages.get(messages.size() - 1).getAcknowledgement().getHeldUpTo();
    }

    void assertRefused(Status.Code code, String reason, String words) {
      Refusal refusal = Refusal.of(answers);
      assertEquals(code, refusal.code(), refusal::toString);
      assertEquals(reason, refusal.reason(), refusal::toString);
      assertTrue(refusal.message().contains(words), refusal::message);
    }
  }

  private Hello hello(Origin origin) {
    return Hello.newBuilder()
        .setFormatVersion(1)
        .setCluster(cluster.name())
        .setConsistency(Consistency.CONSISTENCY_CAUSAL)
        .setOrigin(origin)
        .setToReplicaId(3)
        .build();
  }

  private Peer peer(Origin origin) {
    return new Peer().hello(hello(origin));
  }

  private static Position position(Origin origin, long sequence) {
    return Position.newBuilder().setOrigin(origin).setSequence(sequence).build();
  }

  private static Write write(
      Origin origin, long sequence, long lamport, PositionSet dependencies, String text) {
    return Write.newBuilder()
        .setPosition(position(origin, sequence))
        .setVersion(Version.newBuilder().setLamportTime(lamport).setOrigin(origin))
        .setDependencies(dependencies)
        .addMutations(append(RING, text))
        .build();
  }

  private final Write lost = write(ONE, 1, 1, PositionSet.getDefaultInstance(), "lost");
  private final Write found = write(ONE, 2, 5, only(position(ONE, 1)), "found");
  private final Write glad = write(TWO, 1, 8, only(position(ONE, 2)), "glad");

  private List<String> shown() {
    return cluster.session(3).entries(RING);
  }

  @Test
  void an_answer_that_comes_first_is_held_and_shown_after_what_it_answers() {
    Peer two = peer(TWO).send(glad);
    assertEquals(1, two.acknowledged());
    assertEquals(List.of(), shown());
    Peer one = peer(ONE).send(lost);
    assertEquals(List.of("lost"), shown());
    one.send(found);
    assertEquals(2, one.acknowledged());
    assertEquals(List.of("lost", "found", "glad"), shown());
  }

  @Test
  void a_repeated_write_is_harmless_and_acknowledged_again() {
    Peer one = peer(ONE).send(lost, found).send(lost, found).send(found);
    assertEquals(2, one.acknowledged());
    assertEquals(List.of("lost", "found"), shown());
    assertEquals(2, peer(ONE).send(lost).acknowledged());
    assertEquals(List.of("lost", "found"), shown());
  }

  @Test
  void a_write_beyond_a_gap_ends_the_stream_and_a_new_one_resumes_where_the_log_is_held() {
    peer(ONE)
        .send(found)
        .assertRefused(Status.Code.FAILED_PRECONDITION, "POSITION_GAP", "resume at 1");
    Peer again = peer(ONE);
    assertEquals(0, again.answers.messages().get(0).getHello().getHeld().getOriginsCount());
    again.send(lost).send(found);
    assertEquals(List.of("lost", "found"), shown());
    assertEquals(
        2, peer(ONE).answers.messages().get(0).getHello().getHeld().getOrigins(0).getUpTo());
  }

  @Test
  void a_peer_that_is_set_up_differently_is_refused() {
    Status.Code precondition = Status.Code.FAILED_PRECONDITION;
    new Peer()
        .hello(hello(ONE).toBuilder().setCluster("other").build())
        .assertRefused(precondition, "CLUSTER_MISMATCH", "cluster");
    new Peer()
        .hello(hello(ONE).toBuilder().setFormatVersion(2).build())
        .assertRefused(precondition, "CLUSTER_MISMATCH", "format version");
    new Peer()
        .hello(hello(ONE).toBuilder().setConsistency(Consistency.CONSISTENCY_EVENTUAL).build())
        .assertRefused(precondition, "CLUSTER_MISMATCH", "EVENTUAL");
    new Peer()
        .hello(hello(ONE).toBuilder().setToReplicaId(2).build())
        .assertRefused(precondition, "CLUSTER_MISMATCH", "this is replica 3");
    new Peer()
        .hello(hello(ONE.toBuilder().setReplicaId(3).build()))
        .assertRefused(precondition, "CLUSTER_MISMATCH", "replica id 3");
  }

  @Test
  void malformed_messages_are_refused_and_change_nothing() {
    Status.Code invalid = Status.Code.INVALID_ARGUMENT;
    new Peer().send(lost).assertRefused(invalid, "INVALID_REQUEST", "first message is a hello");
    peer(ONE).hello(hello(ONE)).assertRefused(invalid, "INVALID_REQUEST", "only the first");
    peer(ONE).send().assertRefused(invalid, "INVALID_REQUEST", "at least one write");
    peer(ONE).send(glad).assertRefused(invalid, "INVALID_REQUEST", "on the stream of replica 1");
    peer(ONE)
        .send(lost.toBuilder().setVersion(lost.getVersion().toBuilder().setLamportTime(-1)).build())
        .assertRefused(invalid, "INVALID_REQUEST", "Lamport time");
    peer(ONE)
        .send(lost.toBuilder().clearMutations().build())
        .assertRefused(invalid, "INVALID_REQUEST", "at least one mutation");
    new Peer()
        .hello(hello(Origin.getDefaultInstance()))
        .assertRefused(invalid, "INVALID_REQUEST", "between 1 and 2^31 - 1");
    assertEquals(List.of(), shown());
    assertEquals(0, cluster.status(3).getLamportTime());
  }
}
