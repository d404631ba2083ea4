package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.feed;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.Message;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.CapturedLog;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Junk;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.harness.TestWatch;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.Moment;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SessionToken;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SimulatedLink;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import io.grpc.CallOptions;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import java.util.concurrent.TimeUnit;
import java.util.regex.Pattern;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Clients that send anything: each gets a clear answer, no one else notices, and nothing is left
 * behind.
 */
final class FuzzClientsTest {
  private static final int REQUESTS = 400;
  private static final Set<String> REFUSALS =
      Set.of(
          "INVALID_ARGUMENT INVALID_REQUEST",
          "INVALID_ARGUMENT SIZE_LIMIT",
          "INVALID_ARGUMENT SESSION_TOKEN_INVALID",
          "INVALID_ARGUMENT MOMENT_INVALID",
          "FAILED_PRECONDITION CLOCK_JUMP_REJECTED",
          "FAILED_PRECONDITION REQUEST_SUPERSEDED",
          "OUT_OF_RANGE MOMENT_NOT_KEPT",
          "UNAVAILABLE NOT_YET_VISIBLE");

  /** What is told of a link that a request has changed, or cut for a while. */
  private static final Pattern LINK =
      Pattern.compile("^link 1>2: |^lost replica 2 .*link is cut|^connected to replica 2 ");

  /** A call, and what may become of it. */
  private record Sent(String what, Reply<?> reply, boolean isWrite, boolean mayEndByItself) {
    /** Or is a watch that has begun. */
    boolean hasEnded() {
      return reply.hasEnded()
          || (!reply.messages().isEmpty() && reply.messages().get(0) instanceof WatchResponse);
    }
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatever_a_client_sends_is_answered_and_disturbs_nobody(long seed) {
    try (Cluster cluster = Cluster.started(2, "");
        var log = new CapturedLog()) {
      new Run(seed, cluster).run();
      assertEquals(
          List.of(), log.lines().stream().filter(line -> !LINK.matcher(line).find()).toList());
    }
  }

  private static final class Run {
    private final long seed;
    private final Cluster cluster;
    private final Random chance;
    private final Junk junk;
    private final TestSession bystander;
    private final List<Sent> sent = new ArrayList<>();
    private final SessionToken token;
    private final Moment moment;
    private long bystanderWrites;

    Run(long seed, Cluster cluster) {
      this.seed = seed;
      this.cluster = cluster;
      this.chance = new Random(seed);
      this.junk = new Junk(chance);
      this.bystander = cluster.session(1);
      GetStatusResponse status = cluster.status(1);
      token =
          SessionToken.newBuilder()
              .setFormatVersion(Wire.FORMAT_VERSION)
              .setCluster(cluster.name())
              .setClock(5)
              .setDependencies(
                  Wire.toProto(
                      PositionSet.ofRange(Wire.fromProto(status.getOrigin()), 1, 1)
                          .union(
                              PositionSet.ofRange(
                                  Wire.fromProto(cluster.status(2).getOrigin()), 3, 5))))
              .build();
      moment =
          Moment.newBuilder()
              .setFormatVersion(Wire.FORMAT_VERSION)
              .setCluster(cluster.name())
              .setPositions(token.getDependencies())
              .setKeptBy(status.getOrigin())
              .setNumber(1)
              .build();
    }

    void run() {
      cluster.time().advance(Duration.ofMinutes(1));
      int scheduled = cluster.time().scheduled();
      for (int i = 0; i < REQUESTS; i++) {
        String what = "seed %d, request %d".formatted(seed, i);
        long before = cluster.status(1).getLamportTime();
        long acceptedBefore = accepted();
        send(what);
        if (chance.nextInt(3) > 0) {
          cluster.time().settle();
          check();
          long writes = accepted() - acceptedBefore;
          long lamport = cluster.status(1).getLamportTime();
          assertTrue(
              lamport - before <= writes * (Cluster.MAX_FORWARD_JUMP + 1),
              () -> what + " pushed the clock from " + before + " to " + lamport);
        }
        if (i % 10 == 0) {
          bystand(what);
        }
      }
      cluster.time().advance(Cluster.READ_WAIT.plusSeconds(1));
      check();
      for (Sent call : sent) {
        assertTrue(call.hasEnded() || call.mayEndByItself, call.what);
      }
      bystand("seed " + seed + ", at the end");
      cluster.link(1, 2, Duration.ZERO, false);
      cluster.converge();
      // Some have asked for moments to be kept.
      cluster.time().advance(Duration.ofMinutes(6));
      assertEquals(scheduled, cluster.time().scheduled(), "something still waits");
    }

    /** Another client is served at once. */
    private void bystand(String what) {
      bystander.write(put("bystander", what));
      bystanderWrites++;
      assertEquals(Optional.of(what), bystander.get("bystander"));
    }

    /** Writes that were answered. What a client has cancelled may have happened. */
    private long accepted() {
      return sent.stream()
          .filter(call -> call.isWrite && (!call.reply.messages().isEmpty() || call.mayEndByItself))
          .count();
    }

    private void check() {
      for (Sent call : sent) {
        if (call.reply.failure() != null && !call.mayEndByItself) {
          Refusal refusal = Refusal.of(call.reply);
          assertTrue(
              REFUSALS.contains(refusal.code() + " " + refusal.reason()),
              () -> call.what + ": " + refusal);
          assertTrue(refusal.message().length() > 10, () -> call.what + ": " + refusal);
          assertTrue(refusal.message().length() <= 600, () -> call.what + ": " + refusal);
        }
      }
      GetStatusResponse status = cluster.status(1);
      assertEquals(status.getFrontier(), status.getHeld());
      assertEquals(0, status.getStalledNow());
      long own = Wire.fromProto(status.getHeld()).upTo(Wire.fromProto(status.getOrigin()));
      long answered =
          sent.stream().filter(call -> call.isWrite && !call.reply.messages().isEmpty()).count();
      assertTrue(own >= bystanderWrites + answered && own <= bystanderWrites + accepted());
    }

    private void send(String what) {
      switch (chance.nextInt(12)) {
        case 0 ->
            sendRaw(
                what, AdminServiceGrpc.getGetStatusMethod(), GetStatusRequest.getDefaultInstance());
        case 1 ->
            sendRaw(
                what,
                AdminServiceGrpc.getSetLinkMethod(),
                SetLinkRequest.newBuilder()
                    .setToReplicaId(2)
                    .setLink(SimulatedLink.newBuilder().setDelayMillis(100))
                    .build());
        case 9, 10 -> sendRaw(what, CausalStoreServiceGrpc.getWatchMethod(), watch());
        case 2, 3, 4 -> sendRaw(what, CausalStoreServiceGrpc.getClientReadMethod(), read());
        case 11 -> sendRaw(what, CausalStoreServiceGrpc.getScanMethod(), read());
        default -> sendRaw(what, CausalStoreServiceGrpc.getClientWriteMethod(), write());
      }
    }

    private ClientReadRequest read() {
      ClientReadRequest.Builder request =
          ClientReadRequest.newBuilder()
              .setSession(session())
              .addItems(key("k"))
              .addItems(feed("f"))
              .setWithDependencies(true)
              .setKeepMomentValue(chance.nextInt(4));
      if (chance.nextInt(4) == 0) {
        request.setMoment(Junk.forged(chance.nextBoolean() ? moment : junk.mutated(moment)));
      }
      return request.build();
    }

    private ClientWriteRequest write() {
      return ClientWriteRequest.newBuilder()
          .setSession(session())
          .setRequestId(
              RequestId.newBuilder()
                  .setSession(ByteString.copyFromUtf8("%016d".formatted(sent.size())))
                  .setNumber(1))
          .addMutations(put("k", "v"))
          .addMutations(append("f", "entry"))
          .addMutations(delete("d"))
          .build();
    }

    private WatchRequest watch() {
      WatchRequest.Builder request =
          TestWatch.request(
              TestWatch.key("k"),
              TestWatch.feed("f"),
              TestWatch.prefix("by"),
              TestWatch.range("a", "z"));
      if (chance.nextBoolean()) {
        request.setSession(session());
      }
      if (chance.nextBoolean()) {
        request.setAfter(Junk.forged(chance.nextBoolean() ? moment : junk.mutated(moment)));
      }
      return request.build();
    }

    private SessionState session() {
      return switch (chance.nextInt(5)) {
        case 0 -> SessionState.getDefaultInstance();
        case 1 -> bystander.state();
        case 2 ->
            bystander.state().toBuilder()
                .addAlso(Junk.forged(junk.mutated(token)).getToken())
                .build();
        default -> Junk.forged(junk.mutated(token));
      };
    }

    private <Q extends Message, R> void sendRaw(
        String what, MethodDescriptor<Q, R> method, Q valid) {
      boolean isWrite = method == CausalStoreServiceGrpc.getClientWriteMethod();
      int manner = chance.nextInt(12);
      boolean leaves = manner < 3;
      var reply = new Reply<R>();
      CallOptions options =
          manner == 0
              ? CallOptions.DEFAULT.withDeadlineAfter(-1, TimeUnit.SECONDS)
              : CallOptions.DEFAULT;
      var call = cluster.clientChannel(1).newCall(Junk.raw(method), options);
      sent.add(new Sent(what, reply, isWrite, leaves));
      StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(call, reply);
      try {
        if (manner == 3) {
          requests.onCompleted();
          return;
        }
        requests.onNext(chance.nextInt(3) == 0 ? valid.toByteArray() : junk.bytes(valid));
        if (manner == 4) {
          requests.onNext(valid.toByteArray());
        }
        if (manner == 1) {
          // Never to be half-closed.
          call.cancel("left", new CancellationException());
          return;
        }
        requests.onCompleted();
        if (manner == 2) {
          call.cancel("left", new CancellationException());
        }
      } catch (IllegalStateException e) {
        // Refused already.
        assertTrue(reply.hasEnded(), what);
      }
    }
  }
}
