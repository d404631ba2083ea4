package dev.tidings.router;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.Any;
import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidings.server.ByteMarshaller;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Join;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.RouterServiceGrpc;
import dev.tidings.v1.VectorClock;
import io.grpc.CallOptions;
import io.grpc.ClientCall;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Server;
import io.grpc.inprocess.InProcessChannelBuilder;
import io.grpc.inprocess.InProcessServerBuilder;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CancellationException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Hosts that send anything: each gets a clear answer, and an experiment beside them goes on. */
final class FuzzRouteTest {
  private static final int STEPS = 500;
  private static final int[] NUMBERS = {0, 1, 2, 3, 4, 5, 99, 100_001, -1, Integer.MIN_VALUE};
  private static final Set<String> REFUSALS =
      Set.of(
          "INVALID_ARGUMENT INVALID_REQUEST",
          "ALREADY_EXISTS HOST_ID_TAKEN",
          "FAILED_PRECONDITION RUN_STARTED",
          "FAILED_PRECONDITION HOSTS_MISMATCH",
          "RESOURCE_EXHAUSTED QUEUE_FULL");

  private static final MethodDescriptor<byte[], RouteResponse> RAW =
      RouterServiceGrpc.getRouteMethod().toBuilder(
              new ByteMarshaller(), RouterServiceGrpc.getRouteMethod().getResponseMarshaller())
          .build();

  private final Server server =
      InProcessServerBuilder.forName("fuzzed router")
          .directExecutor()
          .addService(new RouteService(3, 20))
          .build();
  private final ManagedChannel channel =
      InProcessChannelBuilder.forName("fuzzed router").directExecutor().build();

  @BeforeEach
  void start() throws IOException {
    server.start();
  }

  @AfterEach
  void stop() {
    channel.shutdownNow();
    server.shutdownNow();
  }

  /** A host of any kind. */
  private final class Host implements StreamObserver<RouteResponse> {
    final List<RouteResponse> responses = new ArrayList<>();
    @Nullable Throwable failure;
    boolean ended;
    boolean left;
    private final ClientCall<byte[], RouteResponse> call =
        channel.newCall(RAW, CallOptions.DEFAULT);
    private final StreamObserver<byte[]> requests = ClientCalls.asyncBidiStreamingCall(call, this);

    @Override
    public void onNext(RouteResponse response) {
      responses.add(response);
    }

    @Override
    public void onError(Throwable thrown) {
      failure = thrown;
      ended = true;
    }

    @Override
    public void onCompleted() {
      ended = true;
    }

    void send(byte[] request) {
      if (!ended && !left) {
        requests.onNext(request);
      }
    }

    void halfClose() {
      if (!ended && !left) {
        requests.onCompleted();
      }
      left = true;
    }

    void cancel() {
      call.cancel("left", new CancellationException());
      left = true;
    }

    String refusal() {
      com.google.rpc.Status status =
          StatusProto.fromThrowable(java.util.Objects.requireNonNull(failure));
      assertNotNull(status, () -> String.valueOf(failure));
      assertTrue(status.getMessage().length() > 10 && status.getMessage().length() < 600);
      try {
        for (Any detail : status.getDetailsList()) {
          return com.google.rpc.Code.forNumber(status.getCode())
              + " "
              + detail.unpack(ErrorInfo.class).getReason();
        }
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
      return status.toString();
    }
  }

  private static byte[] join(String experiment, int id, int expected) {
    return RouteRequest.newBuilder()
        .setJoin(
            Join.newBuilder().setExperiment(experiment).setHostId(id).setExpectedHosts(expected))
        .build()
        .toByteArray();
  }

  private static byte[] send(int target, int bytes) {
    return RouteRequest.newBuilder()
        .setOutgoing(
            Outgoing.newBuilder()
                .addEnvelopes(
                    Envelope.newBuilder()
                        .setTarget(target)
                        .setMessage(
                            Message.newBuilder()
                                .setLamportTime(-1)
                                .setVectorClock(VectorClock.newBuilder().putEvents(-1, -1))
                                .setPayload(ByteString.copyFrom(new byte[bytes])))))
        .build()
        .toByteArray();
  }

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5})
  void whatever_a_host_sends_is_answered_and_disturbs_no_other_experiment(long seed) {
    var chance = new Random(seed);
    var one = new Host();
    var two = new Host();
    one.send(join("honest", 1, 2));
    two.send(join("honest", 2, 2));
    var hosts = new ArrayList<Host>();
    for (int i = 0; i < STEPS; i++) {
      String what = "seed %d, step %d".formatted(seed, i);
      if (hosts.isEmpty() || chance.nextInt(3) == 0) {
        hosts.add(new Host());
      }
      Host host = hosts.get(Math.max(0, hosts.size() - 1 - chance.nextInt(4)));
      switch (chance.nextInt(8)) {
        case 0 -> host.halfClose();
        case 1 -> host.cancel();
        case 2 -> host.send(junk(chance, send(number(chance), 10)));
        case 3 -> host.send(send(number(chance), chance.nextInt(20) == 0 ? 1 << 20 : 10));
        case 4 -> host.send(junk(chance, join("fuzz", 1, 2)));
        default ->
            host.send(
                join(
                    chance.nextInt(6) == 0 ? "x".repeat(chance.nextInt(200)) : "fuzz",
                    number(chance),
                    chance.nextInt(4) == 0 ? number(chance) : 2));
      }
      if (host.failure != null && !host.left) {
        assertTrue(REFUSALS.contains(host.refusal()), () -> what + ": " + host.failure);
      }
      if (i % 10 == 0) {
        long before = two.responses.stream().filter(RouteResponse::hasIncoming).count();
        one.send(send(0, 3));
        assertEquals(
            before + 1, two.responses.stream().filter(RouteResponse::hasIncoming).count(), what);
      }
    }
    hosts.forEach(Host::halfClose);
    hosts.forEach(Host::cancel);
    // The name is free: nothing is left of all those experiments.
    var fresh = new Host();
    fresh.send(join("fuzz", 7, 1));
    assertTrue(fresh.responses.stream().anyMatch(RouteResponse::hasStart));
    fresh.halfClose();
    one.halfClose();
    two.halfClose();
    assertTrue(one.ended && two.ended && fresh.ended);
    assertEquals(null, one.failure);
    assertEquals(null, two.failure);
  }

  private static int number(Random chance) {
    return NUMBERS[chance.nextInt(NUMBERS.length)];
  }

  private static byte[] junk(Random chance, byte[] valid) {
    byte[] bytes = valid.clone();
    for (int i = chance.nextInt(4); i >= 0; i--) {
      bytes[chance.nextInt(bytes.length)] = (byte) chance.nextInt();
    }
    return bytes;
  }
}
