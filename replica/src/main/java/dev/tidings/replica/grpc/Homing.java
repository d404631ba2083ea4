package dev.tidings.replica.grpc;

import dev.tidings.replica.Homes;
import dev.tidings.replica.Replica;
import dev.tidings.replica.WriteRequest;
import dev.tidings.replica.WriteResult;
import dev.tidings.replica.link.ClusterMismatchException;
import dev.tidings.replica.link.HomeUnreachableException;
import dev.tidings.replica.link.Links;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import io.grpc.Context;
import io.grpc.Deadline;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.util.OptionalInt;
import java.util.concurrent.TimeUnit;

/** Brings clients' writes to the replica that decides them: this one, or the home of their keys. */
public final class Homing {
  /** A forwarded write whose client waits for ever is waited for so long. */
  private static final long PATIENCE_SECONDS = 60;

  private final Homes homes;
  private final Replica replica;
  private final Links links;
  private final RequestCodec codec;

  public Homing(Homes homes, Replica replica, Links links) {
    this.homes = homes;
    this.replica = replica;
    this.links = links;
    this.codec = new RequestCodec(replica);
  }

  /** The other replica that decides a write; empty if this one does. */
  OptionalInt elsewhere(WriteRequest write) {
    OptionalInt home = homes.of(write);
    return isHere(home) ? OptionalInt.empty() : home;
  }

  /**
   * Hands a client's write on to its home.
   *
   * @param answers gets what the home says; a failure is a {@link StatusRuntimeException}
   */
  void forward(int home, ClientWriteRequest request, StreamObserver<ClientWriteResponse> answers) {
    Deadline deadline = Context.current().getDeadline();
    try {
      replica.checkServing();
      links.forward(
          home,
          request,
          deadline == null ? Deadline.after(PATIENCE_SECONDS, TimeUnit.SECONDS) : deadline,
          new Answers(answers));
    } catch (RuntimeException e) {
      answers.onError(StatusMapper.toStatus(e));
    }
  }

  /** A write that a peer hands on. */
  void decide(ClientWriteRequest request, StreamObserver<ClientWriteResponse> responses) {
    var call = new Call<WriteResult, ClientWriteResponse>(responses, codec::toProto);
    call.run(
        () -> {
          WriteRequest write = codec.fromProto(request);
          if (!isHere(homes.of(write))) {
            throw new ClusterMismatchException("this replica is not the home of the write's keys");
          }
          replica.write(write, call);
        });
  }

  private boolean isHere(OptionalInt home) {
    return home.equals(OptionalInt.of(replica.identity().origin().replicaId()));
  }

  /** What the home says, on its way to the client. */
  private record Answers(StreamObserver<ClientWriteResponse> answers)
      implements StreamObserver<ClientWriteResponse> {
    @Override
    public void onNext(ClientWriteResponse response) {
      answers.onNext(response);
    }

    @Override
    public void onError(Throwable failure) {
      answers.onError(
          failure instanceof HomeUnreachableException reason
              ? StatusMapper.toStatus(reason)
              : failure);
    }

    @Override
    public void onCompleted() {
      answers.onCompleted();
    }
  }
}
