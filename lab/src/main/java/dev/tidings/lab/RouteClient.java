package dev.tidings.lab;

import com.google.protobuf.ByteString;
import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.FanOut;
import dev.tidings.v1.Delivery;
import dev.tidings.v1.Envelope;
import dev.tidings.v1.Join;
import dev.tidings.v1.Message;
import dev.tidings.v1.Outgoing;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.RouterServiceGrpc;
import io.grpc.ConnectivityState;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.netty.shaded.io.grpc.netty.NettyChannelBuilder;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * A host's stay in an experiment, over one Route stream. Used by the host's thread; gRPC's only
 * hand over.
 */
final class RouteClient implements AutoCloseable {
  private static final Logger LOG = LoggerFactory.getLogger(RouteClient.class);

  /** The log names each of so many hosts at most. */
  private static final int MANY = 32;

  private final ManagedChannel channel;
  private final int hostId;
  private final boolean knowsAll;
  private final StreamObserver<RouteRequest> requests;
  private final Queue<DriftMessage> deliveries = new ConcurrentLinkedQueue<>();
  private final CountDownLatch started = new CountDownLatch(1);
  private final CountDownLatch ended = new CountDownLatch(1);
  private final AtomicLong delivered = new AtomicLong();
  private volatile List<Integer> members = List.of();
  private volatile @Nullable Status failure;

  private RouteClient(ManagedChannel channel, HostConfig config) {
    this.channel = channel;
    this.hostId = config.id();
    this.knowsAll = config.others().isEmpty();
    requests = RouterServiceGrpc.newStub(channel).withWaitForReady().route(new Responses());
    requests.onNext(
        RouteRequest.newBuilder()
            .setJoin(
                Join.newBuilder()
                    .setExperiment(config.experiment())
                    .setHostId(config.id())
                    .setExpectedHosts(config.hosts()))
            .build());
  }

  /**
   * Joins, as soon as the router is there.
   *
   * @throws LabException if it is not within the connect timeout
   */
  static RouteClient join(HostConfig config) throws InterruptedException {
    ManagedChannel channel =
        NettyChannelBuilder.forTarget("dns:///" + config.router())
            .usePlaintext()
            .keepAliveTime(10, TimeUnit.SECONDS)
            // As patient as the router: to leave a run is to be lost for all.
            .keepAliveTimeout(20, TimeUnit.SECONDS)
            .build();
    if (!isReachable(channel, config.connectTimeout())) {
      channel.shutdownNow();
      throw new LabException(
          "cannot reach the router at %s within %d s; is it running?"
              .formatted(config.router(), config.connectTimeout().toSeconds()));
    }
    return new RouteClient(channel, config);
  }

  private static boolean isReachable(ManagedChannel channel, Duration timeout)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    while (true) {
      ConnectivityState state = channel.getState(true);
      if (state == ConnectivityState.READY) {
        return true;
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        return false;
      }
      if (state == ConnectivityState.TRANSIENT_FAILURE) {
        // The channel's own backoff goes up to minutes, and a router that is just starting is there
        // sooner.
        channel.resetConnectBackoff();
      }
      var changed = new CountDownLatch(1);
      channel.notifyWhenStateChanged(state, changed::countDown);
      changed.await(Math.min(left, TimeUnit.MILLISECONDS.toNanos(200)), TimeUnit.NANOSECONDS);
    }
  }

  /**
   * Waits until all hosts are here.
   *
   * @throws LabException if the router turns this host away
   */
  FanOut awaitStart() throws InterruptedException {
    LOG.info("host {}: waiting for the others", hostId);
    started.await();
    checkAlive();
    List<Integer> all = members;
    LOG.info(
        "host {}: all are here ({}), the run starts",
        hostId,
        all.size() > MANY ? all.size() + " hosts" : all);
    return new FanOut(all);
  }

  /**
   * @throws LabException if the stream has broken
   */
  void checkAlive() {
    Status status = failure;
    if (status != null) {
      throw new LabException(
          "host %d: the router ended the stream: %s"
              .formatted(
                  hostId,
                  status.getDescription() == null ? status.getCode() : status.getDescription()));
    }
  }

  /** How many messages have come for this host so far. */
  long delivered() {
    return delivered.get();
  }

  /** Passes on what has come for this host, in order. */
  void takeDeliveries(Consumer<DriftMessage> inbox) {
    for (DriftMessage message = deliveries.poll(); message != null; message = deliveries.poll()) {
      inbox.accept(message);
    }
  }

  /**
   * Sends to the hosts that the message's target means.
   *
   * @param to their ids, ascending
   */
  void send(DriftMessage message, List<Integer> to) {
    var outgoing = Outgoing.newBuilder();
    if (knowsAll) {
      outgoing.addEnvelopes(
          Envelope.newBuilder().setTarget(message.target()).setMessage(toProto(message)));
    } else {
      List<Integer> all = new FanOut(members).others(hostId);
      Message known = toProto(message).toBuilder().setTargetAmongKnown(message.target()).build();
      for (int host : to) {
        outgoing.addEnvelopes(
            Envelope.newBuilder().setTarget(all.indexOf(host) + 1).setMessage(known));
      }
    }
    requests.onNext(RouteRequest.newBuilder().setOutgoing(outgoing).build());
  }

  /**
   * This host's run is over: waits until everyone's is, so that nobody loses what is on its way.
   */
  void finish() throws InterruptedException {
    requests.onCompleted();
    ended.await();
    checkAlive();
    LOG.info("host {}: the run is over", hostId);
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }

  static Message toProto(DriftMessage message) {
    return Message.newBuilder()
        .setLamportTime(message.lamportTime())
        .setSentAtMicros(message.sentAtMicros())
        .setVectorClock(
            dev.tidings.v1.VectorClock.newBuilder().putAllEvents(message.vectorClock().events()))
        .setPayload(ByteString.copyFromUtf8(message.payload()))
        .build();
  }

  /**
   * @throws IllegalArgumentException if the message is malformed
   */
  static DriftMessage fromProto(Delivery delivery) {
    Message message = delivery.getMessage();
    return new DriftMessage(
        delivery.getFromHostId(),
        message.hasTargetAmongKnown() ? message.getTargetAmongKnown() : delivery.getTarget(),
        message.getLamportTime(),
        VectorClock.of(message.getVectorClock().getEventsMap()),
        message.getSentAtMicros(),
        message.getPayload().toStringUtf8());
  }

  private final class Responses implements StreamObserver<RouteResponse> {
    @Override
    public void onNext(RouteResponse response) {
      switch (response.getKindCase()) {
        case MEMBERSHIP -> members = List.copyOf(response.getMembership().getHostIdsList());
        case START -> started.countDown();
        case INCOMING -> response.getIncoming().getDeliveriesList().forEach(this::take);
        case UNDELIVERABLE ->
            LOG.warn("host {}: not delivered: {}", hostId, response.getUndeliverable().getWhy());
        case HOST_LOST ->
            LOG.warn(
                "host {}: host {} is lost: {}",
                hostId,
                response.getHostLost().getHostId(),
                response.getHostLost().getWhy());
        case KIND_NOT_SET -> {
          // From a newer router: nothing that we know how to use.
        }
      }
    }

    private void take(Delivery delivery) {
      try {
        deliveries.add(fromProto(delivery));
        delivered.incrementAndGet();
      } catch (IllegalArgumentException e) {
        LOG.warn("host {}: a malformed message is left out: {}", hostId, e.getMessage());
      }
    }

    @Override
    public void onError(Throwable thrown) {
      failure = Status.fromThrowable(thrown);
      started.countDown();
      ended.countDown();
    }

    @Override
    public void onCompleted() {
      started.countDown();
      ended.countDown();
    }
  }
}
