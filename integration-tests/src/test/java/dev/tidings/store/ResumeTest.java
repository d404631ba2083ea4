package dev.tidings.store;

import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.causal.Consistency;
import dev.tidings.clock.VersionVector;
import dev.tidings.harness.Cluster;
import dev.tidings.replica.wire.EncodedWrite;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Acknowledgement;
import dev.tidings.v1.Hello;
import dev.tidings.v1.Origin;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

/** Replica 1 sends to a peer that is played by hand. */
final class ResumeTest {
  /** A peer that holds what it has received, and hangs up when told. */
  private static final class Peer extends ReplicationServiceGrpc.ReplicationServiceImplBase {
    final List<Long> received = new ArrayList<>();
    final List<StreamObserver<ReplicateResponse>> streams = new ArrayList<>();
    private long held;

    @Override
    public StreamObserver<ReplicateRequest> replicate(StreamObserver<ReplicateResponse> responses) {
      streams.add(responses);
      return new StreamObserver<>() {
        @Override
        public void onNext(ReplicateRequest request) {
          if (request.hasHello()) {
            responses.onNext(
                ReplicateResponse.newBuilder().setHello(answer(request.getHello())).build());
            var wants = ReplicateResponse.newBuilder();
            wants
                .getWantsBuilder()
                .addWantsBuilder()
                .setOrigin(request.getHello().getOrigin())
                .setAfter(held);
            responses.onNext(wants.build());
            return;
          }
          if (!request.hasBatch()) {
            return;
          }
          for (EncodedWrite each : Wire.writes(request.getBatch().getWritesList())) {
            held = each.write().position().sequence();
            received.add(held);
          }
          responses.onNext(
              ReplicateResponse.newBuilder()
                  .setAcknowledgement(Acknowledgement.newBuilder().setHeldUpTo(held))
                  .build());
        }

        @Override
        public void onError(Throwable thrown) {}

        @Override
        public void onCompleted() {}
      };
    }

    private Hello answer(Hello hello) {
      Hello.Builder answer =
          hello.toBuilder()
              .setOrigin(Origin.newBuilder().setReplicaId(2).setIncarnation(22))
              .setToReplicaId(1);
      answer
          .getStandingBuilder()
          .setOf(answer.getOrigin())
          .clearVisible()
          .setHeld(Wire.toProto(VersionVector.EMPTY.with(Wire.fromProto(hello.getOrigin()), held)));
      return answer.build();
    }
  }

  @Test
  void a_link_that_broke_resumes_after_what_the_peer_holds_and_repeats_nothing()
      throws IOException {
    var peer = new Peer();
    try (Cluster cluster = new Cluster(2, "", Consistency.CAUSAL)) {
      Server server =
          InProcessServerBuilder.forName(cluster.peerAddress(2))
              .directExecutor()
              .addService(peer)
              .build()
              .start();
      cluster.start(1);
      cluster.time().settle();
      cluster.session(1).write(put("a", "1"));
      cluster.session(1).write(put("b", "2"));
      cluster.time().settle();
      assertEquals(List.of(1L, 2L), peer.received);
      assertEquals(2, cluster.status(1).getPeers(0).getAcknowledged());

      peer.streams.get(0).onError(Status.UNAVAILABLE.asRuntimeException());
      cluster.session(1).write(put("c", "3"));
      cluster.time().advance(Duration.ofSeconds(10));
      assertEquals(2, peer.streams.size());
      assertEquals(List.of(1L, 2L, 3L), peer.received);

      // A restart of the sender changes nothing in that.
      cluster.kill(1);
      cluster.start(1);
      cluster.time().settle();
      cluster.session(1).write(put("d", "4"));
      cluster.time().advance(Duration.ofSeconds(10));
      assertEquals(List.of(1L, 2L, 3L, 4L), peer.received);
      server.shutdownNow();
    }
  }
}
