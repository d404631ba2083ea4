package dev.tidings.replica.grpc;

import dev.tidings.replica.Answer;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.concurrent.Executor;
import java.util.function.Function;

/** A unary call as the replica sees it. */
final class Call<T, R> implements Answer<T> {
  private final ServerCallStreamObserver<R> responses;
  private final Function<T, R> toMessage;
  private final Executor connection;
  private final Thread began = Thread.currentThread();

  /** A call that whoever has the answer answers. */
  Call(StreamObserver<R> responses, Function<T, R> toMessage) {
    this(responses, toMessage, Runnable::run);
  }

  /**
   * @param connection runs tasks where the call began: what is answered from elsewhere is handed to
   *     it, so that it is encoded and sent by the thread that does no more than that
   */
  Call(StreamObserver<R> responses, Function<T, R> toMessage, Executor connection) {
    this.responses = (ServerCallStreamObserver<R>) responses;
    this.toMessage = toMessage;
    this.connection = connection;
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
    answer(
        () -> {
          responses.onNext(toMessage.apply(result));
          responses.onCompleted();
        });
  }

  @Override
  public void refuse(RuntimeException reason) {
    answer(() -> responses.onError(StatusMapper.toStatus(reason)));
  }

  private void answer(Runnable how) {
    if (Thread.currentThread() == began) {
      how.run();
    } else {
      connection.execute(how);
    }
  }

  @Override
  public boolean isAbandoned() {
    return responses.isCancelled();
  }
}
