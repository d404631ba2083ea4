package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.counter;
import static dev.tidings.harness.TestSession.increment;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.PipelineAnswer;
import dev.tidings.v1.PipelineCall;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import dev.tidings.v1.Position;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.SessionState;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Sessions that do not wait for answers. */
final class PipelineTest {
  /** One of them, as the .proto files have it. */
  private static final class TestPipeline
      implements ClientResponseObserver<PipelineRequest, PipelineResponse> {
    private final Reply<PipelineResponse> reply = new Reply<>();
    private final boolean slow;
    private @Nullable ClientCallStreamObserver<PipelineRequest> call;

    TestPipeline(Cluster cluster, int replica) {
      this(cluster, replica, false);
    }

    /**
     * @param slow whether no answers are taken but those that are asked for
     */
    TestPipeline(Cluster cluster, int replica, boolean slow) {
      this.slow = slow;
      CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica)).pipeline(this);
      cluster.time().settle();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<PipelineRequest> requests) {
      call = requests;
      if (slow) {
        requests.disableAutoRequestWithInitial(0);
      }
    }

    @Override
    public void onNext(PipelineResponse response) {
      reply.onNext(response);
    }

    @Override
    public void onError(Throwable failure) {
      reply.onError(failure);
    }

    @Override
    public void onCompleted() {
      reply.onCompleted();
    }

    ClientCallStreamObserver<PipelineRequest> call() {
      return Objects.requireNonNull(call);
    }

    void send(PipelineCall... calls) {
      send(SessionState.getDefaultInstance(), List.of(calls));
    }

    void send(SessionState session, List<PipelineCall> calls) {
      call().onNext(PipelineRequest.newBuilder().setSession(session).addAllCalls(calls).build());
    }

    List<PipelineAnswer> answers() {
      return reply.messages().stream()
          .flatMap(response -> response.getAnswersList().stream())
          .toList();
    }

    /** In short: w, a register's value, a counter's, or the reason of a refusal. */
    List<String> words() {
      return answers().stream().map(TestPipeline::word).toList();
    }

    private static String word(PipelineAnswer answer) {
      return switch (answer.getKindCase()) {
        case WRITE -> "w";
        case READ -> {
          var result = answer.getRead().getResults(0);
          yield result.hasCounter()
              ? String.valueOf(result.getCounter().getValue())
              : result.getRegister().getValue().toStringUtf8();
        }
        case REFUSAL -> reason(answer);
        case KIND_NOT_SET -> throw new AssertionError(answer);
      };
    }

    private static String reason(PipelineAnswer answer) {
      try {
        for (Any detail : com.google.rpc.Status.parseFrom(answer.getRefusal()).getDetailsList()) {
          if (detail.is(ErrorInfo.class)) {
            return detail.unpack(ErrorInfo.class).getReason();
          }
        }
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
      return "";
    }

    /** What the session has seen after the last answer. */
    SessionState session() {
      return reply.messages().get(reply.messages().size() - 1).getSession();
    }
  }

  private static PipelineCall write(Mutation... mutations) {
    return PipelineCall.newBuilder()
        .setWrite(ClientWriteRequest.newBuilder().addAllMutations(List.of(mutations)))
        .build();
  }

  private static PipelineCall read(ReadItem... items) {
    return PipelineCall.newBuilder()
        .setRead(
            ClientReadRequest.newBuilder().addAllItems(List.of(items)).setWithDependencies(true))
        .build();
  }

  @Test
  void each_request_sees_what_those_before_it_have_done_and_answers_come_in_their_order() {
    try (Cluster cluster = Cluster.started(1, "")) {
      var pipeline = new TestPipeline(cluster, 1);
      pipeline.send(
          write(put("k", "1")),
          read(key("k")),
          write(put("k", "2"), increment("c", 5)),
          write(increment("c", -1)),
          read(key("k")),
          read(counter("c")),
          write(put("k", "3")));
      pipeline.send(read(key("k")));
      pipeline.call().onCompleted();
      cluster.time().settle();
      assertEquals(List.of("w", "1", "w", "w", "2", "4", "w", "3"), pipeline.words());
      assertTrue(pipeline.reply.isAnswered());
    }
  }

  @Test
  void a_write_depends_on_what_the_pipeline_has_read_and_written_before_it() {
    try (Cluster cluster = Cluster.started(2, "")) {
      Position other = cluster.session(2).write(put("other", "x")).getPosition();
      cluster.converge();
      var pipeline = new TestPipeline(cluster, 1);
      pipeline.send(
          read(key("other")), write(put("a", "1")), write(put("b", "2")), read(key("a"), key("b")));
      cluster.time().settle();
      var results = pipeline.answers().get(3).getRead();
      assertEquals(
          TestSession.only(other),
          results.getResults(0).getRegister().getWrittenBy().getDependencies());
      assertEquals(
          TestSession.only(pipeline.answers().get(1).getWrite().getPosition()),
          results.getResults(1).getRegister().getWrittenBy().getDependencies());
      // Who goes on from there, anywhere, has seen all of it.
      TestSession next = cluster.session(2);
      next.setState(pipeline.session());
      assertEquals(Optional.of("2"), next.get("b"));
    }
  }

  @Test
  void writes_that_follow_each_other_share_a_commit() {
    try (Cluster cluster = Cluster.started(1, "")) {
      int[] commits = new int[1];
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committing(int id) {
              commits[0]++;
            }
          });
      var pipeline = new TestPipeline(cluster, 1);
      pipeline.send(
          SessionState.getDefaultInstance(),
          IntStream.range(0, 1_000).mapToObj(i -> write(append("f", "entry " + i))).toList());
      cluster.time().settle();
      assertEquals(1_000, pipeline.answers().size());
      assertTrue(commits[0] <= 10, () -> commits[0] + " commits");
      List<String> entries = cluster.session(1).entries("f");
      assertEquals(IntStream.range(0, 1_000).mapToObj(i -> "entry " + i).toList(), entries);
    }
  }

  @Test
  void a_refused_request_is_answered_so_and_the_next_is_carried_out() {
    try (Cluster cluster = Cluster.started(1, "")) {
      var pipeline = new TestPipeline(cluster, 1);
      var conditional = ClientWriteRequest.newBuilder().addMutations(put("k", "2"));
      conditional.addConditionsBuilder().setKey(ByteString.copyFromUtf8("k")).setAbsent(true);
      pipeline.send(
          write(put("k", "1")),
          PipelineCall.newBuilder().setWrite(conditional).build(),
          write(),
          PipelineCall.getDefaultInstance(),
          write(put("", "no key")),
          read(),
          PipelineCall.newBuilder()
              .setRead(
                  ClientReadRequest.newBuilder()
                      .addItems(key("k"))
                      .setSession(SessionState.newBuilder().setClock(1)))
              .build(),
          read(key("k")));
      cluster.time().settle();
      assertEquals(
          List.of(
              "w",
              "CONDITION_FAILED",
              "INVALID_REQUEST",
              "INVALID_REQUEST",
              "INVALID_REQUEST",
              "INVALID_REQUEST",
              "INVALID_REQUEST",
              "1"),
          pipeline.words());
    }
  }

  @Test
  void a_pipeline_waits_for_what_its_session_has_seen_and_says_when_that_is_too_long() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession alice = cluster.session(1);
      alice.write(put("k", "1"));
      var pipeline = new TestPipeline(cluster, 2);
      pipeline.send(alice.state(), List.of(write(put("k", "2")), read(key("k"))));
      cluster.time().settle();
      assertTrue(pipeline.answers().isEmpty());
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(List.of("w", "2"), pipeline.words());
      cluster.link(1, 2, Duration.ofSeconds(100), false);
      alice.write(put("k", "3"));
      // A later frame may bring what the session has seen elsewhere.
      pipeline.send(alice.state(), List.of(write(put("k", "4")), write(put("k", "5"))));
      cluster.time().advance(Cluster.READ_WAIT.plusMillis(10));
      assertEquals(List.of("w", "2", "NOT_YET_VISIBLE", "NOT_YET_VISIBLE"), pipeline.words());
    }
  }

  @Test
  void answers_keep_the_order_of_requests_although_some_wait_for_other_replicas() {
    try (Cluster cluster = Cluster.started(2, "1-2=1s")) {
      var pipeline = new TestPipeline(cluster, 1);
      pipeline.send(
          PipelineCall.newBuilder()
              .setWrite(ClientWriteRequest.newBuilder().addMutations(put("k", "1")).setAcks(2))
              .build(),
          read(key("k")),
          write(put("j", "1")));
      cluster.time().settle();
      assertTrue(pipeline.answers().isEmpty());
      // But they are carried out.
      assertEquals(Optional.of("1"), cluster.session(1).get("j"));
      cluster.time().advance(Duration.ofSeconds(3));
      assertEquals(List.of("w", "1", "w"), pipeline.words());
      assertEquals(2, pipeline.answers().get(0).getWrite().getDurableOn());
    }
  }

  @Test
  void a_write_with_a_home_elsewhere_is_decided_there_in_its_turn() {
    var cluster = new Cluster(2, "1>2=100ms", Consistency.CAUSAL);
    cluster.setHomes("locks/=1");
    cluster.startAll();
    try (cluster) {
      var pipeline = new TestPipeline(cluster, 2);
      pipeline.send(
          write(put("k", "1")),
          write(put("locks/a", "mine")),
          read(key("locks/a")),
          write(put("k", "2")));
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(List.of("w", "w", "mine", "w"), pipeline.words());
      assertEquals(
          List.of(2, 1, 2),
          pipeline.answers().stream()
              .filter(PipelineAnswer::hasWrite)
              .map(answer -> answer.getWrite().getPosition().getOrigin().getReplicaId())
              .toList());
      cluster.link(2, 1, Duration.ZERO, true);
      pipeline.send(write(put("locks/a", "mine")), read(key("k")));
      cluster.time().settle();
      assertEquals(List.of("w", "w", "mine", "w", "HOME_UNREACHABLE", "2"), pipeline.words());
    }
  }

  @Test
  void who_takes_no_answers_is_not_read_on_and_holds_up_nobody() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(put("k", "x".repeat(100_000)));
      var pipeline = new TestPipeline(cluster, 1, true);
      int frames = 0;
      while (pipeline.call().isReady() && frames < 1_000) {
        var calls = new ArrayList<PipelineCall>();
        for (int i = 0; i < 100; i++) {
          calls.add(read(key("k")));
        }
        pipeline.send(SessionState.getDefaultInstance(), calls);
        frames++;
        cluster.time().settle();
      }
      assertTrue(frames < 5, frames + " frames were read");
      assertEquals("x".repeat(100_000), cluster.session(1).get("k").orElseThrow());
      pipeline.call().request(Integer.MAX_VALUE);
      pipeline.call().onCompleted();
      cluster.time().settle();
      assertEquals(frames * 100, pipeline.answers().size());
      assertTrue(pipeline.reply.isAnswered());
    }
  }

  @Test
  void a_repeated_request_id_is_answered_as_before_and_a_replica_that_stops_says_so() {
    try (Cluster cluster = Cluster.started(1, "")) {
      var write = ClientWriteRequest.newBuilder().addMutations(append("f", "once"));
      write
          .getRequestIdBuilder()
          .setSession(ByteString.copyFromUtf8("0123456789abcdef"))
          .setNumber(1);
      var pipeline = new TestPipeline(cluster, 1);
      PipelineCall call = PipelineCall.newBuilder().setWrite(write).build();
      pipeline.send(call, call);
      cluster.time().settle();
      assertEquals(
          pipeline.answers().get(0).getWrite().getPosition(),
          pipeline.answers().get(1).getWrite().getPosition());
      assertEquals(List.of("once"), cluster.session(1).entries("f"));
      cluster.stopServing(1);
      cluster.time().settle();
      assertEquals("SHUTTING_DOWN", Refusal.of(pipeline.reply).reason());
    }
  }

  @Test
  void a_frame_that_is_none_ends_the_pipeline() {
    try (Cluster cluster = Cluster.started(1, "")) {
      var pipeline = new TestPipeline(cluster, 1);
      pipeline.send(
          SessionState.newBuilder().setToken(ByteString.copyFromUtf8("none")).build(),
          List.of(read(key("k"))));
      cluster.time().settle();
      assertEquals("SESSION_TOKEN_INVALID", Refusal.of(pipeline.reply).reason());
      assertFalse(pipeline.reply.isAnswered());
    }
  }
}
