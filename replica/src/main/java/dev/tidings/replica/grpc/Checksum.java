package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
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
  static ByteString append(ByteString word, ByteString content) {
    return content.concat(of(word, content));
  }

  /** The content, if the checksum is right. */
  static Optional<ByteString> strip(ByteString word, ByteString bytes) {
    int length = bytes.size() - BYTES;
    if (length < 0) {
      return Optional.empty();
    }
    ByteString content = bytes.substring(0, length);
    return of(word, content).equals(bytes.substring(length))
        ? Optional.of(content)
        : Optional.empty();
  }

  private static ByteString of(ByteString word, ByteString content) {
    var crc = new CRC32C();
    crc.update(word.asReadOnlyByteBuffer());
    content.asReadOnlyByteBufferList().forEach(crc::update);
    return ByteString.copyFrom(ByteBuffer.allocate(BYTES).putInt(0, (int) crc.getValue()));
  }
}
