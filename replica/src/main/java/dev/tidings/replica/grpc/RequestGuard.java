package dev.tidings.replica.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.replica.wire.InvalidRequestException;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerInterceptor;
import io.grpc.ServerInterceptors;
import io.grpc.StatusRuntimeException;

/**
 * Refuses what is no request of its method: bytes that are no message, and none or more than one
 * where one is due. gRPC would answer UNKNOWN or INTERNAL, and log a stack trace for each.
 */
public final class RequestGuard implements ServerInterceptor {
  private RequestGuard() {}

  /** The service behind a guard. */
  public static BindableService guard(BindableService service) {
    // As streams of bytes messages are parsed behind the guard, not before it.
    return () ->
        ServerInterceptors.intercept(
            ServerInterceptors.useInputStreamMessages(service.bindService()), new RequestGuard());
  }

  @Override
  public <Q, R> ServerCall.Listener<Q> interceptCall(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    boolean unary = call.getMethodDescriptor().getType().clientSendsOneMessage();
    return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
      private boolean begun;
      private boolean refused;

      @Override
      public void onMessage(Q message) {
        if (refused) {
          return;
        }
        if (unary && begun) {
          refuse("the call takes one message, and this is another");
          return;
        }
        begun = true;
        try {
          super.onMessage(message);
        } catch (StatusRuntimeException e) {
          if (!(e.getCause() instanceof InvalidProtocolBufferException)) {
            throw e;
          }
          refuse("the message cannot be read: " + e.getCause().getMessage());
        }
      }

      @Override
      public void onHalfClose() {
        if (unary && !begun) {
          refuse("the call takes one message, and there is none");
        }
        if (!refused) {
          super.onHalfClose();
        }
      }

      private void refuse(String why) {
        refused = true;
        StatusRuntimeException refusal = StatusMapper.toStatus(new InvalidRequestException(why));
        Metadata trailers = refusal.getTrailers();
        call.close(refusal.getStatus(), trailers == null ? new Metadata() : trailers);
      }
    };
  }
}
