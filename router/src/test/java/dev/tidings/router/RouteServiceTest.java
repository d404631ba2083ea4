package dev.tidings.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Join;
import dev.tidings.v1.LogLevel;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.RouterServiceGrpc;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.VectorClock;
import io.grpc.ManagedChannel;
import io.grpc.Server;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.micrometer.core.instrument.simple.SimpleMeterRegistry;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

/** The real service and the real stub, on one thread. */
final class RouteServiceTest {
  private static final int QUEUE = 20;

  private final RouteService service = new RouteService(3, QUEUE);
  private final Server server =
      InProcessServerBuilder.forName("router")
          .directExecutor()
          .addService(service)
          .addService(new RouterAdmin())
          .build();
  private final ManagedChannel channel =
      InProcessChannelBuilder.forName("router").directExecutor().build();

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  /** A host that takes messages, or holds them up. */
  private static final class Host implements ClientResponseObserver<RouteRequest, RouteResponse> {
    final List<RouteResponse> responses = new ArrayList<>();
    private final boolean takes;
    private @Nullable ClientCallStreamObserver<RouteRequest> requests;
    @Nullable Throwable failure;
    boolean completed;
    Runnable whenTold = () -> {};

    Host(boolean takes) {
      this.takes = takes;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<RouteRequest> requestStream) {
      requests = requestStream;
      if (!takes) {
        requestStream.disableAutoRequestWithInitial(0);
      }
    }

    ClientCallStreamObserver<RouteRequest> requests() {
      if (requests == null) {
        throw new AssertionError("not started");
      }
      return requests;
    }

    @Override
    public void onNext(RouteResponse response) {
      responses.add(response);
      whenTold.run();
    }

    @Override
    public void onError(Throwable thrown) {
      failure = thrown;
    }

    @Override
    public void onCompleted() {
      completed = true;
    }

    boolean hasStarted() {
      return responses.stream().anyMatch(RouteResponse::hasStart);
    }

    List<Delivery> inbox() {
      return responses.stream()
          .flatMap(response -> response.getIncoming().getDeliveriesList().stream())
          .toList();
    }

    List<Integer> lost() {
      return responses.stream()
          .filter(RouteResponse::hasHostLost)
          .map(response -> response.getHostLost().getHostId())
          .toList();
    }

    Host send(int target, String payload) {
      return send(envelope(target, payload));
    }

    Host send(Envelope... envelopes) {
      requests()
          .onNext(
              RouteRequest.newBuilder()
                  .setOutgoing(Outgoing.newBuilder().addAllEnvelopes(List.of(envelopes)))
                  .build());
      return this;
    }

    List<String> payloads() {
      return inbox().stream()
          .map(d -> d.getFromHostId() + " " + d.getMessage().getPayload().toStringUtf8())
          .toList();
    }

    void assertRefused(Status.Code code, String reason) {
      Throwable thrown = failure;
      assertNotNull(thrown);
      com.google.rpc.Status status = StatusProto.fromThrowable(thrown);
      assertNotNull(status);
      assertEquals(code.value(), status.getCode(), status::toString);
      try {
        assertEquals(reason, status.getDetails(0).unpack(ErrorInfo.class).getReason());
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
  }

  private static Envelope envelope(int target, String payload) {
    return Envelope.newBuilder()
        .setTarget(target)
        .setMessage(Message.newBuilder().setPayload(ByteString.copyFromUtf8(payload)))
        .build();
  }

  private Host open(boolean takes) {
    var host = new Host(takes);
    RouterServiceGrpc.newStub(channel).route(host);
    return host;
  }

  private Host join(String experiment, int id, int expected, boolean takes) {
    Host host = open(takes);
    host.requests()
        .onNext(
            RouteRequest.newBuilder()
                .setJoin(
                    Join.newBuilder()
                        .setExperiment(experiment)
                        .setHostId(id)
                        .setExpectedHosts(expected))
                .build());
    return host;
  }

  private Host join(int id) {
    return join("e", id, 0, true);
  }

  @Test
  void of_many_hosts_each_hears_of_all_at_the_start_and_of_few_on_the_way() {
    var hosts = new ArrayList<Host>();
    for (int id = 1; id <= 300; id++) {
      hosts.add(join("many", id, 300, true));
    }
    for (Host host : hosts) {
      List<RouteResponse> memberships =
          host.responses.stream().filter(RouteResponse::hasMembership).toList();
      assertEquals(300, memberships.get(memberships.size() - 1).getMembership().getHostIdsCount());
      assertTrue(host.hasStarted());
      assertTrue(memberships.size() <= 64 + 5, "told " + memberships.size() + " times");
    }
  }

  @Test
  void the_run_starts_for_all_when_the_last_expected_host_has_joined() {
    Host nine = join(9999);
    Host ten = join(10000);
    assertFalse(nine.hasStarted());
    Host two = join(2);
    for (Host host : List.of(nine, ten, two)) {
      assertTrue(host.hasStarted());
    }
    assertEquals(
        List.of(2, 9999, 10000),
        nine.responses.get(nine.responses.size() - 2).getMembership().getHostIdsList());
  }

  @Test
  void each_kind_of_message_reaches_the_right_inboxes_in_order() {
    Host two = join(2);
    Host nine = join(9999);
    Host ten = join(10000);
    nine.send(1, "first").send(2, "second").send(0, "all");
    ten.send(1, "first").send(2, "second");
    two.send(2, "second").send(0, "all");
    assertEquals(List.of("9999 first", "9999 all", "10000 first"), two.payloads());
    assertEquals(List.of("10000 second", "2 all"), nine.payloads());
    assertEquals(List.of("9999 second", "9999 all", "2 second", "2 all"), ten.payloads());
  }

  @Test
  void every_field_of_a_message_arrives_as_it_was_sent() {
    Host one = join(1);
    Host two = join(2);
    join(3);
    Message message =
        Message.newBuilder()
            .setLamportTime(41)
            .setSentAtMicros(1_700_000_000_123_456L)
            .setVectorClock(VectorClock.newBuilder().putEvents(1, 7).putEvents(3, 9))
            .setPayload(ByteString.copyFrom(new byte[] {0, -1, 5}))
            .build();
    one.send(Envelope.newBuilder().setTarget(1).setMessage(message).build());
    assertEquals(
        List.of(Delivery.newBuilder().setFromHostId(1).setTarget(1).setMessage(message).build()),
        two.inbox());
  }

  @Test
  void a_target_that_does_not_exist_is_told_to_the_sender_who_goes_on() {
    Host one = join(1);
    Host two = join(2);
    join(3);
    one.send(3, "nobody").send(-1, "nobody").send(1, "two");
    List<RouteResponse> told =
        one.responses.stream().filter(RouteResponse::hasUndeliverable).toList();
    assertEquals(2, told.size());
    assertTrue(told.get(0).getUndeliverable().getWhy().contains("no target 3"));
    assertEquals(List.of("1 two"), two.payloads());
  }

  @Test
  void what_is_sent_before_the_start_is_told_to_the_sender() {
    Host one = join(1);
    one.send(0, "too soon");
    assertTrue(one.responses.get(1).hasUndeliverable());
  }

  @Test
  void a_second_host_with_an_id_is_refused_and_the_first_stays() {
    Host first = join(1);
    join(1).assertRefused(Status.Code.ALREADY_EXISTS, "HOST_ID_TAKEN");
    join(2);
    join(3);
    assertTrue(first.hasStarted());
  }

  @Test
  void malformed_late_and_contradicting_joins_are_refused() {
    join("", 1, 0, true).assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    join("x".repeat(101), 1, 0, true)
        .assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    join("e", 0, 0, true).assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    join("e", 1, -1, true).assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    open(true).send(0, "no join").assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    join("e", 1, 2, true);
    join("e", 2, 3, true).assertRefused(Status.Code.FAILED_PRECONDITION, "HOSTS_MISMATCH");
    join("e", 2, 2, true);
    join("e", 3, 2, true).assertRefused(Status.Code.FAILED_PRECONDITION, "RUN_STARTED");
  }

  @Test
  void hosts_of_different_experiments_never_meet() {
    Host a = join("a", 1, 2, true);
    Host b = join("b", 2, 2, true);
    assertFalse(a.hasStarted());
    join("a", 2, 2, true);
    join("b", 1, 2, true).send(0, "to b");
    assertEquals(List.of(), a.payloads());
    assertEquals(List.of("1 to b"), b.payloads());
  }

  @Test
  void a_host_that_dies_is_told_to_the_others_who_go_on() {
    Host one = join(1);
    Host two = join(2);
    Host three = join(3);
    two.requests().cancel("killed", null);
    assertEquals(List.of(2), one.lost());
    one.send(0, "still here").send(2, "you are the second still");
    assertEquals(List.of("1 still here", "1 you are the second still"), three.payloads());
  }

  @Test
  void a_host_that_takes_nothing_is_dropped_at_the_bound_and_stops_nobody() {
    Host one = join(1);
    Host two = join(2);
    Host stalled = join("e", 3, 0, false);
    for (int i = 0; i <= QUEUE; i++) {
      one.send(0, "message " + i);
    }
    assertEquals(List.of(3), one.lost());
    assertEquals(QUEUE + 1, two.inbox().size());
    stalled.requests().request(1_000);
    stalled.assertRefused(Status.Code.RESOURCE_EXHAUSTED, "QUEUE_FULL");
  }

  @Test
  void what_one_frame_has_for_a_host_leaves_in_one_frame_in_its_order() {
    Host one = join(1);
    Host two = join(2);
    Host three = join(3);
    one.send(envelope(1, "a"), envelope(0, "b"), envelope(2, "c"), envelope(1, "d"));
    assertEquals(List.of("1 a", "1 b", "1 d"), two.payloads());
    assertEquals(List.of("1 b", "1 c"), three.payloads());
    for (Host host : List.of(two, three)) {
      assertEquals(1, host.responses.stream().filter(RouteResponse::hasIncoming).count());
    }
  }

  @Test
  void a_frame_of_more_than_the_bound_reaches_a_host_that_takes_it() {
    Host one = join(1);
    Host two = join(2);
    join(3);
    var envelopes = new Envelope[3 * QUEUE];
    Arrays.setAll(envelopes, i -> envelope(1, "message " + i));
    one.send(envelopes);
    assertEquals(
        IntStream.range(0, envelopes.length).mapToObj(i -> "1 message " + i).toList(),
        two.payloads());
    assertEquals(List.of(), one.lost());
  }

  @Test
  void what_was_sent_to_a_host_reaches_it_before_it_is_refused() {
    Host one = join("e", 1, 4, true);
    Host two = join("e", 2, 4, true);
    Host three = join("e", 3, 4, true);
    Host four = join("e", 4, 4, true);
    // Both come while a third is being told something, so they are dealt with in one go.
    three.whenTold =
        () -> {
          three.whenTold = () -> {};
          four.send(2, "last words");
          two.requests().onNext(RouteRequest.getDefaultInstance());
        };
    one.send(2, "now");
    assertEquals(List.of("4 last words"), two.payloads());
    two.assertRefused(Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST");
    assertEquals(List.of(2), one.lost());
  }

  @Test
  void a_slow_host_gets_everything_in_order_once_it_takes() {
    Host one = join(1);
    join(2);
    Host slow = join("e", 3, 0, false);
    var expected = new ArrayList<String>();
    for (int i = 0; i < QUEUE - 6; i++) {
      one.send(2, "message " + i);
      expected.add("1 message " + i);
    }
    assertEquals(List.of(), slow.inbox());
    slow.requests().request(1_000);
    assertEquals(expected, slow.payloads());
  }

  @Test
  void streams_complete_when_all_hosts_have_finished_and_the_name_is_free_again() {
    Host one = join(1);
    Host two = join(2);
    Host three = join(3);
    one.requests().onCompleted();
    two.send(1, "late, but before the end");
    two.requests().onCompleted();
    assertFalse(one.completed);
    three.requests().onCompleted();
    for (Host host : List.of(one, two, three)) {
      assertTrue(host.completed);
    }
    assertEquals(List.of("2 late, but before the end"), one.payloads());
    assertFalse(join(1).hasStarted());
  }

  @Test
  void a_host_that_leaves_before_the_start_makes_room_for_another() {
    Host one = join(1);
    join(2).requests().onCompleted();
    Host again = join(2);
    join(3);
    assertTrue(one.hasStarted() && again.hasStarted());
  }

  @Test
  void a_stream_that_left_before_the_start_cannot_take_its_successor_along() {
    Host one = join(1);
    Host left = join("e", 2, 0, false);
    left.requests().onCompleted();
    Host successor = join(2);
    left.requests().cancel("its connection breaks", null);
    join(3);
    assertTrue(one.hasStarted(), "the run did not start");
    assertTrue(successor.hasStarted(), "the successor was dropped");
  }

  @Test
  void no_frame_is_larger_than_a_client_takes_by_default() {
    Host one = join(1);
    Host slow = join("e", 2, 0, false);
    join(3);
    String payload = "x".repeat(1_500_000);
    for (int i = 0; i < 4; i++) {
      one.send(1, payload);
    }
    slow.requests().request(100);
    assertEquals(4, slow.inbox().size());
    for (RouteResponse response : slow.responses) {
      assertTrue(response.getSerializedSize() <= 4 << 20, response.getSerializedSize() + " bytes");
    }
  }

  @Test
  void an_experiment_whose_last_host_is_dropped_is_forgotten() {
    Host one = join("e", 1, 2, true);
    Host last = join("e", 2, 2, false);
    one.requests().onCompleted();
    for (int i = 0; i < QUEUE + 1; i++) {
      last.send(9, "to nobody");
    }
    assertTrue(one.completed, "the run is over");
    Host next = join("e", 1, 2, true);
    assertEquals(null, next.failure);
  }

  @Test
  void log_levels_of_the_router_change_and_unknown_ones_are_refused() {
    var admin = AdminServiceGrpc.newBlockingStub(channel);
    var request = SetLogLevelRequest.newBuilder().setLogger("dev.tidings.router.Experiment");
    LogLevel before =
        admin.setLogLevel(request.setLevel(LogLevel.LOG_LEVEL_OFF).build()).getPrevious();
    assertEquals(
        LogLevel.LOG_LEVEL_OFF, admin.setLogLevel(request.setLevel(before).build()).getPrevious());
    StatusRuntimeException e =
        assertThrows(
            StatusRuntimeException.class,
            () -> admin.setLogLevel(request.setLogger("nobody's").build()));
    assertEquals(Status.Code.INVALID_ARGUMENT, e.getStatus().getCode());
  }

  @Test
  void what_happens_is_counted() {
    var registry = new SimpleMeterRegistry();
    service.counts().showIn(registry);
    Host stranger = open(true);
    Host one = join(1);
    Host slow = join("e", 2, 0, false);
    one.send(2, "too early");
    Host three = join(3);
    assertEquals(4, registry.get("tidings.router.hosts").gauge().value());
    assertEquals(1, registry.get("tidings.router.experiments").gauge().value());

    one.send(1, "a").send(1, "b").send(2, "c").send(7, "nobody");
    assertEquals(List.of("1 c"), three.payloads());
    assertEquals(3, registry.get("tidings.router.deliveries").functionCounter().count());
    assertEquals(2, registry.get("tidings.router.undeliverable").functionCounter().count());
    assertTrue(registry.get("tidings.router.queued.messages").gauge().value() >= 2);

    slow.requests().cancel("its machine died", null);
    assertEquals(1, registry.get("tidings.router.hosts.lost").functionCounter().count());
    assertEquals(0, registry.get("tidings.router.queued.messages").gauge().value());
    one.requests().onCompleted();
    three.requests().onCompleted();
    stranger.requests().cancel("it never joined", null);
    assertEquals(0, registry.get("tidings.router.hosts").gauge().value());
    assertEquals(0, registry.get("tidings.router.experiments").gauge().value());
  }
}
