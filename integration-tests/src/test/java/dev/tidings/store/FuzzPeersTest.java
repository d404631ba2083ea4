package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Message;
import dev.tidings.causal.Consistency;
import dev.tidings.clock.LamportClock;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.CapturedLog;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Junk;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.Hello;
import dev.tidings.v1.Origin;
import dev.tidings.v1.Position;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.Version;
import dev.tidings.v1.Write;
import dev.tidings.v1.WriteBatch;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * A peer that sends anything, beside an honest one: it gets a clear answer, and neither clients nor
 * the other peer notice.
 */
final class FuzzPeersTest {
  private static final int STEPS = 300;
  private static final Origin HONEST =
      Origin.newBuilder().setReplicaId(1).setIncarnation(11).build();
  private static final Origin LIAR = Origin.newBuilder().setReplicaId(2).setIncarnation(22).build();
  private static final Set<String> REFUSALS =
      Set.of(
          "INVALID_ARGUMENT INVALID_REQUEST",
          "FAILED_PRECONDITION CLUSTER_MISMATCH",
          "FAILED_PRECONDITION REPLICA_REMOVED",
          "FAILED_PRECONDITION POSITION_GAP",
          "FAILED_PRECONDITION CLOCK_JUMP_REJECTED");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatever_a_peer_sends_is_answered_and_disturbs_nobody(long seed) {
    try (var log = new CapturedLog();
        var cluster = new Cluster(3, "", Consistency.CAUSAL)) {
      cluster.start(3);
      cluster.time().settle();
      new Run(seed, cluster).run();
      assertTrue(log.lines().size() < 10, () -> log.lines().toString());
      // All of it at one moment of virtual time, and told as the first second's share.
      long told = cluster.story(3).stream().filter(line -> line.contains("connected")).count();
      assertTrue(told <= 30, () -> told + " lines");
    }
  }

  private static final class Run {
    private final long seed;
    private final Cluster cluster;
    private final Random chance;
    private final Junk junk;
    private final TestSession client;
    private final Stream honest;
    private final List<Stream> streams = new ArrayList<>();
    private long honestWrites;

    Run(long seed, Cluster cluster) {
      this.seed = seed;
      this.cluster = cluster;
      this.chance = new Random(seed);
      this.junk = new Junk(chance);
      this.client = cluster.session(3);
      this.honest = new Stream();
      honest.send(hello(HONEST));
    }

    private final class Stream {
      final Reply<ReplicateResponse> answers = new Reply<>();
      final ClientCall<byte[], ReplicateResponse> call =
          cluster
              .peerChannel(3)
              .newCall(Junk.raw(ReplicationServiceGrpc.getReplicateMethod()), CallOptions.DEFAULT);
      final StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(call, answers);
      boolean done;

      void send(Message request) {
        send(request.toByteArray());
      }

      void send(byte[] request) {
        if (!done && !answers.hasEnded()) {
          requests.onNext(request);
        }
      }

      void halfClose() {
        if (!done && !answers.hasEnded()) {
          requests.onCompleted();
        }
        done = true;
      }

      void cancel() {
        call.cancel("left", new CancellationException());
        done = true;
      }
    }

    void run() {
      for (int i = 0; i < STEPS; i++) {
        String what = "seed %d, step %d".formatted(seed, i);
        long before = cluster.status(3).getLamportTime();
        step();
        if (chance.nextInt(3) > 0) {
          cluster.time().settle();
          check(what, before);
        }
        if (i % 20 == 0) {
          bystand(what);
        }
      }
      streams.forEach(Stream::halfClose);
      cluster.time().settle();
      for (Stream stream : streams) {
        assertTrue(stream.answers.hasEnded(), "a stream was not ended");
      }
      bystand("seed " + seed + ", at the end");
    }

    private void step() {
      if (streams.isEmpty() || chance.nextInt(4) == 0) {
        streams.add(new Stream());
        if (chance.nextInt(4) > 0) {
          last().send(hello(LIAR));
        }
        return;
      }
      Stream stream = chance.nextInt(4) == 0 ? streams.get(chance.nextInt(streams.size())) : last();
      switch (chance.nextInt(8)) {
        case 0 -> stream.send(junk.bytes(hello(LIAR)));
        case 1 -> stream.send(junk.bytes(batch()));
        case 2 -> stream.halfClose();
        case 3 -> stream.cancel();
        case 4 -> stream.send(junk.mutated(batch()));
        default -> stream.send(batch());
      }
    }

    private Stream last() {
      return streams.get(streams.size() - 1);
    }

    private ReplicateRequest hello(Origin origin) {
      return ReplicateRequest.newBuilder()
          .setHello(
              Hello.newBuilder()
                  .setFormatVersion(Wire.FORMAT_VERSION)
                  .setCluster(cluster.name())
                  .setConsistency(dev.tidings.v1.Consistency.CONSISTENCY_CAUSAL)
                  .setOrigin(origin)
                  .setToReplicaId(3)
                  .setClientAddress("127.0.0.1:1"))
          .build();
    }

    /** The next writes, some again, or some left out. */
    private ReplicateRequest batch() {
      long first = Math.max(1, held(LIAR) + 1 - chance.nextInt(2) + chance.nextInt(8) / 7);
      long lamport = cluster.status(3).getLamportTime();
      var batch = WriteBatch.newBuilder().setSimulatedDelaySeconds(chance.nextInt(3));
      for (int i = 0; i <= chance.nextInt(3); i++) {
        batch.addWrites(write(LIAR, first + i, lamport + i + 1, "lie").toByteString());
      }
      return ReplicateRequest.newBuilder().setBatch(batch).build();
    }

    private Write write(Origin origin, long sequence, long lamport, String text) {
      var dependencies = PositionSet.EMPTY;
      if (held(HONEST) > 0 && origin.equals(LIAR)) {
        dependencies =
            PositionSet.ofRange(Wire.fromProto(HONEST), 1, 1 + chance.nextInt((int) held(HONEST)));
      }
      return Write.newBuilder()
          .setPosition(Position.newBuilder().setOrigin(origin).setSequence(sequence))
          .setVersion(Version.newBuilder().setLamportTime(lamport).setOrigin(origin))
          .setDependencies(Wire.toProto(dependencies))
          .addMutations(append(text, text + sequence))
          .build();
    }

    private long held(Origin origin) {
      return Wire.fromProto(cluster.status(3).getHeld()).upTo(Wire.fromProto(origin));
    }

    private void check(String what, long lamportBefore) {
      for (Stream stream : streams) {
        if (stream.answers.failure() != null && !stream.done) {
          Refusal refusal = Refusal.of(stream.answers);
          assertTrue(
              REFUSALS.contains(refusal.code() + " " + refusal.reason()),
              () -> what + ": " + refusal);
          assertTrue(refusal.message().length() > 10, () -> what + ": " + refusal);
          assertTrue(refusal.message().length() <= 600, () -> what + ": " + refusal);
        }
      }
      GetStatusResponse status = cluster.status(3);
      // Up to three writes a batch; the liar has said anything.
      assertTrue(
          status.getLamportTime() - lamportBefore
              <= 20 * (LamportClock.MAX_RECEIVE_JUMP_TICKS + 90_000),
          () -> what + ": the clock went from " + lamportBefore + " to " + status.getLamportTime());
      PositionSet held = Wire.fromProto(status.getHeld());
      held.forEachRange(
          (origin, first, last) ->
              assertTrue(Set.of(1, 2, 3).contains(origin.replicaId()), () -> what + status));
      assertEquals(
          size(held), size(Wire.fromProto(status.getFrontier())) + status.getStalledNow(), what);
      // What is read is what was sent: each write once, and only held ones.
      List<String> lies = cluster.session(3).entries("lie");
      assertTrue(lies.size() <= size(held), what);
    }

    private static long size(PositionSet positions) {
      var size = new long[1];
      positions.forEachRange((origin, first, last) -> size[0] += last - first + 1);
      return size[0];
    }

    /** The honest peer goes on on the stream that it has, and a client is served at once. */
    private void bystand(String what) {
      honestWrites++;
      long lamport = cluster.status(3).getLamportTime() + 1;
      honest.send(
          ReplicateRequest.newBuilder()
              .setBatch(
                  WriteBatch.newBuilder()
                      .setAwaited(true)
                      .addWrites(write(HONEST, honestWrites, lamport, "truth").toByteString()))
              .build());
      cluster.time().settle();
      assertEquals(null, honest.answers.failure(), what);
      List<ReplicateResponse> answers = honest.answers.messages();
      assertEquals(
          honestWrites,
          answers.stream()
              .mapToLong(each -> each.getAcknowledgement().getHeldUpTo())
              .max()
              .orElse(0),
          what);
      assertEquals(honestWrites, cluster.session(3).entries("truth").size(), what);
      client.write(put("bystander", what));
      assertEquals(what, client.get("bystander").orElseThrow());
    }
  }
}
