package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import dev.tidings.bench.load.Client;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.Workspace;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Incoming;
import dev.tidings.v1.Join;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.RouterServiceGrpc;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.io.IOException;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicInteger;

/** Our router. Each host has a stream of its own, and sends to the others in turn, or to all. */
public final class RouterExchange implements Exchange {
  static final int PAYLOAD_BYTES = 64;

  /** More hosts share connections. */
  static final int MOST_CONNECTIONS = 16;

  private static final long STARTED_WITHIN_SECONDS = 20;

  private final ServerProcess server;
  private final int port;
  private final AtomicInteger experiments = new AtomicInteger();

  private RouterExchange(ServerProcess server, int port) {
    this.server = server;
    this.port = port;
  }

  public static Exchange start(Workspace workspace) throws IOException, InterruptedException {
    int port = Workspace.freePorts(1).get(0);
    ServerProcess server =
        workspace.start(
            "router",
            workspace.newDirectory("router"),
            port,
            List.of(
                workspace.home().resolve("bin/router").toString(), "--listen=127.0.0.1:" + port));
    return new RouterExchange(server, port);
  }

  @Override
  public String name() {
    return "Tidings router";
  }

  @Override
  public List<ServerProcess> servers() {
    return List.of(server);
  }

  static Message message() {
    return Message.newBuilder()
        .setLamportTime(1_000_000)
        .setSentAtMicros(1_750_000_000_000_000L)
        .setPayload(ByteString.copyFrom(new byte[PAYLOAD_BYTES]))
        .build();
  }

  private static RouteRequest frame(int target, int batch) {
    Envelope envelope = Envelope.newBuilder().setTarget(target).setMessage(message()).build();
    return RouteRequest.newBuilder()
        .setOutgoing(Outgoing.newBuilder().addAllEnvelopes(Collections.nCopies(batch, envelope)))
        .build();
  }

  /** How large a frame is on the way in, and on the way out. */
  static Sizes sizes(int batch) {
    Delivery delivery =
        Delivery.newBuilder().setFromHostId(10).setTarget(1).setMessage(message()).build();
    return new Sizes(
        frame(1, batch).getSerializedSize(),
        RouteResponse.newBuilder()
            .setIncoming(
                Incoming.newBuilder().addAllDeliveries(Collections.nCopies(batch, delivery)))
            .build()
            .getSerializedSize());
  }

  @Override
  public Optional<Store.Clients> hosts(int hosts, boolean broadcast, int batch)
      throws InterruptedException {
    return Optional.of(new Hosts(hosts, broadcast, batch));
  }

  @Override
  public void close() {
    server.close();
  }

  private final class Hosts implements Store.Clients {
    private final List<ManagedChannel> channels = new ArrayList<>();
    private final List<Client> clients = new ArrayList<>();
    private final List<Arrivals> arrivals = new ArrayList<>();

    Hosts(int hosts, boolean broadcast, int batch) throws InterruptedException {
      String experiment = "bench-" + experiments.incrementAndGet();
      var started = new CountDownLatch(hosts);
      for (int i = 0; i < Math.min(hosts, MOST_CONNECTIONS); i++) {
        channels.add(GrpcChannels.open(port));
      }
      for (int i = 0; i < hosts; i++) {
        arrivals.add(new Arrivals());
      }
      List<RouteRequest> frames = new ArrayList<>();
      for (int target = broadcast ? 0 : 1; target < (broadcast ? 1 : hosts); target++) {
        frames.add(frame(target, batch));
      }
      for (int i = 0; i < hosts; i++) {
        Arrivals mine = arrivals.get(i);
        StreamObserver<RouteRequest> requests =
            RouterServiceGrpc.newStub(channels.get(i % channels.size()))
                .route(new Incomings(mine, started));
        requests.onNext(
            RouteRequest.newBuilder()
                .setJoin(
                    Join.newBuilder()
                        .setExperiment(experiment)
                        .setHostId(i + 1)
                        .setExpectedHosts(hosts))
                .build());
        clients.add(new Host(requests, mine, frames, i, broadcast ? batch * (hosts - 1L) : batch));
      }
      if (!started.await(STARTED_WITHIN_SECONDS, TimeUnit.SECONDS)) {
        close();
        throw new IllegalStateException(
            "the router did not start a run of %d hosts".formatted(hosts));
      }
    }

    @Override
    public List<Client> all() {
      return clients;
    }

    @Override
    public void close() {
      channels.forEach(ManagedChannel::shutdownNow);
    }

    /** What a host receives. */
    private final class Incomings implements StreamObserver<RouteResponse> {
      private final Arrivals mine;
      private final CountDownLatch started;

      Incomings(Arrivals mine, CountDownLatch started) {
        this.mine = mine;
        this.started = started;
      }

      @Override
      public void onNext(RouteResponse response) {
        if (response.hasStart()) {
          started.countDown();
        }
        List<Delivery> deliveries = response.getIncoming().getDeliveriesList();
        for (int i = 0; i < deliveries.size(); ) {
          int from = deliveries.get(i).getFromHostId();
          int end = i;
          while (end < deliveries.size() && deliveries.get(end).getFromHostId() == from) {
            end++;
          }
          arrivals.get(from - 1).arrived(end - i);
          i = end;
        }
      }

      @Override
      public void onError(Throwable failure) {
        mine.failed(failure);
      }

      @Override
      public void onCompleted() {
        // Only if all hosts are finished.
      }
    }
  }

  private static final class Host implements Client {
    private final StreamObserver<RouteRequest> requests;
    private final Arrivals mine;
    private final List<RouteRequest> frames;
    private final long expected;
    private int next;

    Host(
        StreamObserver<RouteRequest> requests,
        Arrivals mine,
        List<RouteRequest> frames,
        int first,
        long expected) {
      this.requests = requests;
      this.mine = mine;
      this.frames = frames;
      this.next = first;
      this.expected = expected;
    }

    @Override
    public void start(Answer answer) {
      mine.expect(expected, answer);
      requests.onNext(frames.get(next++ % frames.size()));
    }
  }
}
