package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.CodedOutputStream;
import com.google.protobuf.MessageLite;
import com.google.protobuf.UnsafeByteOperations;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.zip.CRC32C;

/** What stands behind the opaque bytes that clients carry, to tell damaged ones from ours. */
final class Checksum {
  private static final int BYTES = Integer.BYTES;

  private Checksum() {}

  /**
   * The content with its checksum behind it.
   *
   * @param word what the checksum begins with, to tell one sort of bytes from another; may be empty
   */
  static ByteString append(byte[] word, MessageLite content) {
    int length = content.getSerializedSize();
    var bytes = new byte[length + BYTES];
    try {
      content.writeTo(CodedOutputStream.newInstance(bytes, 0, length));
    } catch (IOException e) {
      throw new AssertionError("there is as much room as it takes", e);
    }
    ByteBuffer.wrap(bytes).putInt(length, of(word, bytes, length));
    return UnsafeByteOperations.unsafeWrap(bytes);
  }

  /** The content, if the checksum is right. */
  static Optional<ByteString> strip(byte[] word, ByteString bytes) {
    int length = bytes.size() - BYTES;
    if (length < 0) {
      return Optional.empty();
    }
    byte[] all = bytes.toByteArray();
    return of(word, all, length) == ByteBuffer.wrap(all).getInt(length)
        ? Optional.of(bytes.substring(0, length))
        : Optional.empty();
  }

  private static int of(byte[] word, byte[] bytes, int length) {
    var crc = new CRC32C();
    crc.update(word);
    crc.update(bytes, 0, length);
    return (int) crc.getValue();
  }
}
