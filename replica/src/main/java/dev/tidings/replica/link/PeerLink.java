package dev.tidings.replica.link;

import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Hello;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.WriteBatch;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.OptionalLong;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends this replica's log to one peer, in order, from what the peer holds; connects, and connects
 * again, for ever.
 *
 * <p>A link is a cursor, not a queue: however slow or long away the peer is, the link keeps nothing
 * but how far it is. Confined to the links' loop.
 */
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
  private static final int MAX_BATCH_WRITES = 1_000;
  private static final long MAX_BATCH_BYTES = 256 << 10;
  private static final long MIN_BACKOFF_MICROS = 100_000;
  private static final long MAX_BACKOFF_MICROS = 3_000_000;

  private final int peerId;
  private final String address;
  private final ManagedChannel channel;
  private final Origin self;
  private final Handshake handshake;
  private final ReplicaStore log;
  private final EventLoop loop;
  private final DoubleSupplier jitter;
  private final SimulatedLink link;
  private String clientAddress = "";
  private @Nullable Stream stream;
  private long acknowledged;
  private long backoffMicros = MIN_BACKOFF_MICROS;
  private String lastFailure = "";
  private EventLoop.@Nullable Timer timer;
  private boolean stopped;
  private Links.AcknowledgementListener listener = (peer, upTo) -> {};
  private volatile PeerStatus status;

  /**
   * @param jitter between 0 and 1, for retries that do not come in step
   */
  PeerLink(
      int peerId,
      String address,
      ManagedChannel channel,
      Origin self,
      Handshake handshake,
      ReplicaStore log,
      LinkSettings settings,
      EventLoop loop,
      DoubleSupplier jitter) {
    this.peerId = peerId;
    this.address = address;
    this.channel = channel;
    this.self = self;
    this.handshake = handshake;
    this.log = log;
    this.loop = loop;
    this.jitter = jitter;
    this.link = new SimulatedLink(micros(settings.delay()));
    link.set(micros(settings.delay()), settings.cut());
    this.status = new PeerStatus(peerId, address, "", false, 0, settings);
  }

  /** Begins to connect. */
  void start(long head, Links.AcknowledgementListener listener) {
    this.listener = listener;
    link.enter(head, loop.nowMicros());
    connect();
  }

  /** This replica's own log is durable up to {@code head}. */
  void onHead(long head) {
    link.enter(head, loop.nowMicros());
    pump();
  }

  void set(LinkSettings settings) {
    if (settings.equals(status.settings())) {
      return;
    }
    boolean wasCut = link.isCut();
    link.set(micros(settings.delay()), settings.cut());
    LOG.info(
        "link {}>{}: {}",
        self.replicaId(),
        peerId,
        settings.cut() ? "cut" : "delay " + settings.delay().toMillis() + " ms");
    publish();
    if (wasCut && !settings.cut() && stream == null) {
      connect();
    }
    pump();
  }

  /** Ends the stream; nothing connects again. */
  void stop() {
    stopped = true;
    cancelTimer();
    Stream current = stream;
    stream = null;
    if (current != null) {
      current.calls().cancel("the replica is shutting down", null);
    }
    channel.shutdownNow();
  }

  /** Any thread. */
  PeerStatus status() {
    return status;
  }

  private static long micros(Duration duration) {
    return duration.toNanos() / 1_000;
  }

  private void publish() {
    status =
        new PeerStatus(
            peerId,
            address,
            clientAddress,
            stream != null && stream.isOpen,
            acknowledged,
            new LinkSettings(Duration.of(link.delayMicros(), ChronoUnit.MICROS), link.isCut()));
  }

  private void connect() {
    if (stopped || link.isCut() || stream != null) {
      return;
    }
    // The channel's own backoff goes up to minutes; ours decides when to try.
    channel.resetConnectBackoff();
    var next = new Stream();
    stream = next;
    ReplicationServiceGrpc.newStub(channel).replicate(next);
    next.calls()
        .onNext(
            ReplicateRequest.newBuilder()
                .setHello(handshake.to(peerId, VersionVector.EMPTY))
                .build());
  }

  private void onHello(Stream from, Hello hello) {
    if (from != stream) {
      return;
    }
    try {
      handshake.check(hello);
      from.sent = Wire.prefixes(hello.getHeld()).upTo(self);
    } catch (ClusterMismatchException | InvalidRequestException e) {
      String why = String.valueOf(e.getMessage());
      from.calls().cancel(why, null);
      onEnd(from, why);
      return;
    }
    from.isOpen = true;
    acknowledged = from.sent;
    listener.onAcknowledged(peerId, acknowledged);
    clientAddress = hello.getClientAddress();
    from.openedMicros = loop.nowMicros();
    lastFailure = "";
    LOG.info(
        "connected to replica {} at {}; it has {} of our writes", peerId, address, acknowledged);
    publish();
    pump();
  }

  private void onAcknowledged(Stream from, long heldUpTo) {
    if (from == stream && heldUpTo > acknowledged) {
      acknowledged = heldUpTo;
      LOG.debug("replica {} has {} of our writes", peerId, heldUpTo);
      listener.onAcknowledged(peerId, acknowledged);
      publish();
    }
  }

  private void onEnd(Stream from, String why) {
    if (from != stream) {
      return;
    }
    boolean wasOpen = from.isOpen;
    // A peer that takes our hello and then refuses what we send is not tried ten times a second.
    if (wasOpen && loop.nowMicros() - from.openedMicros >= MAX_BACKOFF_MICROS) {
      backoffMicros = MIN_BACKOFF_MICROS;
    }
    stream = null;
    publish();
    if (stopped) {
      return;
    }
    // Told once, not at every try.
    if (wasOpen) {
      LOG.info("lost replica {} ({}); connecting again", peerId, why);
    } else if (!why.equals(lastFailure)) {
      LOG.info("cannot reach replica {} at {} yet ({}); trying on", peerId, address, why);
    }
    lastFailure = why;
    long wait = (long) (backoffMicros * (0.5 + 0.5 * jitter.getAsDouble()));
    backoffMicros = Math.min(2 * backoffMicros, MAX_BACKOFF_MICROS);
    loop.schedule(wait, this::connect);
  }

  /** Sends what has passed the link and the peer does not have, as far as flow control lets it. */
  private void pump() {
    Stream current = stream;
    if (current == null || !current.isOpen) {
      return;
    }
    long passed = link.passedUpTo(loop.nowMicros());
    while (current.sent < passed && current.calls().isReady()) {
      List<Write> writes =
          log.log(self, current.sent + 1, passed, MAX_BATCH_WRITES, MAX_BATCH_BYTES);
      var batch =
          WriteBatch.newBuilder().setSimulatedDelaySeconds((int) (link.delayMicros() / 1_000_000));
      writes.forEach(write -> batch.addWrites(Wire.toProto(write)));
      current.calls().onNext(ReplicateRequest.newBuilder().setBatch(batch).build());
      long first = current.sent + 1;
      current.sent = writes.get(writes.size() - 1).position().sequence();
      LOG.debug("sent our writes {} to {} to replica {}", first, current.sent, peerId);
    }
    cancelTimer();
    OptionalLong due = link.nextDueMicros();
    if (due.isPresent()) {
      timer = loop.schedule(Math.max(0, due.getAsLong() - loop.nowMicros()), this::pump);
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** One try at a stream. gRPC's threads only hand over to the loop. */
  private final class Stream
      implements ClientResponseObserver<ReplicateRequest, ReplicateResponse> {
    private @Nullable ClientCallStreamObserver<ReplicateRequest> calls;
    private boolean isOpen;
    private long openedMicros;
    private long sent;

    ClientCallStreamObserver<ReplicateRequest> calls() {
      if (calls == null) {
        throw new IllegalStateException("the stream has not started");
      }
      return calls;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ReplicateRequest> requestStream) {
      calls = requestStream;
      requestStream.setOnReadyHandler(() -> loop.execute(PeerLink.this::pump));
    }

    @Override
    public void onNext(ReplicateResponse response) {
      switch (response.getKindCase()) {
        case HELLO -> loop.execute(() -> onHello(this, response.getHello()));
        case ACKNOWLEDGEMENT ->
            loop.execute(() -> onAcknowledged(this, response.getAcknowledgement().getHeldUpTo()));
        case KIND_NOT_SET -> {
          // From a newer peer: nothing that we know how to use.
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      String why =
          status.getDescription() == null
              ? status.getCode().toString()
              : status.getCode() + ": " + status.getDescription();
      loop.execute(() -> onEnd(this, why));
    }

    @Override
    public void onCompleted() {
      loop.execute(() -> onEnd(this, "the peer ended the stream"));
    }
  }
}
