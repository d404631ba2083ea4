package dev.tidings.store;

import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.harness.Cluster;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import io.grpc.Status;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A write can wait until more replicas than one hold it durably. */
final class AcknowledgementsTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  private static Reply<ClientWriteResponse> send(
      Cluster cluster, String text, int acks, int waitMillis) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(1))
        .clientWrite(
            ClientWriteRequest.newBuilder()
                .addMutations(put("k", text))
                .setAcks(acks)
                .setAcksWaitMillis(waitMillis)
                .build(),
            reply);
    return reply;
  }

  @Test
  void it_is_answered_when_so_many_hold_it_and_not_before() {
    try (Cluster cluster = Cluster.started(3, "1-2=1s,1-3=3s")) {
      Reply<ClientWriteResponse> one = send(cluster, "a", 1, 0);
      Reply<ClientWriteResponse> two = send(cluster, "b", 2, 10_000);
      Reply<ClientWriteResponse> three = send(cluster, "c", 3, 10_000);
      cluster.time().settle();
      assertTrue(one.hasEnded());
      assertFalse(two.hasEnded());
      cluster.time().advance(Duration.ofSeconds(2));
      assertTrue(two.hasEnded());
      assertFalse(three.hasEnded());
      assertEquals(2, two.within(cluster.time(), LONG).getDurableOn());
      assertEquals(Optional.of("c"), cluster.session(2).get("k"));
      assertEquals(3, three.within(cluster.time(), LONG).getDurableOn());
      assertEquals(Optional.of("c"), cluster.session(3).get("k"));
    }
  }

  @Test
  void whoever_waits_hears_of_it_at_once() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Reply<ClientWriteResponse> reply = send(cluster, "a", 3, 10_000);
      cluster.time().settle();
      assertTrue(reply.hasEnded());
    }
  }

  @Test
  void when_time_is_up_the_answer_says_how_many_have_it_and_the_write_stands() {
    try (Cluster cluster = Cluster.started(3, "1-2=1s")) {
      cluster.link(1, 3, Duration.ZERO, true);
      cluster.link(2, 3, Duration.ZERO, true);
      Reply<ClientWriteResponse> reply = send(cluster, "stands", 3, 2_000);
      cluster.time().advance(Duration.ofMillis(1_900));
      assertFalse(reply.hasEnded());
      assertEquals(2, reply.within(cluster.time(), Duration.ofMillis(200)).getDurableOn());
      cluster.link(1, 3, Duration.ZERO, false);
      cluster.link(2, 3, Duration.ZERO, false);
      cluster.converge();
      assertEquals(Optional.of("stands"), cluster.session(3).get("k"));
    }
  }

  @Test
  void a_stalled_write_counts_since_it_is_durable() {
    try (Cluster cluster = Cluster.started(2, "")) {
      Reply<ClientWriteResponse> reply = send(cluster, "v", 2, 5_000);
      assertEquals(2, reply.within(cluster.time(), LONG).getDurableOn());
    }
  }

  @Test
  void more_than_the_cluster_has_is_refused_and_nothing_is_written() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Reply<ClientWriteResponse> reply = send(cluster, "v", 4, 0);
      cluster.time().settle();
      assertEquals(Status.Code.INVALID_ARGUMENT, Refusal.of(reply).code());
      Reply<ClientWriteResponse> wait = send(cluster, "v", 2, 60_001);
      cluster.time().settle();
      assertEquals("INVALID_REQUEST", Refusal.of(wait).reason());
      assertEquals(Optional.empty(), cluster.session(1).get("k"));
    }
  }
}
