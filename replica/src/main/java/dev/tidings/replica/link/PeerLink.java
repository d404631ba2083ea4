package dev.tidings.replica.link;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.storage.LogCutException;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.ForwardRequest;
import dev.tidings.v1.Hello;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.Want;
import dev.tidings.v1.Wants;
import io.grpc.Deadline;
import io.grpc.ManagedChannel;
import io.grpc.Status;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.DoubleSupplier;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * Sends one peer the logs that it wants, this replica's own and others that it holds, each in
 * order; and a snapshot where a log no longer reaches back far enough. Connects, and connects
 * again, for ever.
 *
 * <p>A link is a cursor for each log, not a queue: however slow or long away the peer is, the link
 * keeps nothing but how far it is. Confined to the links' loop.
 */
final class PeerLink {
  private static final Logger LOG = LoggerFactory.getLogger(PeerLink.class);
  private static final int MAX_BATCH_WRITES = 1_000;
  private static final long MAX_BATCH_BYTES = 256 << 10;
  private static final long MIN_BACKOFF_MICROS = 100_000;
  private static final long MAX_BACKOFF_MICROS = 3_000_000;
  private static final long MAX_PAGE_BYTES = 512 << 10;

  /** Standings are told so often at most. */
  private static final long TELL_MICROS = 200_000;

  private final int peerId;
  private final String address;
  private final ManagedChannel channel;
  private final Origin self;
  private final Handshake handshake;
  private final ReplicaStore store;
  private final EventLoop loop;
  private final DoubleSupplier jitter;
  private final Links.Listener listener;

  /** Our own log's way, which is under way even while there is no stream. */
  private final SimulatedLink ownWay;

  private LinkSettings settings;
  private Links.News news = Links.News.NONE;
  private String clientAddress = "";
  private @Nullable Stream stream;
  private long acknowledged;
  private long backoffMicros = MIN_BACKOFF_MICROS;
  private String lastFailure = "";
  private EventLoop.@Nullable Timer timer;
  private boolean stopped;
  private volatile PeerStatus status;
  private volatile boolean relaying;

  /**
   * @param jitter between 0 and 1, for retries that do not come in step
   */
  PeerLink(
      int peerId,
      String address,
      ManagedChannel channel,
      ReplicaStore store,
      Handshake handshake,
      LinkSettings settings,
      EventLoop loop,
      DoubleSupplier jitter,
      Links.Listener listener) {
    this.peerId = peerId;
    this.address = address;
    this.channel = channel;
    this.self = store.identity().origin();
    this.store = store;
    this.handshake = handshake;
    this.settings = settings;
    this.loop = loop;
    this.jitter = jitter;
    this.listener = listener;
    this.ownWay = new SimulatedLink(micros(settings.delay()));
    this.status = new PeerStatus(peerId, address, "", false, 0, settings);
  }

  int peerId() {
    return peerId;
  }

  String address() {
    return address;
  }

  /** Begins to connect. */
  void start(Links.News first) {
    news = first;
    ownWay.enter(first.own().held().upTo(self), loop.nowMicros());
    connect();
  }

  /** More is durable here, or known. */
  void onNews(Links.News latest) {
    long before = news.own().held().upTo(self);
    news = latest;
    long head = latest.own().held().upTo(self);
    if (head > before) {
      ownWay.enter(head, loop.nowMicros());
    }
    Stream current = stream;
    if (current != null && current.isOpen) {
      current.relayed.forEach(
          (origin, cursor) -> cursor.way.enter(latest.own().held().upTo(origin), loop.nowMicros()));
      pump();
      current.tellSoon();
    }
  }

  void set(LinkSettings next) {
    if (next.equals(settings)) {
      return;
    }
    boolean wasCut = settings.cut();
    settings = next;
    LOG.info(
        "link {}>{}: {}",
        self.replicaId(),
        peerId,
        next.cut() ? "cut" : "delay " + next.delay().toMillis() + " ms");
    ownWay.set(micros(next.delay()));
    Stream current = stream;
    if (current != null) {
      current.relayed.values().forEach(cursor -> cursor.way.set(micros(next.delay())));
      if (next.cut()) {
        // What is cut is not slow, but down: the peer is to notice.
        current.calls().cancel("the simulated link is cut", null);
        onEnd(current, "the simulated link is cut");
      }
    }
    publish();
    if (wasCut && !next.cut()) {
      connect();
    }
    pump();
  }

  /**
   * Hands a client's write on to the peer; over a simulated link it takes its time, and the answer
   * too.
   *
   * @param answers is refused with a {@link HomeUnreachableException} if the write was not sent
   */
  void forward(
      ClientWriteRequest write, Deadline deadline, StreamObserver<ClientWriteResponse> answers) {
    later(
        () -> {
          Stream current = stream;
          if (current == null || !current.isOpen) {
            answers.onError(
                new HomeUnreachableException(
                    peerId, lastFailure.isEmpty() ? "there is no connection" : lastFailure));
            return;
          }
          ReplicationServiceGrpc.newStub(channel)
              .withDeadline(deadline)
              .forward(
                  ForwardRequest.newBuilder()
                      .setHello(handshake.to(peerId, TimeTable.Row.NONE))
                      .setWrite(write)
                      .build(),
                  new Forwarded(answers));
        });
  }

  /** After the link's delay. */
  private void later(Runnable task) {
    loop.schedule(micros(settings.delay()), task);
  }

  /** An answer on its way back. */
  private final class Forwarded implements StreamObserver<ClientWriteResponse> {
    private final StreamObserver<ClientWriteResponse> answers;

    Forwarded(StreamObserver<ClientWriteResponse> answers) {
      this.answers = answers;
    }

    @Override
    public void onNext(ClientWriteResponse response) {
      loop.execute(
          () ->
              later(
                  () -> {
                    answers.onNext(response);
                    answers.onCompleted();
                  }));
    }

    @Override
    public void onError(Throwable failure) {
      // Without a reason of ours nobody knows whether it happened.
      Throwable told =
          reason(failure).isEmpty()
              ? Status.UNAVAILABLE
                  .withDescription(
                      "replica %d, the home of the write's keys, gave no answer (%s)"
                          .formatted(peerId, Status.fromThrowable(failure).getCode()))
                  .asRuntimeException()
              : failure;
      loop.execute(() -> later(() -> answers.onError(told)));
    }

    @Override
    public void onCompleted() {
      // With the answer.
    }
  }

  /** Ends the stream; nothing connects again. */
  void stop() {
    stopped = true;
    cancelTimer();
    Stream current = stream;
    stream = null;
    if (current != null) {
      current.endSnapshot();
      current.calls().cancel("the link is closed", null);
    }
    channel.shutdownNow();
  }

  /** Any thread. */
  PeerStatus status() {
    return status;
  }

  /** Whether the peer is sent others' logs. Any thread. */
  boolean isRelaying() {
    return relaying;
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
            settings);
  }

  private void connect() {
    if (stopped || settings.cut() || stream != null) {
      return;
    }
    // The channel's own backoff goes up to minutes; ours decides when to try.
    channel.resetConnectBackoff();
    var next = new Stream();
    stream = next;
    ReplicationServiceGrpc.newStub(channel).replicate(next);
    next.calls()
        .onNext(ReplicateRequest.newBuilder().setHello(handshake.to(peerId, news.own())).build());
  }

  private void onHello(Stream from, Hello hello) {
    if (from != stream) {
      return;
    }
    Origin peer;
    TimeTable.Row standing;
    try {
      peer = handshake.check(hello);
      standing = Wire.fromProto(hello.getStanding());
      if (peer.replicaId() != peerId) {
        throw new ClusterMismatchException(
            "replica %d answers at %s, and not replica %d"
                .formatted(peer.replicaId(), address, peerId));
      }
    } catch (ClusterMismatchException | InvalidRequestException e) {
      String why = String.valueOf(e.getMessage());
      from.calls().cancel(why, null);
      onEnd(from, why);
      return;
    }
    from.isOpen = true;
    from.peer = peer;
    acknowledged = standing.held().upTo(self);
    listener.onAnswer(peer, standing);
    clientAddress = hello.getClientAddress();
    from.openedMicros = loop.nowMicros();
    lastFailure = "";
    LOG.info(
        "connected to replica {} at {}; it has {} of our writes", peerId, address, acknowledged);
    publish();
    from.tellSoon();
  }

  private void onAcknowledged(Stream from, long heldUpTo) {
    if (from == stream && heldUpTo > acknowledged) {
      acknowledged = heldUpTo;
      LOG.debug("replica {} has {} of our writes", peerId, heldUpTo);
      if (from.peer != null) {
        listener.onAcknowledged(from.peer, acknowledged);
      }
      publish();
    }
  }

  private void onWants(Stream from, Wants wants) {
    if (from == stream && from.isOpen) {
      try {
        from.want(wants);
      } catch (InvalidRequestException e) {
        from.calls().cancel(String.valueOf(e.getMessage()), null);
        onEnd(from, String.valueOf(e.getMessage()));
        return;
      }
      pump();
    }
  }

  private void onSnapshotRequest(Stream from) {
    if (from == stream && from.isOpen && from.snapshot == null) {
      LOG.info("replica {} is sent a snapshot", peerId);
      from.snapshot = store.pages();
      from.headSent = false;
      pump();
    }
  }

  /** Ends a snapshot that is under way, and the stream with it; the peer asks again. */
  void endSnapshot() {
    Stream current = stream;
    if (current != null && current.snapshot != null) {
      current.calls().cancel("the snapshot has ended early", null);
      onEnd(current, "the snapshot has ended early");
    }
  }

  /** gRPC's description is "io exception"; the reason that people understand is the last cause. */
  private static String words(Status status) {
    Throwable last = status.getCause();
    while (last != null && last.getCause() != null) {
      last = last.getCause();
    }
    String cause = last == null ? "" : String.valueOf(last.getMessage());
    if (cause.contains("Connection refused")) {
      return "connection refused";
    }
    return status.getDescription() == null
        ? status.getCode().toString()
        : status.getCode() + ": " + status.getDescription();
  }

  private void onEnd(Stream from, String why) {
    onEnd(from, why, false);
  }

  /**
   * @param isRemoved the peer says that this replica is no member: whoever listens tells of that
   */
  private void onEnd(Stream from, String why, boolean isRemoved) {
    if (from != stream) {
      return;
    }
    boolean wasOpen = from.isOpen;
    // A peer that takes our hello and then refuses what we send is not tried ten times a second.
    if (wasOpen && loop.nowMicros() - from.openedMicros >= MAX_BACKOFF_MICROS) {
      backoffMicros = MIN_BACKOFF_MICROS;
    }
    stream = null;
    relaying = false;
    from.endSnapshot();
    publish();
    if (stopped) {
      return;
    }
    // Told once, not at every try.
    if (isRemoved) {
      LOG.debug("replica {} refuses this one: {}", peerId, why);
    } else if (wasOpen) {
      LOG.info("lost replica {} ({}); connecting again", peerId, why);
    } else if (!why.equals(lastFailure)) {
      LOG.info("cannot reach replica {} at {} yet ({}); trying on", peerId, address, why);
    }
    lastFailure = why;
    long wait = (long) (backoffMicros * (0.5 + 0.5 * jitter.getAsDouble()));
    backoffMicros = Math.min(2 * backoffMicros, MAX_BACKOFF_MICROS);
    loop.schedule(wait, this::connect);
  }

  /** Sends what has passed the link and the peer wants, as far as flow control lets it. */
  private void pump() {
    Stream current = stream;
    if (current == null || !current.isOpen) {
      return;
    }
    long now = loop.nowMicros();
    boolean more = true;
    while (more && current.calls().isReady()) {
      more = current.sendNext(now);
    }
    cancelTimer();
    OptionalLong due = current.nextDueMicros(now);
    if (due.isPresent()) {
      timer = loop.schedule(Math.max(0, due.getAsLong() - now), this::pump);
    }
  }

  private void cancelTimer() {
    if (timer != null) {
      timer.cancel();
      timer = null;
    }
  }

  /** The reason that the peer gives; empty for none. */
  private static String reason(Throwable failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    if (status == null) {
      return "";
    }
    for (Any detail : status.getDetailsList()) {
      try {
        if (detail.is(ErrorInfo.class)) {
          return detail.unpack(ErrorInfo.class).getReason();
        }
      } catch (InvalidProtocolBufferException e) {
        return "";
      }
    }
    return "";
  }

  /** How far a log has been sent. */
  private static final class Cursor {
    final SimulatedLink way;
    long sent;
    boolean paused;

    Cursor(SimulatedLink way, long sent) {
      this.way = way;
      this.sent = sent;
    }
  }

  /** One try at a stream. gRPC's threads only hand over to the loop. */
  private final class Stream
      implements ClientResponseObserver<ReplicateRequest, ReplicateResponse> {
    private @Nullable ClientCallStreamObserver<ReplicateRequest> calls;
    private @Nullable Origin peer;
    private boolean isOpen;
    private long openedMicros;

    /** Our own log, where the peer wants it. */
    private @Nullable Cursor own;

    /** Others' logs that the peer wants. */
    private final SortedMap<Origin, Cursor> relayed = new TreeMap<>();

    /** What the peer knows from us of others. */
    private final Map<Origin, TimeTable.Row> told = new HashMap<>();

    private boolean tells;
    private @Nullable SnapshotPages snapshot;
    private boolean headSent;

    ClientCallStreamObserver<ReplicateRequest> calls() {
      if (calls == null) {
        throw new IllegalStateException("the stream has not started");
      }
      return calls;
    }

    void want(Wants wants) {
      var wanted = new TreeMap<Origin, Want>();
      wants.getWantsList().forEach(want -> wanted.put(Wire.fromProto(want.getOrigin()), want));
      Want ofOwn = wanted.remove(self);
      own = ofOwn == null ? null : updated(own, ofOwn, ownWay);
      relayed.keySet().retainAll(wanted.keySet());
      wanted.forEach(
          (origin, want) -> {
            Cursor known = relayed.get(origin);
            var way = known == null ? new SimulatedLink(micros(settings.delay())) : known.way;
            if (known == null) {
              LOG.info("replica {} gets the log of {} from us", peerId, origin);
              way.enter(news.own().held().upTo(origin), loop.nowMicros());
            }
            relayed.put(origin, updated(known, want, way));
          });
      relaying = !relayed.isEmpty();
    }

    private Cursor updated(@Nullable Cursor known, Want want, SimulatedLink way) {
      Cursor cursor = known == null ? new Cursor(way, want.getAfter()) : known;
      cursor.paused = want.getPaused();
      return cursor;
    }

    /** Sends one message, if there is one to send. */
    boolean sendNext(long now) {
      if (snapshot != null) {
        sendPage(snapshot);
        return true;
      }
      boolean sent = own != null && sendBatch(self, own, now);
      // Whoever does not want it any more is taken out only here.
      for (Origin origin : List.copyOf(relayed.keySet())) {
        Cursor cursor = relayed.get(origin);
        sent |= cursor != null && calls().isReady() && sendBatch(origin, cursor, now);
      }
      return sent;
    }

    private boolean sendBatch(Origin origin, Cursor cursor, long now) {
      long passed = cursor.way.passedUpTo(now);
      if (cursor.paused || cursor.sent >= passed) {
        return false;
      }
      long first = cursor.sent + 1;
      List<Bytes> writes;
      try {
        writes = store.log(origin, first, passed, MAX_BATCH_WRITES, MAX_BATCH_BYTES);
      } catch (LogCutException e) {
        LOG.info("replica {} needs writes of {} that are not in our log any more", peerId, origin);
        if (origin.equals(self)) {
          own = null;
        } else {
          relayed.remove(origin);
        }
        send(
            request ->
                request
                    .getLogCutBuilder()
                    .setOrigin(Wire.toProto(origin))
                    .setKeptAfter(e.keptAfter()));
        return true;
      }
      cursor.sent += writes.size();
      send(
          request -> {
            var batch =
                request
                    .getBatchBuilder()
                    .setSimulatedDelaySeconds((int) settings.delay().toSeconds())
                    .setAwaited(news.awaited() && origin.equals(self));
            writes.forEach(write -> batch.addWrites(Wire.toProto(write)));
          });
      LOG.debug("sent writes {} to {} of {} to replica {}", first, cursor.sent, origin, peerId);
      return true;
    }

    private void sendPage(SnapshotPages pages) {
      List<SnapshotPages.Entry> entries = pages.next(MAX_PAGE_BYTES);
      boolean withHead = !headSent;
      headSent = true;
      send(
          request ->
              request.setSnapshotPage(PageWire.toProto(withHead ? pages.head() : null, entries)));
      if (entries.isEmpty()) {
        LOG.info("replica {} has been sent the snapshot", peerId);
        endSnapshot();
      }
    }

    void endSnapshot() {
      if (snapshot != null) {
        snapshot.close();
        snapshot = null;
      }
    }

    /** When more has passed the link, if anything is under way and nothing changes. */
    OptionalLong nextDueMicros(long now) {
      OptionalLong due = own == null ? OptionalLong.empty() : own.way.nextDueMicros(now);
      for (Cursor cursor : relayed.values()) {
        OptionalLong next = cursor.way.nextDueMicros(now);
        if (next.isPresent() && (due.isEmpty() || next.getAsLong() < due.getAsLong())) {
          due = next;
        }
      }
      return due;
    }

    /** Tells the peer what has changed of what replicas hold and show. */
    void tellSoon() {
      if (!tells) {
        tells = true;
        loop.schedule(TELL_MICROS, this::tell);
      }
    }

    private void tell() {
      tells = false;
      if (this != stream || !isOpen) {
        return;
      }
      var changed = new TreeMap<>(news.others());
      changed.remove(peer);
      changed.put(self, news.own());
      changed.entrySet().removeIf(entry -> entry.getValue().equals(told.get(entry.getKey())));
      if (!changed.isEmpty()) {
        told.putAll(changed);
        send(
            request -> {
              var standings = request.getStandingsBuilder();
              changed.forEach((of, row) -> standings.addStandings(Wire.toProto(of, row)));
            });
      }
    }

    private void send(Consumer<ReplicateRequest.Builder> fill) {
      var request = ReplicateRequest.newBuilder();
      fill.accept(request);
      calls().onNext(request.build());
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
        case WANTS -> loop.execute(() -> onWants(this, response.getWants()));
        case SNAPSHOT_REQUEST -> loop.execute(() -> onSnapshotRequest(this));
        case KIND_NOT_SET -> {
          // From a newer peer: nothing that we know how to use.
        }
      }
    }

    @Override
    public void onError(Throwable failure) {
      Status status = Status.fromThrowable(failure);
      String why = words(status);
      String reason = reason(failure);
      loop.execute(
          () -> {
            onEnd(this, why, reason.equals(RemovedException.REASON));
            if (reason.equals(RemovedException.REASON)) {
              listener.onRemoved(peerId, String.valueOf(status.getDescription()));
            } else if (reason.equals(ClusterMismatchException.REASON)) {
              listener.onMismatch(peerId, String.valueOf(status.getDescription()));
            }
          });
    }

    @Override
    public void onCompleted() {
      loop.execute(() -> onEnd(this, "the peer ended the stream"));
    }
  }
}
