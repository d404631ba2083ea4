package dev.tidings.replica.grpc;

import dev.tidings.replica.Answer;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.function.Function;

/** A unary call as the replica sees it. */
final class Call<T, R> implements Answer<T> {
  private final ServerCallStreamObserver<R> responses;
  private final Function<T, R> toMessage;

  Call(StreamObserver<R> responses, Function<T, R> toMessage) {
    this.responses = (ServerCallStreamObserver<R>) responses;
    this.toMessage = toMessage;
    // Without a handler, answering a caller who has left would throw.
    this.responses.setOnCancelHandler(() -> {});
  }

  /** Runs what may refuse the call before it is handed over. */
  void run(Runnable body) {
    try {
      body.run();
    } catch (RuntimeException e) {
      refuse(e);
    }
  }

  @Override
  public void succeed(T result) {
    responses.onNext(toMessage.apply(result));
    responses.onCompleted();
  }

  @Override
  public void refuse(RuntimeException reason) {
    responses.onError(StatusMapper.toStatus(reason));
  }

  @Override
  public boolean isAbandoned() {
    return responses.isCancelled();
  }
}
