package dev.tidings.router;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.server.ByteMarshaller;
import dev.tidings.v1.Join;
import dev.tidings.v1.RouteRequest;
import dev.tidings.v1.RouteResponse;
import dev.tidings.v1.RouterServiceGrpc;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.Status;
import io.grpc.SynchronizationContext;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.util.HashMap;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The Route stream. All experiments are touched in one synchronization context only, which gRPC's
 * threads hand their messages to; so streams are written by one thread at a time, and nothing needs
 * a lock.
 */
public final class RouteService implements BindableService {
  private static final Logger LOG = LoggerFactory.getLogger(RouteService.class);
  private static final int MAX_NAME = 100;
  private static final int MAX_HOSTS = 100_000;

  private final int defaultHosts;
  private final int queueBound;
  private final RouterCounts counts = new RouterCounts();
  private final Map<String, Experiment> experiments = new HashMap<>();
  private final SynchronizationContext context =
      new SynchronizationContext(
          (thread, failure) -> LOG.error("the router failed; this is a bug", failure));

  /**
   * @param defaultHosts how many hosts a run waits for where they do not say
   * @param queueBound how many messages wait for one host at most
   */
  public RouteService(int defaultHosts, int queueBound) {
    if (defaultHosts < 1 || defaultHosts > MAX_HOSTS) {
      throw new IllegalArgumentException("a run has 1 to %d hosts".formatted(MAX_HOSTS));
    }
    if (queueBound < 1) {
      throw new IllegalArgumentException("a host's queue has room for 1 message or more");
    }
    this.defaultHosts = defaultHosts;
    this.queueBound = queueBound;
  }

  RouterCounts counts() {
    return counts;
  }

  /**
   * The service as servers have it: requests are bytes, most of which are passed on as they came,
   * and responses are bytes, encoded once for all who get them.
   */
  @Override
  public ServerServiceDefinition bindService() {
    MethodDescriptor<RouteRequest, RouteResponse> known = RouterServiceGrpc.getRouteMethod();
    MethodDescriptor<byte[], byte[]> route =
        known.toBuilder(new ByteMarshaller(), new ByteMarshaller()).build();
    ServiceDescriptor service = RouterServiceGrpc.getServiceDescriptor();
    return ServerServiceDefinition.builder(
            ServiceDescriptor.newBuilder(service.getName())
                .setSchemaDescriptor(service.getSchemaDescriptor())
                .addMethod(route)
                .build())
        .addMethod(route, ServerCalls.asyncBidiStreamingCall(this::route))
        .build();
  }

  private StreamObserver<byte[]> route(StreamObserver<byte[]> responses) {
    var call = (ServerCallStreamObserver<byte[]>) responses;
    var stream = new Stream(call);
    call.disableAutoRequest();
    call.setOnReadyHandler(() -> context.execute(stream.host::flush));
    call.setOnCancelHandler(() -> context.execute(() -> stream.end("its connection broke")));
    call.request(1);
    return stream;
  }

  /** What one host says. Each message is asked for when the one before it is dealt with. */
  private final class Stream implements StreamObserver<byte[]> {
    private final ServerCallStreamObserver<byte[]> call;
    private final HostQueue host;

    /** Null before it has joined, and once it has left. */
    private @Nullable Experiment experiment;

    private int hostId;

    Stream(ServerCallStreamObserver<byte[]> call) {
      this.call = call;
      this.host = new HostQueue(call, queueBound, context::executeLater, counts);
    }

    @Override
    public void onNext(byte[] request) {
      context.execute(
          () -> {
            if (host.hasEnded()) {
              return;
            }
            Envelopes envelopes = Envelopes.in(request);
            if (envelopes == null) {
              take(request);
            } else {
              route(envelopes);
            }
            if (!host.hasEnded()) {
              call.request(1);
            }
          });
    }

    /** Anything, in any words. */
    private void take(byte[] bytes) {
      RouteRequest request;
      try {
        request = RouteRequest.parseFrom(bytes);
      } catch (InvalidProtocolBufferException e) {
        request = RouteRequest.getDefaultInstance();
      }
      switch (request.getKindCase()) {
        case JOIN -> join(request.getJoin());
        case OUTGOING -> route(Envelopes.of(request.getOutgoing()));
        case KIND_NOT_SET ->
            refuse(
                Status.INVALID_ARGUMENT,
                "INVALID_REQUEST",
                "a join or envelopes are missing, or the message cannot be read");
      }
    }

    private void route(Envelopes envelopes) {
      if (experiment == null) {
        refuse(Status.INVALID_ARGUMENT, "INVALID_REQUEST", "the first message is a join");
      } else {
        experiment.route(hostId, envelopes);
        // What was sent may have dropped the last host.
        forgetIfOver();
      }
    }

    private void join(Join join) {
      int expected = join.getExpectedHosts() == 0 ? defaultHosts : join.getExpectedHosts();
      String name = join.getExperiment();
      if (experiment != null) {
        refuse(Status.INVALID_ARGUMENT, "INVALID_REQUEST", "only the first message is a join");
      } else if (name.isEmpty() || name.length() > MAX_NAME) {
        refuse(
            Status.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            "an experiment's name has 1 to %d characters, not %d"
                .formatted(MAX_NAME, name.length()));
      } else if (name.codePoints().anyMatch(Character::isISOControl)) {
        refuse(
            Status.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            "an experiment's name has no control characters");
      } else if (join.getHostId() < 1) {
        refuse(
            Status.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            "a host's id is between 1 and 2^31 - 1, not "
                + Integer.toUnsignedString(join.getHostId()));
      } else if (expected < 1 || expected > MAX_HOSTS) {
        refuse(
            Status.INVALID_ARGUMENT,
            "INVALID_REQUEST",
            "a run has 1 to %d hosts, not %s"
                .formatted(MAX_HOSTS, Integer.toUnsignedString(expected)));
      } else {
        Experiment joined =
            experiments.computeIfAbsent(
                name,
                n ->
                    new Experiment(n, expected, Math.min(HostQueue.MAX_FRAME, queueBound), counts));
        counts.experiments = experiments.size();
        Refusal refusal = joined.join(join.getHostId(), expected, host);
        if (refusal == null) {
          experiment = joined;
          hostId = join.getHostId();
        } else {
          host.fail(refusal.toStatus());
        }
      }
    }

    private void refuse(Status status, String reason, String message) {
      host.fail(new Refusal(status.getCode(), reason, message).toStatus());
      end(message);
    }

    @Override
    public void onError(Throwable failure) {
      context.execute(() -> end("its connection broke"));
    }

    @Override
    public void onCompleted() {
      context.execute(
          () -> {
            if (experiment == null) {
              host.complete();
            } else {
              experiment.finish(hostId, host);
              forgetIfOver();
            }
          });
    }

    /** The host left before its run was over. */
    private void end(String why) {
      if (experiment != null) {
        experiment.lose(hostId, host, why);
        forgetIfOver();
        experiment = null;
      }
      host.abandon();
    }

    private void forgetIfOver() {
      if (experiment != null && experiment.isOver()) {
        experiments.remove(experiment.name(), experiment);
        counts.experiments = experiments.size();
      }
    }
  }
}
