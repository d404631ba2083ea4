package dev.tidings.bench.contestants;

import dev.tidings.server.ByteMarshaller;
import io.grpc.BindableService;
import io.grpc.MethodDescriptor;
import io.grpc.MethodDescriptor.MethodType;
import io.grpc.ServerServiceDefinition;
import io.grpc.stub.ServerCalls;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;

/** What gRPC alone costs: each message is answered at once with as many bytes as it asks for. */
final class EchoService implements BindableService {
  static final MethodDescriptor<byte[], byte[]> UNARY = method("Unary", MethodType.UNARY);
  static final MethodDescriptor<byte[], byte[]> STREAM =
      method("Stream", MethodType.BIDI_STREAMING);

  private static final String NAME = "bench.Echo";

  private static MethodDescriptor<byte[], byte[]> method(String name, MethodType type) {
    return MethodDescriptor.<byte[], byte[]>newBuilder()
        .setFullMethodName(MethodDescriptor.generateFullMethodName("bench.Echo", name))
        .setType(type)
        .setRequestMarshaller(new ByteMarshaller())
        .setResponseMarshaller(new ByteMarshaller())
        .build();
  }

  /** A request of this size, which asks for so many answers of that; calls have one. */
  static byte[] request(int bytes, int answerBytes, int answers) {
    byte[] request = new byte[Math.max(2 * Integer.BYTES, bytes)];
    ByteBuffer.wrap(request).putInt(answerBytes).putInt(answers);
    return request;
  }

  private static byte[] answer(byte[] request) {
    return new byte[ByteBuffer.wrap(request).getInt()];
  }

  @Override
  public ServerServiceDefinition bindService() {
    return ServerServiceDefinition.builder(NAME)
        .addMethod(
            UNARY,
            ServerCalls.asyncUnaryCall(
                (request, responses) -> {
                  responses.onNext(answer(request));
                  responses.onCompleted();
                }))
        .addMethod(STREAM, ServerCalls.asyncBidiStreamingCall(EchoService::stream))
        .build();
  }

  private static StreamObserver<byte[]> stream(StreamObserver<byte[]> responses) {
    return new StreamObserver<>() {
      @Override
      public void onNext(byte[] request) {
        int answers = ByteBuffer.wrap(request).getInt(Integer.BYTES);
        for (int i = 0; i < answers; i++) {
          responses.onNext(answer(request));
        }
      }

      @Override
      public void onError(Throwable failure) {
        // The client has left.
      }

      @Override
      public void onCompleted() {
        responses.onCompleted();
      }
    };
  }
}
