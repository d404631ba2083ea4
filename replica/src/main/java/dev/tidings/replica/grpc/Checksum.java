package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
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
    byte[] checksum = ByteBuffer.allocate(BYTES).putInt(of(word, content)).array();
    return content.concat(UnsafeByteOperations.unsafeWrap(checksum));
  }

  /** The content, if the checksum is right. */
  static Optional<ByteString> strip(ByteString word, ByteString bytes) {
    int length = bytes.size() - BYTES;
    if (length < 0) {
      return Optional.empty();
    }
    ByteString content = bytes.substring(0, length);
    int checksum = bytes.substring(length).asReadOnlyByteBuffer().getInt();
    return of(word, content) == checksum ? Optional.of(content) : Optional.empty();
  }

  private static int of(ByteString word, ByteString content) {
    var crc = new CRC32C();
    // Of a buffer that nobody may write to it would make a larger copy.
    crc.update(word.toByteArray());
    crc.update(content.toByteArray());
    return (int) crc.getValue();
  }
}
