package dev.tidings.replica.grpc;

import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.replica.PeerStream;
import dev.tidings.replica.Replica;
import dev.tidings.replica.link.Handshake;
import dev.tidings.replica.link.PageWire;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.wire.EncodedWrite;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Acknowledgement;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.ForwardRequest;
import dev.tidings.v1.Hello;
import dev.tidings.v1.LogCut;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.SnapshotPage;
import dev.tidings.v1.SnapshotRequest;
import dev.tidings.v1.Standings;
import dev.tidings.v1.Wants;
import dev.tidings.v1.WriteBatch;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * What peers send: the replica takes one message of a stream after another, the next once the last
 * is decided on. Batches that have come meanwhile are one by then, since a round costs as much for
 * one write as for a hundred: else a peer that commits more often than this replica would be ever
 * further behind.
 */
public final class ReplicationGrpc extends ReplicationServiceGrpc.ReplicationServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationGrpc.class);

  /** As long as a simulated link's delay may be. */
  private static final int MAX_DELAY_SECONDS = 86_400;

  /** So many messages of a stream wait at most. */
  private static final int MOST_WAITING = 16;

  /** Nothing more is asked for while so much of a stream waits. */
  private static final int MOST_WAITING_BYTES = 512 << 10;

  /** Batches are united as long as they have no more writes than this. */
  private static final int MOST_UNITED = 1_000;

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
    var incoming = new Incoming(call);
    incoming.askForMore();
    return incoming;
  }

  private record Waiting(Runnable message, int bytes) {}

  /** Writes of one origin, each after the one before it. */
  private final class Batch implements Runnable {
    private final List<EncodedWrite> writes;
    private final int delaySeconds;
    private final boolean isAwaited;
    private final PeerStream stream;

    Batch(List<EncodedWrite> writes, int delaySeconds, boolean isAwaited, PeerStream stream) {
      this.writes = writes;
      this.delaySeconds = delaySeconds;
      this.isAwaited = isAwaited;
      this.stream = stream;
    }

    boolean canTake(Batch next) {
      return delaySeconds == next.delaySeconds
          && origin().equals(next.origin())
          && writes.size() + next.writes.size() <= MOST_UNITED;
    }

    private Origin origin() {
      return writes.get(0).write().position().origin();
    }

    Batch with(Batch next) {
      var all = new ArrayList<EncodedWrite>(writes);
      all.addAll(next.writes);
      return new Batch(all, delaySeconds, isAwaited || next.isAwaited, stream);
    }

    @Override
    public void run() {
      replica.receive(writes, delaySeconds, isAwaited, stream);
    }
  }

  /**
   * One stream. The loop has one of its messages at a time, and says when it can take more. The end
   * of the stream does not wait for that. All answers are given on the loop, and none after the
   * end.
   */
  private final class Incoming implements StreamObserver<ReplicateRequest>, PeerStream {
    private final ServerCallStreamObserver<ReplicateResponse> call;
    private @Nullable Origin peer;
    private volatile boolean ended;

    /** What has come for the loop; guarded by itself, and so is {@link #loopIsBusy}. */
    private final Deque<Waiting> waiting = new ArrayDeque<>();

    private boolean loopIsBusy;

    /** Of what waits; guarded too, as the next. */
    private int waitingBytes;

    /** Whether one more message may come: never more, since it may be large. */
    private boolean hasAsked;

    /** Something could not be taken, nor can what comes after it. */
    private boolean broken;

    Incoming(ServerCallStreamObserver<ReplicateResponse> call) {
      this.call = call;
    }

    @Override
    public void onNext(ReplicateRequest request) {
      if (ended || broken) {
        return;
      }
      try {
        Runnable message =
            switch (request.getKindCase()) {
              case HELLO -> hello(request.getHello());
              case BATCH -> batch(request.getBatch());
              case STANDINGS -> standings(request.getStandings());
              case LOG_CUT -> logCut(request.getLogCut());
              case SNAPSHOT_PAGE -> page(request.getSnapshotPage());
              case KIND_NOT_SET ->
                  throw new InvalidRequestException("a hello or a batch is missing");
            };
        boolean isNext;
        synchronized (waiting) {
          hasAsked = false;
          waiting.add(new Waiting(message, request.getSerializedSize()));
          waitingBytes += request.getSerializedSize();
          isNext = !loopIsBusy;
          loopIsBusy = true;
        }
        if (isNext) {
          ready();
        } else {
          askForMore();
        }
      } catch (RuntimeException e) {
        broken = true;
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
      Runnable next;
      synchronized (waiting) {
        if (waiting.isEmpty()) {
          loopIsBusy = false;
          return;
        }
        next = take();
        while (next instanceof Batch batch
            && !waiting.isEmpty()
            && waiting.element().message instanceof Batch more
            && batch.canTake(more)) {
          next = batch.with(more);
          take();
        }
      }
      next.run();
      askForMore();
    }

    private Runnable take() {
      Waiting first = waiting.remove();
      waitingBytes -= first.bytes;
      return first.message;
    }

    private void askForMore() {
      synchronized (waiting) {
        if (hasAsked || waiting.size() >= MOST_WAITING || waitingBytes >= MOST_WAITING_BYTES) {
          return;
        }
        hasAsked = true;
      }
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

    private Runnable hello(Hello hello) {
      if (peer != null) {
        throw new InvalidRequestException("only the first message is a hello");
      }
      Origin origin = handshake.check(hello);
      peer = origin;
      TimeTable.Row standing = Wire.fromProto(hello.getStanding());
      return () -> replica.peerConnected(origin, standing, this);
    }

    private PeerStream greeted() {
      if (peer == null) {
        throw new InvalidRequestException("the first message is a hello");
      }
      return this;
    }

    private Runnable standings(Standings standings) {
      PeerStream stream = greeted();
      Map<Origin, TimeTable.Row> rows = Wire.rows(standings.getStandingsList());
      return () -> replica.receive(rows, stream);
    }

    private Runnable logCut(LogCut cut) {
      PeerStream stream = greeted();
      Origin origin = Wire.fromProto(cut.getOrigin());
      return () -> replica.receiveCut(origin, cut.getKeptAfter(), stream);
    }

    private Runnable page(SnapshotPage page) {
      PeerStream stream = greeted();
      SnapshotPages.Head head = page.hasHead() ? PageWire.fromProto(page.getHead()) : null;
      List<SnapshotPages.Entry> entries =
          page.getEntriesList().stream().map(PageWire::fromProto).toList();
      return () -> replica.receivePage(head, entries, page.getLast(), stream);
    }

    private Batch batch(WriteBatch batch) {
      PeerStream stream = greeted();
      int delaySeconds = batch.getSimulatedDelaySeconds();
      if (delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
        throw new InvalidRequestException(
            "a simulated delay is at most a day, not %s seconds"
                .formatted(Integer.toUnsignedString(delaySeconds)));
      }
      List<EncodedWrite> writes = Wire.writes(batch.getWritesList());
      if (writes.isEmpty()) {
        throw new InvalidRequestException("a batch has at least one write");
      }
      Origin origin = writes.get(0).write().position().origin();
      for (EncodedWrite each : writes) {
        Write write = each.write();
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
          writes.get(writes.size() - 1).write().position());
      return new Batch(writes, delaySeconds, batch.getAwaited(), stream);
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
