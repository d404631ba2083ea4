package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.function.Supplier;
import java.util.function.ToIntFunction;
import org.jspecify.annotations.Nullable;

/**
 * One stream; a request is a frame, and answered when so many answers have come as it has
 * operations.
 */
final class StreamClient<Q, A> implements Client {
  private final Supplier<Q> request;
  private final ToIntFunction<A> answersIn;
  private final int depth;
  private final StreamObserver<Q> requests;
  private volatile @Nullable Answer waiting;

  /** Touched by the stream's thread, and by whoever starts a request while none is under way. */
  private int missing;

  /**
   * @param answersIn takes a frame of answers, and tells how many they are
   */
  StreamClient(
      Channel channel,
      MethodDescriptor<Q, A> method,
      int depth,
      Supplier<Q> request,
      ToIntFunction<A> answersIn) {
    this.request = request;
    this.answersIn = answersIn;
    this.depth = depth;
    this.requests =
        ClientCalls.asyncBidiStreamingCall(
            channel.newCall(method, CallOptions.DEFAULT), new Answers());
  }

  @Override
  public void start(Answer answer) {
    missing = depth;
    waiting = answer;
    requests.onNext(request.get());
  }

  private final class Answers implements StreamObserver<A> {
    @Override
    public void onNext(A frame) {
      missing -= answersIn.applyAsInt(frame);
      Answer answer = waiting;
      if (missing == 0 && answer != null) {
        answer.arrived();
      }
    }

    @Override
    public void onError(Throwable failure) {
      Answer answer = waiting;
      if (answer != null) {
        answer.failed(failure);
      }
    }

    @Override
    public void onCompleted() {
      // Only this side ends streams.
    }
  }
}
