package dev.tidings.server;

import io.grpc.Drainable;
import io.grpc.KnownLength;
import io.grpc.MethodDescriptor;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.io.UncheckedIOException;

/** For messages that are bytes already: nothing is encoded, and nothing parsed. */
public final class ByteMarshaller implements MethodDescriptor.Marshaller<byte[]> {
  @Override
  public InputStream stream(byte[] message) {
    return new Message(message);
  }

  @Override
  public byte[] parse(InputStream bytes) {
    try {
      // Where the length is not known, a buffer grows.
      return bytes instanceof KnownLength
          ? bytes.readNBytes(bytes.available())
          : bytes.readAllBytes();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Drained in one piece; gRPC would copy other streams through a buffer of their own. */
  private static final class Message extends ByteArrayInputStream
      implements Drainable, KnownLength {
    Message(byte[] message) {
      super(message);
    }

    @Override
    public int drainTo(OutputStream target) throws IOException {
      int length = available();
      transferTo(target);
      return length;
    }
  }
}
