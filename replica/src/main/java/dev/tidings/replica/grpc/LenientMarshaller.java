package dev.tidings.replica.grpc;

import com.google.protobuf.InvalidProtocolBufferException;
import io.grpc.MethodDescriptor;
import io.grpc.StatusRuntimeException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Reads requests as the generated code does, but makes null of what is no message, for the service
 * to refuse. gRPC would answer UNKNOWN, and log a stack trace for each.
 */
final class LenientMarshaller<T> implements MethodDescriptor.Marshaller<T> {
  private final MethodDescriptor.Marshaller<T> known;

  LenientMarshaller(MethodDescriptor.Marshaller<T> known) {
    this.known = known;
  }

  @Override
  public InputStream stream(T message) {
    return known.stream(message);
  }

  @Override
  @SuppressWarnings("NullAway") // gRPC's interfaces do not say that a message may be null.
  public @Nullable T parse(InputStream bytes) {
    try {
      return known.parse(bytes);
    } catch (StatusRuntimeException e) {
      if (e.getCause() instanceof InvalidProtocolBufferException) {
        return null;
      }
      throw e;
    }
  }
}
