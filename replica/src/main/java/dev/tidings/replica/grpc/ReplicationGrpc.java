package dev.tidings.replica.grpc;

import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.replica.PeerStream;
import dev.tidings.replica.Replica;
import dev.tidings.replica.link.Handshake;
import dev.tidings.replica.link.PageWire;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Acknowledgement;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.ForwardRequest;
import dev.tidings.v1.Hello;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.SnapshotPage;
import dev.tidings.v1.SnapshotRequest;
import dev.tidings.v1.Wants;
import dev.tidings.v1.WriteBatch;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What peers send: takes one message after another, the next once the last is decided on. */
public final class ReplicationGrpc extends ReplicationServiceGrpc.ReplicationServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationGrpc.class);

  /** As long as a simulated link's delay may be. */
  private static final int MAX_DELAY_SECONDS = 86_400;

  private final Replica replica;
  private final Handshake handshake;
  private final Homing homing;

  public ReplicationGrpc(Replica replica, Handshake handshake, Homing homing) {
    this.replica = replica;
    this.handshake = handshake;
    this.homing = homing;
  }

  @Override
  public void forward(ForwardRequest request, StreamObserver<ClientWriteResponse> responses) {
    try {
      handshake.check(request.getHello());
    } catch (RuntimeException e) {
      responses.onError(StatusMapper.toStatus(e));
      return;
    }
    homing.decide(request.getWrite(), responses);
  }

  @Override
  public StreamObserver<ReplicateRequest> replicate(StreamObserver<ReplicateResponse> responses) {
    var call = (ServerCallStreamObserver<ReplicateResponse>) responses;
    call.disableAutoRequest();
    call.setOnCancelHandler(() -> {});
    call.request(1);
    return new Incoming(call);
  }

  /**
   * One stream. Its messages come one at a time, since each is asked for when the one before it is
   * dealt with. The end of the stream is not asked for, and may come while a batch is with the
   * loop. All answers are given on the loop, and none after the end.
   */
  private final class Incoming implements StreamObserver<ReplicateRequest>, PeerStream {
    private final ServerCallStreamObserver<ReplicateResponse> call;
    private @Nullable Origin peer;
    private volatile boolean ended;

    Incoming(ServerCallStreamObserver<ReplicateResponse> call) {
      this.call = call;
    }

    @Override
    public void onNext(ReplicateRequest request) {
      if (ended) {
        return;
      }
      try {
        switch (request.getKindCase()) {
          case HELLO -> onHello(request.getHello());
          case BATCH -> onBatch(request.getBatch());
          case STANDINGS ->
              replica.receive(Wire.rows(request.getStandings().getStandingsList()), greeted());
          case LOG_CUT ->
              replica.receiveCut(
                  Wire.fromProto(request.getLogCut().getOrigin()),
                  request.getLogCut().getKeptAfter(),
                  greeted());
          case SNAPSHOT_PAGE -> onPage(request.getSnapshotPage());
          case KIND_NOT_SET -> throw new InvalidRequestException("a hello or a batch is missing");
        }
      } catch (RuntimeException e) {
        // The loop is the only one that answers.
        replica.afterwards(() -> refuse(e));
        replica.peerDisconnected(this);
      }
    }

    @Override
    public void refuse(RuntimeException reason) {
      if (!ended) {
        ended = true;
        call.onError(StatusMapper.toStatus(reason));
      }
    }

    @Override
    public void held(long upTo) {
      answer(
          ReplicateResponse.newBuilder()
              .setAcknowledgement(Acknowledgement.newBuilder().setHeldUpTo(upTo)));
    }

    @Override
    public void welcome(TimeTable.Row standing) {
      if (peer != null) {
        answer(ReplicateResponse.newBuilder().setHello(handshake.to(peer.replicaId(), standing)));
      }
    }

    @Override
    public void want(Map<Origin, Want> wants) {
      var message = Wants.newBuilder();
      wants.forEach(
          (origin, want) ->
              message
                  .addWantsBuilder()
                  .setOrigin(Wire.toProto(origin))
                  .setAfter(want.after())
                  .setPaused(want.paused()));
      answer(ReplicateResponse.newBuilder().setWants(message));
    }

    @Override
    public void requestSnapshot() {
      answer(
          ReplicateResponse.newBuilder().setSnapshotRequest(SnapshotRequest.getDefaultInstance()));
    }

    @Override
    public void ready() {
      call.request(1);
    }

    @Override
    public boolean hasEnded() {
      return ended;
    }

    private void answer(ReplicateResponse.Builder response) {
      if (!ended) {
        call.onNext(response.build());
      }
    }

    private void onHello(Hello hello) {
      if (peer != null) {
        throw new InvalidRequestException("only the first message is a hello");
      }
      Origin origin = handshake.check(hello);
      peer = origin;
      replica.peerConnected(origin, Wire.fromProto(hello.getStanding()), this);
    }

    private PeerStream greeted() {
      if (peer == null) {
        throw new InvalidRequestException("the first message is a hello");
      }
      return this;
    }

    private void onPage(SnapshotPage page) {
      replica.receivePage(
          page.hasHead() ? PageWire.fromProto(page.getHead()) : null,
          page.getEntriesList().stream().map(PageWire::fromProto).toList(),
          page.getLast(),
          greeted());
    }

    private void onBatch(WriteBatch batch) {
      PeerStream stream = greeted();
      int delaySeconds = batch.getSimulatedDelaySeconds();
      if (delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
        throw new InvalidRequestException(
            "a simulated delay is at most a day, not %s seconds"
                .formatted(Integer.toUnsignedString(delaySeconds)));
      }
      List<Write> writes = Wire.writes(batch.getWritesList());
      if (writes.isEmpty()) {
        throw new InvalidRequestException("a batch has at least one write");
      }
      Origin origin = writes.get(0).position().origin();
      for (Write write : writes) {
        if (write.mutations().stream().anyMatch(mutation -> mutation.key().size() == 0)) {
          throw new InvalidRequestException("write %s: a key is empty".formatted(write.position()));
        }
        if (!write.position().origin().equals(origin)) {
          throw new InvalidRequestException("the writes of a batch are of one origin");
        }
      }
      LOG.debug(
          "{} sent {} writes, up to {}",
          peer,
          writes.size(),
          writes.get(writes.size() - 1).position());
      replica.receive(writes, delaySeconds, batch.getAwaited(), stream);
    }

    @Override
    public void onError(Throwable failure) {
      boolean wasOpen = peer != null && !ended;
      ended = true;
      if (wasOpen) {
        replica.peerDisconnected(this);
      }
    }

    @Override
    public void onCompleted() {
      replica.afterwards(
          () -> {
            if (!ended) {
              ended = true;
              call.onCompleted();
              replica.peerDisconnected(this);
            }
          });
    }
  }
}
