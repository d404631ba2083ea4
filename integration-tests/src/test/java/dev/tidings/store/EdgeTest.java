package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.feed;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Junk;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.FeedRange;
import dev.tidings.v1.LogLevel;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SessionToken;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.slf4j.LoggerFactory;

/** Every bad request gets a clear, specific answer, and changes nothing. */
final class EdgeTest {
  private final Cluster cluster = Cluster.started(2, "");

  @BeforeEach
  void settle() {
    cluster.time().settle();
  }

  @AfterEach
  void close() {
    cluster.close();
  }

  private void assertRefused(Reply<?> reply, Status.Code code, String reason, String... words) {
    cluster.time().settle();
    Refusal refusal = Refusal.of(reply);
    assertEquals(code, refusal.code(), refusal::toString);
    assertEquals(reason, refusal.reason(), refusal::toString);
    for (String word : words) {
      assertTrue(refusal.message().contains(word), refusal::message);
    }
    assertEquals(0, cluster.status(1).getFrontier().getRanges().size());
  }

  private void assertInvalid(Reply<?> reply, String... words) {
    assertRefused(reply, Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", words);
  }

  private void assertTooLarge(Reply<?> reply, String... words) {
    assertRefused(reply, Status.Code.INVALID_ARGUMENT, "SIZE_LIMIT", words);
  }

  private Reply<ClientWriteResponse> send(Mutation... mutations) {
    return cluster.session(1).send(mutations);
  }

  private Reply<ClientWriteResponse> send(ClientWriteRequest request) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(1)).clientWrite(request, reply);
    return reply;
  }

  @Test
  void a_write_without_mutations_is_refused() {
    assertInvalid(send(), "at least one mutation");
  }

  @Test
  void a_mutation_of_no_kind_is_refused_with_its_whole_group() {
    assertInvalid(
        send(put("k", "v"), Mutation.getDefaultInstance()), "of a kind that this replica knows");
  }

  @Test
  void an_empty_key_is_refused() {
    assertInvalid(send(put("", "v")), "1 to 1024 bytes");
    assertInvalid(send(append("", "v")), "1 to 1024 bytes");
    assertInvalid(cluster.session(1).request(key("")), "1 to 1024 bytes");
    assertInvalid(cluster.session(1).request(feed("")), "1 to 1024 bytes");
  }

  @Test
  void a_key_that_a_write_changes_twice_is_refused() {
    assertInvalid(send(put("k", "1"), put("k", "2")), "changes k twice");
  }

  @Test
  void what_is_too_large_is_refused_with_limit_and_actual_size() {
    String megabyte = "x".repeat(1 << 20);
    assertTooLarge(send(put("k".repeat(1025), "v")), "1025", "1024");
    assertTooLarge(send(put("k", megabyte.repeat(4) + "x")), "4194305", "4194304");
    var five = new Mutation[5];
    for (int i = 0; i < five.length; i++) {
      five[i] = put("k" + i, megabyte.repeat(4));
    }
    assertTooLarge(send(five), "20971530", "16777216");
    assertTooLarge(cluster.session(1).request(key("k".repeat(1025))), "1025", "1024");
    assertTooLarge(
        cluster.session(1).request(Collections.nCopies(10_001, key("k")).toArray(ReadItem[]::new)),
        "10001",
        "10000");
  }

  @Test
  void the_largest_that_is_allowed_is_taken() {
    String fourMegabytes = "x".repeat(4 << 20);
    TestSession session = cluster.session(1);
    session.write(put("k".repeat(1024), fourMegabytes));
    assertEquals(fourMegabytes, session.get("k".repeat(1024)).orElseThrow());
    cluster.converge();
  }

  @Test
  void an_answer_that_would_be_too_large_is_refused() {
    TestSession session = cluster.session(1);
    for (int i = 0; i < 5; i++) {
      session.write(put("k" + i, "x".repeat(4 << 20)));
    }
    Reply<ClientReadResponse> reply =
        session.request(key("k0"), key("k1"), key("k2"), key("k3"), key("k4"));
    cluster.time().settle();
    assertEquals("SIZE_LIMIT", Refusal.of(reply).reason());
  }

  @Test
  void a_read_of_nothing_is_refused() {
    assertInvalid(cluster.session(1).request(), "at least one item");
    assertInvalid(
        cluster.session(1).request(ReadItem.getDefaultInstance()),
        "of a kind that this replica knows");
  }

  @Test
  void a_feed_cursor_that_no_page_gave_is_refused() {
    assertInvalid(
        cluster
            .session(1)
            .request(
                ReadItem.newBuilder()
                    .setFeed(
                        FeedRange.newBuilder()
                            .setFeed(ByteString.copyFromUtf8("f"))
                            .setAfter(ByteString.copyFromUtf8("nonsense")))
                    .build()),
        "next of an earlier page");
  }

  @Test
  void a_malformed_request_id_is_refused() {
    assertInvalid(
        send(
            ClientWriteRequest.newBuilder()
                .addMutations(put("k", "v"))
                .setRequestId(RequestId.newBuilder().setNumber(1))
                .build()),
        "16 bytes");
  }

  @Test
  void a_token_that_is_damaged_or_of_another_cluster_is_refused_at_once() {
    SessionState good;
    try (Cluster other = Cluster.started(1, "")) {
      TestSession session = other.session(1);
      session.write(put("k", "v"));
      good = session.state();
    }
    for (SessionState bad :
        List.of(
            good,
            SessionState.newBuilder().setToken(ByteString.copyFromUtf8("no token")).build(),
            SessionState.newBuilder().setToken(ByteString.copyFromUtf8("x")).build(),
            SessionState.newBuilder().setToken(good.getToken().substring(1)).build())) {
      TestSession session = cluster.session(1);
      session.setState(bad);
      assertRefused(
          session.request(key("k")), Status.Code.INVALID_ARGUMENT, "SESSION_TOKEN_INVALID");
      assertRefused(
          session.send(put("k", "v")), Status.Code.INVALID_ARGUMENT, "SESSION_TOKEN_INVALID");
    }
  }

  @Test
  void a_session_pushes_the_clock_no_further_than_the_bound() {
    for (long clock : new long[] {Cluster.MAX_FORWARD_JUMP + 1, 1L << 62, Long.MAX_VALUE, -1}) {
      assertRefused(
          send(
              ClientWriteRequest.newBuilder()
                  .setSession(SessionState.newBuilder().setClock(clock))
                  .addMutations(put("k", "v"))
                  .build()),
          Status.Code.FAILED_PRECONDITION,
          "CLOCK_JUMP_REJECTED");
      assertEquals(0, cluster.status(1).getLamportTime());
    }
    cluster.session(1).advanceClock(Cluster.MAX_FORWARD_JUMP).write(put("k", "v"));
    assertEquals(Cluster.MAX_FORWARD_JUMP + 1, cluster.status(1).getLamportTime());
  }

  @Test
  void a_message_that_repeats_what_was_sent_fits_into_the_headers() {
    SessionToken.Builder token = SessionToken.newBuilder().setFormatVersion(Wire.FORMAT_VERSION);
    TestSession session = cluster.session(1);
    session.setState(Junk.forged(token.setCluster("\u20ac".repeat(100_000)).build()));
    Reply<?> ofAnotherCluster = session.request(key("k"));
    cluster.time().settle();
    assertTrue(Refusal.of(ofAnotherCluster).message().length() < 500);

    PositionSet missing = PositionSet.EMPTY;
    for (int id = 101; id <= 10_100; id++) {
      missing = missing.union(PositionSet.ofRange(new Origin(id, id), 1, Long.MAX_VALUE - 1));
    }
    session.setState(
        Junk.forged(
            token.setCluster(cluster.name()).setDependencies(Wire.toProto(missing)).build()));
    Reply<?> early = session.request(key("k"));
    cluster.time().advance(Cluster.READ_WAIT);
    assertEquals("NOT_YET_VISIBLE", Refusal.of(early).reason());
    assertTrue(Refusal.of(early).message().length() < 500);
  }

  @Test
  void a_token_larger_than_any_session_comes_by_is_refused() {
    TestSession session = cluster.session(1);
    session.setState(SessionState.newBuilder().setToken(junk(1 << 20)).build());
    assertTooLarge(session.request(key("k")), "1048576", "524288");
  }

  private static ByteString junk(int bytes) {
    return ByteString.copyFrom(new byte[bytes]);
  }

  @Test
  void what_is_no_request_of_its_method_is_refused_wherever_it_goes() {
    for (MethodDescriptor<?, ?> method :
        List.of(
            CausalStoreServiceGrpc.getClientWriteMethod(),
            CausalStoreServiceGrpc.getClientReadMethod(),
            AdminServiceGrpc.getGetStatusMethod(),
            AdminServiceGrpc.getSetLinkMethod())) {
      byte[] none = {};
      assertInvalid(call(cluster.clientChannel(1), method, new byte[] {1, 2}), "cannot be read");
      assertInvalid(call(cluster.clientChannel(1), method), "there is none");
      assertInvalid(call(cluster.clientChannel(1), method, none, none), "another");
    }
    assertInvalid(
        call(
            cluster.peerChannel(1), ReplicationServiceGrpc.getReplicateMethod(), new byte[] {1, 2}),
        "cannot be read");
    assertInvalid(
        call(
            cluster.clientChannel(1),
            AdminServiceGrpc.getSetLinkMethod(),
            SetLinkRequest.newBuilder().setToReplicaId(2).build().toByteArray()),
        "link is missing");
  }

  private static Reply<Object> call(
      Channel channel, MethodDescriptor<?, ?> method, byte[]... requests) {
    var reply = new Reply<Object>();
    @SuppressWarnings("unchecked")
    var any = (MethodDescriptor<?, Object>) method;
    StreamObserver<byte[]> stream =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(Junk.raw(any), CallOptions.DEFAULT), reply);
    for (byte[] request : requests) {
      stream.onNext(request);
    }
    if (!reply.hasEnded()) {
      stream.onCompleted();
    }
    return reply;
  }

  @Test
  void an_answer_of_very_many_small_values_is_refused_too() {
    TestSession session = cluster.session(1);
    session.write(Collections.nCopies(1_000, append("f", "")).toArray(Mutation[]::new));
    assertEquals(1_000, session.entries("f").size());
    Reply<?> reply =
        session.request(Collections.nCopies(1_000, feed("f")).toArray(ReadItem[]::new));
    cluster.time().settle();
    assertEquals("SIZE_LIMIT", Refusal.of(reply).reason());
  }

  @Test
  void a_read_does_not_push_the_replicas_clock() {
    TestSession session = cluster.session(1);
    session.advanceClock(500).get("k");
    assertEquals(0, cluster.status(1).getLamportTime());
    assertEquals(500, session.state().getClock());
  }

  @Test
  void pages_of_a_feed_join_without_gap_or_repetition() {
    TestSession session = cluster.session(1);
    for (int i = 0; i < 25; i++) {
      session.write(append("f", "entry " + i));
    }
    var all = new ArrayList<String>();
    ByteString after = ByteString.EMPTY;
    int pages = 0;
    do {
      var reply = new Reply<ClientReadResponse>();
      CausalStoreServiceGrpc.newStub(cluster.clientChannel(1))
          .clientRead(
              ClientReadRequest.newBuilder()
                  .addItems(
                      ReadItem.newBuilder()
                          .setFeed(
                              FeedRange.newBuilder()
                                  .setFeed(ByteString.copyFromUtf8("f"))
                                  .setLimit(10)
                                  .setAfter(after)))
                  .build(),
              reply);
      cluster.time().settle();
      var page = reply.messages().get(0).getResults(0).getFeed();
      page.getEntriesList().forEach(entry -> all.add(entry.getValue().toStringUtf8()));
      after = page.getNext();
      pages++;
    } while (!after.isEmpty());
    assertEquals(3, pages);
    assertEquals(session.entries("f"), all);
    assertEquals(25, all.size());
  }

  @Test
  void log_levels_and_loggers_that_are_none() {
    var request = SetLogLevelRequest.newBuilder().setLogger("dev.tidings.replica.link");
    assertInvalid(setLogLevel(request), "no such log level", "DEBUG");
    request.setLevel(LogLevel.LOG_LEVEL_DEBUG);
    LogLevel before = setLogLevel(request).within(cluster.time(), Duration.ZERO).getPrevious();
    assertTrue(LoggerFactory.getLogger("dev.tidings.replica.link.PeerLink").isDebugEnabled());
    assertEquals(
        LogLevel.LOG_LEVEL_DEBUG,
        setLogLevel(request.setLevel(before)).within(cluster.time(), Duration.ZERO).getPrevious());
    assertInvalid(setLogLevel(request.setLogger("dev.tydings")), "no logger", "dev.tydings");
  }

  private Reply<SetLogLevelResponse> setLogLevel(SetLogLevelRequest.Builder request) {
    var reply = new Reply<SetLogLevelResponse>();
    AdminServiceGrpc.newStub(cluster.clientChannel(1)).setLogLevel(request.build(), reply);
    return reply;
  }
}
