package dev.tidings.replica.grpc;

import dev.tidings.replica.wire.InvalidRequestException;
import io.grpc.BindableService;
import io.grpc.ForwardingServerCallListener.SimpleForwardingServerCallListener;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.ServerCall;
import io.grpc.ServerCallHandler;
import io.grpc.ServerMethodDefinition;
import io.grpc.ServerServiceDefinition;
import io.grpc.ServiceDescriptor;
import io.grpc.StatusRuntimeException;
import org.jspecify.annotations.Nullable;

/**
 * Refuses what is no request of its method: bytes that are no message, and none or more than one
 * where one is due. gRPC would answer UNKNOWN or INTERNAL, and log a stack trace for each.
 */
public final class RequestGuard {
  private RequestGuard() {}

  /** The service behind a guard. */
  public static BindableService guard(BindableService service) {
    ServerServiceDefinition known = service.bindService();
    ServiceDescriptor of = known.getServiceDescriptor();
    var descriptor =
        ServiceDescriptor.newBuilder(of.getName()).setSchemaDescriptor(of.getSchemaDescriptor());
    var methods = known.getMethods().stream().map(RequestGuard::guard).toList();
    methods.forEach(method -> descriptor.addMethod(method.getMethodDescriptor()));
    var guarded = ServerServiceDefinition.builder(descriptor.build());
    methods.forEach(guarded::addMethod);
    return guarded::build;
  }

  private static <Q, R> ServerMethodDefinition<Q, R> guard(ServerMethodDefinition<Q, R> method) {
    MethodDescriptor<Q, R> known = method.getMethodDescriptor();
    MethodDescriptor<Q, R> lenient =
        known.toBuilder(
                new LenientMarshaller<>(known.getRequestMarshaller()),
                known.getResponseMarshaller())
            .build();
    return ServerMethodDefinition.create(
        lenient, (call, headers) -> guard(call, headers, method.getServerCallHandler()));
  }

  /** What is no message is null here. */
  private static <Q, R> ServerCall.Listener<Q> guard(
      ServerCall<Q, R> call, Metadata headers, ServerCallHandler<Q, R> next) {
    boolean unary = call.getMethodDescriptor().getType().clientSendsOneMessage();
    return new SimpleForwardingServerCallListener<Q>(next.startCall(call, headers)) {
      private boolean begun;
      private boolean refused;

      @Override
      public void onMessage(@Nullable Q message) {
        if (refused) {
          return;
        }
        if (message == null) {
          refuse(
              "the message cannot be read: it is no request of "
                  + call.getMethodDescriptor().getFullMethodName());
        } else if (unary && begun) {
          refuse("the call takes one message, and this is another");
        } else {
          begun = true;
          super.onMessage(message);
        }
      }

      @Override
      public void onHalfClose() {
        if (unary && !begun && !refused) {
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
