package dev.tidings.replica.grpc;

import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.replica.PeerStream;
import dev.tidings.replica.Replica;
import dev.tidings.replica.link.Handshake;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Acknowledgement;
import dev.tidings.v1.Hello;
import dev.tidings.v1.ReplicateRequest;
import dev.tidings.v1.ReplicateResponse;
import dev.tidings.v1.ReplicationServiceGrpc;
import dev.tidings.v1.WriteBatch;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/** What peers send: takes one batch after another, the next once the last is stored. */
public final class ReplicationGrpc extends ReplicationServiceGrpc.ReplicationServiceImplBase {
  private static final Logger LOG = LoggerFactory.getLogger(ReplicationGrpc.class);

  /** As long as a simulated link's delay may be. */
  private static final int MAX_DELAY_SECONDS = 86_400;

  private final Replica replica;
  private final Handshake handshake;

  public ReplicationGrpc(Replica replica, Handshake handshake) {
    this.replica = replica;
    this.handshake = handshake;
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
   * loop; so it is answered there, after that. So there is never more than one thread that answers,
   * and nothing is answered after the end.
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
          case KIND_NOT_SET -> throw new InvalidRequestException("a hello or a batch is missing");
        }
      } catch (RuntimeException e) {
        refuse(e);
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
      handshake.check(hello);
      Origin origin = Wire.fromProto(hello.getOrigin());
      peer = origin;
      replica.peerConnected(
          origin,
          held -> {
            answer(ReplicateResponse.newBuilder().setHello(handshake.to(origin.replicaId(), held)));
            ready();
          });
    }

    private void onBatch(WriteBatch batch) {
      Origin origin = peer;
      if (origin == null) {
        throw new InvalidRequestException("the first message is a hello");
      }
      int delaySeconds = batch.getSimulatedDelaySeconds();
      if (delaySeconds < 0 || delaySeconds > MAX_DELAY_SECONDS) {
        throw new InvalidRequestException(
            "a simulated delay is at most a day, not %s seconds"
                .formatted(Integer.toUnsignedString(delaySeconds)));
      }
      List<Write> writes = batch.getWritesList().stream().map(Wire::fromProto).toList();
      if (writes.isEmpty()) {
        throw new InvalidRequestException("a batch has at least one write");
      }
      for (Write write : writes) {
        if (write.mutations().stream().anyMatch(mutation -> mutation.key().size() == 0)) {
          throw new InvalidRequestException("write %s: a key is empty".formatted(write.position()));
        }
        if (!write.position().origin().equals(origin)) {
          throw new InvalidRequestException(
              "a write of %s, incarnation %d, came on the stream of %s, incarnation %d"
                  .formatted(
                      write.position().origin(),
                      write.position().origin().incarnation(),
                      origin,
                      origin.incarnation()));
        }
      }
      LOG.debug(
          "{} sent {} writes, up to {}",
          origin,
          writes.size(),
          writes.get(writes.size() - 1).position());
      replica.receive(writes, delaySeconds, this);
    }

    @Override
    public void onError(Throwable failure) {
      if (peer != null && !ended) {
        replica.peerDisconnected(peer);
      }
      ended = true;
    }

    @Override
    public void onCompleted() {
      replica.afterwards(
          () -> {
            if (!ended) {
              ended = true;
              call.onCompleted();
            }
          });
    }
  }
}
