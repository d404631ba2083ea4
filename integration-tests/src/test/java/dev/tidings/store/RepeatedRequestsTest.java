package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;

import com.google.protobuf.ByteString;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.RequestId;
import io.grpc.Status;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.Test;

/** A request that is sent twice happens once. */
final class RepeatedRequestsTest {
  private static final Duration PATIENCE = Duration.ofSeconds(5);

  private static Reply<ClientWriteResponse> send(
      Cluster cluster, int replica, long number, String text) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientWrite(
            ClientWriteRequest.newBuilder()
                .setRequestId(
                    RequestId.newBuilder()
                        .setSession(ByteString.copyFromUtf8("sixteen bytes, 1"))
                        .setNumber(number))
                .addMutations(append("feed", text))
                .build(),
            reply);
    return reply;
  }

  private static ClientWriteResponse write(Cluster cluster, int replica, long number, String text) {
    return send(cluster, replica, number, text).within(cluster.time(), PATIENCE);
  }

  @Test
  void a_repeated_request_is_answered_as_the_first_time_and_happens_once() {
    try (Cluster cluster = Cluster.started(1, "")) {
      ClientWriteResponse first = write(cluster, 1, 1, "once");
      assertEquals(first, write(cluster, 1, 1, "once"));
      assertNotEquals(first, write(cluster, 1, 2, "next"));
      assertEquals(List.of("once", "next"), cluster.session(1).entries("feed"));
    }
  }

  @Test
  void also_if_both_come_at_once() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Reply<ClientWriteResponse> first = send(cluster, 1, 1, "once");
      Reply<ClientWriteResponse> second = send(cluster, 1, 1, "once");
      assertEquals(first.within(cluster.time(), PATIENCE), second.within(cluster.time(), PATIENCE));
      assertEquals(List.of("once"), cluster.session(1).entries("feed"));
    }
  }

  @Test
  void also_after_the_replica_was_killed() {
    try (Cluster cluster = Cluster.started(1, "")) {
      ClientWriteResponse first = write(cluster, 1, 1, "once");
      cluster.kill(1);
      cluster.start(1);
      assertEquals(first, write(cluster, 1, 1, "once"));
      assertEquals(List.of("once"), cluster.session(1).entries("feed"));
    }
  }

  @Test
  void also_at_another_replica_that_has_the_write() {
    try (Cluster cluster = Cluster.started(2, "")) {
      ClientWriteResponse first = write(cluster, 1, 1, "once");
      cluster.converge();
      assertEquals(first.getPosition(), write(cluster, 2, 1, "once").getPosition());
      assertEquals(List.of("once"), cluster.session(2).entries("feed"));
    }
  }

  @Test
  void a_request_that_its_session_has_gone_on_from_is_refused() {
    try (Cluster cluster = Cluster.started(1, "")) {
      write(cluster, 1, 2, "second");
      Reply<ClientWriteResponse> late = send(cluster, 1, 1, "first");
      cluster.time().advance(PATIENCE);
      assertEquals(Status.Code.FAILED_PRECONDITION, Refusal.of(late).code());
      assertEquals("REQUEST_SUPERSEDED", Refusal.of(late).reason());
      assertEquals(List.of("second"), cluster.session(1).entries("feed"));
    }
  }

  @Test
  void sessions_are_remembered_for_an_hour_at_least() {
    try (Cluster cluster = Cluster.started(1, "")) {
      ClientWriteResponse first = write(cluster, 1, 1, "once");
      cluster.time().advance(Duration.ofMinutes(59));
      assertEquals(first, write(cluster, 1, 1, "once"));
    }
  }
}
