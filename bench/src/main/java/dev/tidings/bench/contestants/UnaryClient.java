package dev.tidings.bench.contestants;

import dev.tidings.bench.load.Client;
import io.grpc.CallOptions;
import io.grpc.Channel;
import io.grpc.MethodDescriptor;
import io.grpc.stub.ClientCalls;
import io.grpc.stub.StreamObserver;
import java.util.function.Consumer;
import java.util.function.Supplier;

/** One unary call after the other. */
final class UnaryClient<Q, A> implements Client {
  private final Channel channel;
  private final MethodDescriptor<Q, A> method;
  private final Supplier<Q> request;
  private final Consumer<A> response;

  UnaryClient(
      Channel channel, MethodDescriptor<Q, A> method, Supplier<Q> request, Consumer<A> response) {
    this.channel = channel;
    this.method = method;
    this.request = request;
    this.response = response;
  }

  @Override
  public void start(Answer answer) {
    ClientCalls.asyncUnaryCall(
        channel.newCall(method, CallOptions.DEFAULT),
        request.get(),
        new StreamObserver<A>() {
          @Override
          public void onNext(A message) {
            response.accept(message);
          }

          @Override
          public void onError(Throwable failure) {
            answer.failed(failure);
          }

          @Override
          public void onCompleted() {
            answer.arrived();
          }
        });
  }
}
