package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.only;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.replica.wire.Wire;
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
import io.grpc.stub.ClientCallStreamObserver;
import java.time.Duration;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.atomic.AtomicInteger;
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
    final ClientCallStreamObserver<ReplicateRequest> requests =
        (ClientCallStreamObserver<ReplicateRequest>)
            ReplicationServiceGrpc.newStub(cluster.peerChannel(3)).replicate(answers);

    Peer hello(Hello hello) {
      requests.onNext(ReplicateRequest.newBuilder().setHello(hello).build());
      cluster.time().settle();
      return this;
    }

    Peer send(Write... writes) {
      sendAtOnce(writes);
      cluster.time().settle();
      return this;
    }

    /** Sends, and lets the replica do nothing yet. */
    void sendAtOnce(Write... writes) {
      var batch = WriteBatch.newBuilder().setAwaited(true);
      for (Write write : writes) {
        batch.addWrites(write.toByteString());
      }
      send(batch);
    }

    void send(WriteBatch.Builder batch) {
      requests.onNext(ReplicateRequest.newBuilder().setBatch(batch).build());
    }

    List<Long> acknowledgements() {
      assertNull(answers.failure());
      return answers.messages().stream()
          .filter(ReplicateResponse::hasAcknowledgement)
          .map(answer -> answer.getAcknowledgement().getHeldUpTo())
          .toList();
    }

    long acknowledged() {
      return Collections.max(acknowledgements());
    }

    /** What the replica said that it holds. */
    PositionSet held() {
      return answers.messages().get(0).getHello().getStanding().getHeld();
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
        .setFormatVersion(Wire.FORMAT_VERSION)
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
  void what_nobody_waits_for_is_shown_at_once_and_acknowledged_soon_and_once() {
    Peer one = peer(ONE);
    for (Write write : List.of(lost, found)) {
      one.send(WriteBatch.newBuilder().addWrites(write.toByteString()));
      cluster.time().settle();
    }
    assertEquals(List.of("lost", "found"), shown());
    assertEquals(List.of(), one.acknowledgements());
    cluster.time().advance(Duration.ofMillis(100));
    assertEquals(List.of(2L), one.acknowledgements());
  }

  @Test
  void batches_that_come_while_a_round_lasts_are_of_one_round() {
    Peer one = peer(ONE);
    var commits = new AtomicInteger();
    cluster.onDiskWork(
        new Cluster.DiskWork() {
          @Override
          public void committing(int id) {
            commits.incrementAndGet();
          }
        });
    for (int sequence = 1; sequence <= 10; sequence++) {
      one.sendAtOnce(
          write(ONE, sequence, sequence, PositionSet.getDefaultInstance(), "" + sequence));
    }
    cluster.time().settle();
    assertEquals(10, one.acknowledged());
    // The first has one of its own, since it was alone.
    assertEquals(2, commits.get());
  }

  @Test
  void the_more_a_peer_sends_in_a_message_the_fewer_wait() {
    // One of them the loop has.
    assertEquals(1 + 16, sentAhead(ONE, 10));
    assertEquals(1 + 3, sentAhead(TWO, 200 << 10));
  }

  /** How many batches a peer is let send at once while the replica does nothing. */
  private long sentAhead(Origin origin, int bytes) {
    Peer peer = peer(origin);
    // Small, and tells nothing of what is to come.
    peer.send(write(origin, 1, 1, PositionSet.getDefaultInstance(), "first"));
    String text = "x".repeat(bytes);
    long sequence = 1;
    do {
      sequence++;
      peer.sendAtOnce(write(origin, sequence, sequence, PositionSet.getDefaultInstance(), text));
    } while (peer.requests.isReady());
    cluster.time().settle();
    assertEquals(sequence, peer.acknowledged());
    return sequence - 1;
  }

  @Test
  void what_follows_a_malformed_message_is_not_taken() {
    Peer one = peer(ONE);
    one.sendAtOnce(lost);
    one.sendAtOnce();
    one.sendAtOnce(found);
    cluster.time().settle();
    one.assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", "at least one write");
    assertEquals(List.of("lost"), shown());
    List<String> before = List.copyOf(cluster.story(3));
    var rude = new Peer();
    rude.sendAtOnce(lost);
    rude.hello(hello(TWO));
    rude.assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", "is a hello");
    assertEquals(before, cluster.story(3));
  }

  @Test
  void a_write_beyond_a_gap_ends_the_stream_and_a_new_one_resumes_where_the_log_is_held() {
    peer(ONE)
        .send(found)
        .assertRefused(Status.Code.FAILED_PRECONDITION, "POSITION_GAP", "resume at 1");
    Peer again = peer(ONE);
    assertEquals(0, again.held().getRanges().size());
    again.send(lost).send(found);
    assertEquals(List.of("lost", "found"), shown());
    assertEquals(2, Wire.fromProto(peer(ONE).held()).upTo(Wire.fromProto(ONE)));
  }

  @Test
  void a_peer_that_is_set_up_differently_is_refused() {
    Status.Code precondition = Status.Code.FAILED_PRECONDITION;
    new Peer()
        .hello(hello(ONE).toBuilder().setCluster("other").build())
        .assertRefused(precondition, "CLUSTER_MISMATCH", "cluster");
    new Peer()
        .hello(hello(ONE).toBuilder().setFormatVersion(Wire.FORMAT_VERSION + 1).build())
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
    new Peer()
        .hello(hello(ONE.toBuilder().setReplicaId(4).build()))
        .assertRefused(precondition, "CLUSTER_MISMATCH", "its members are [1, 2, 3]");
  }

  @Test
  void a_stream_that_is_half_closed_while_a_batch_is_under_way_is_answered_first() {
    Peer one = peer(ONE);
    one.sendAtOnce(lost);
    one.requests.onCompleted();
    cluster.time().settle();
    assertEquals(1, one.acknowledged());
    assertTrue(one.answers.hasEnded());
    assertEquals(List.of("lost"), shown());
  }

  @Test
  void a_stream_that_is_half_closed_or_cancelled_at_any_moment_leaves_the_replica_as_it_was() {
    var hello = ReplicateRequest.newBuilder().setHello(hello(ONE)).build();
    var early = new Peer();
    early.requests.onNext(hello);
    early.requests.onCompleted();
    var refused = peer(ONE);
    refused.sendAtOnce(found);
    refused.requests.onCompleted();
    var gone = peer(ONE);
    gone.sendAtOnce(lost);
    gone.requests.onError(new IllegalStateException("gone"));
    cluster.time().settle();
    assertTrue(early.answers.messages().get(0).hasHello());
    assertTrue(early.answers.hasEnded());
    refused.assertRefused(Status.Code.FAILED_PRECONDITION, "POSITION_GAP", "resume at 1");
    assertEquals(2, peer(ONE).send(lost, found).acknowledged());
  }

  @Test
  void a_second_stream_of_an_origin_does_not_stop_the_first() {
    Peer first = peer(ONE);
    Peer second = peer(ONE);
    first.sendAtOnce(lost);
    second.sendAtOnce(lost);
    cluster.time().settle();
    assertEquals(2, first.send(lost, found).acknowledged());
    assertEquals(2, second.send(found).acknowledged());
  }

  @Test
  void a_lamport_time_near_2_to_the_62_is_refused_and_wedges_nothing() {
    for (long time : new long[] {(1L << 62) - 1, 1L << 62, 1L << 49}) {
      peer(ONE)
          .send(write(ONE, 1, time, PositionSet.getDefaultInstance(), "poison"))
          .assertRefused(Status.Code.FAILED_PRECONDITION, "CLOCK_JUMP_REJECTED", "ahead");
      assertEquals(0, cluster.status(3).getLamportTime());
    }
    cluster.session(3).write(append(RING, "a client's"));
    assertEquals(
        1,
        peer(TWO)
            .send(write(TWO, 1, 8, PositionSet.getDefaultInstance(), "a peer's"))
            .acknowledged());
    // As far as a peer may be ahead, the replica goes on.
    peer(ONE).send(write(ONE, 1, 1L << 48, PositionSet.getDefaultInstance(), "far ahead"));
    cluster.session(3).write(append(RING, "after"));
    assertEquals(List.of("a client's", "a peer's", "far ahead", "after"), shown());
  }

  @Test
  void a_peer_that_says_nothing_but_hello_for_ever_is_no_flood_in_the_log() {
    for (int i = 0; i < 1_000; i++) {
      peer(ONE).requests.onError(new IllegalStateException("gone"));
    }
    cluster.time().settle();
    assertTrue(cluster.story(3).size() <= 30, () -> cluster.story(3).size() + " lines");
  }

  @Test
  void malformed_messages_are_refused_and_change_nothing() {
    Status.Code invalid = Status.Code.INVALID_ARGUMENT;
    new Peer().send(lost).assertRefused(invalid, "INVALID_REQUEST", "first message is a hello");
    peer(ONE).hello(hello(ONE)).assertRefused(invalid, "INVALID_REQUEST", "only the first");
    peer(ONE).send().assertRefused(invalid, "INVALID_REQUEST", "at least one write");
    peer(ONE).send(glad).assertRefused(invalid, "INVALID_REQUEST", "not asked for");
    peer(ONE)
        .send(lost.toBuilder().setVersion(lost.getVersion().toBuilder().setLamportTime(-1)).build())
        .assertRefused(invalid, "INVALID_REQUEST", "Lamport time");
    peer(ONE)
        .send(lost.toBuilder().clearMutations().build())
        .assertRefused(invalid, "INVALID_REQUEST", "at least one mutation");
    peer(ONE)
        .send(lost.toBuilder().setMutations(0, append("", "lost")).build())
        .assertRefused(invalid, "INVALID_REQUEST", "a key is empty");
    Peer late = peer(ONE);
    late.send(
        WriteBatch.newBuilder().addWrites(lost.toByteString()).setSimulatedDelaySeconds(86_401));
    cluster.time().settle();
    late.assertRefused(invalid, "INVALID_REQUEST", "at most a day");
    new Peer()
        .hello(hello(ONE).toBuilder().setClientAddress("x".repeat(301)).build())
        .assertRefused(invalid, "INVALID_REQUEST", "300 characters");
    new Peer()
        .hello(hello(Origin.getDefaultInstance()))
        .assertRefused(invalid, "INVALID_REQUEST", "between 1 and 2^31 - 1");
    assertEquals(List.of(), shown());
    assertEquals(0, cluster.status(3).getLamportTime());
  }
}
