package dev.tidings.replica.storage;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tidings.causal.Progress;
import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import java.nio.ByteBuffer;
import java.util.zip.CRC32C;

/** How records are encoded: as messages, the log's entries with a checksum in front. */
final class Records {
  private Records() {}

  static byte[] logEntry(Write write) {
    byte[] message = Wire.toProto(write).toByteArray();
    return ByteBuffer.allocate(Integer.BYTES + message.length)
        .putInt(checksum(message, 0))
        .put(message)
        .array();
  }

  /**
   * @throws DamagedDataException if it is not what was stored at that position
   */
  static Write logEntry(Position position, byte[] entry) {
    if (entry.length < Integer.BYTES
        || ByteBuffer.wrap(entry).getInt() != checksum(entry, Integer.BYTES)) {
      throw new DamagedDataException("log entry " + position + " fails its checksum");
    }
    try {
      Write write =
          Wire.fromProto(
              dev.tidings.v1.Write.parseFrom(
                  ByteBuffer.wrap(entry, Integer.BYTES, entry.length - Integer.BYTES)));
      if (!write.position().equals(position)) {
        throw new DamagedDataException(
            "the log has write %s in the place of %s".formatted(write.position(), position));
      }
      return write;
    } catch (InvalidProtocolBufferException | InvalidRequestException e) {
      throw new DamagedDataException("log entry " + position + " cannot be read", e);
    }
  }

  private static int checksum(byte[] bytes, int from) {
    var crc = new CRC32C();
    crc.update(bytes, from, bytes.length - from);
    return (int) crc.getValue();
  }

  static byte[] progress(Progress progress) {
    return dev.tidings.storage.v1.Progress.newBuilder()
        .setLamportTime(progress.lamportTime())
        .setFrontier(Wire.toProto(progress.frontier()))
        .setHeld(Wire.toProto(progress.held()))
        .build()
        .toByteArray();
  }

  static Progress progress(byte[] record) {
    var message = parse(dev.tidings.storage.v1.Progress.parser(), record);
    return new Progress(
        message.getLamportTime(),
        Wire.fromProto(message.getFrontier()),
        Wire.prefixes(message.getHeld()));
  }

  static byte[] lastRequest(LastRequest last) {
    return dev.tidings.storage.v1.LastRequest.newBuilder()
        .setNumber(last.number())
        .setVersion(Wire.toProto(last.version()))
        .setSequence(last.position().sequence())
        .build()
        .toByteArray();
  }

  static LastRequest lastRequest(byte[] record) {
    var message = parse(dev.tidings.storage.v1.LastRequest.parser(), record);
    Version version = Wire.fromProto(message.getVersion());
    return new LastRequest(
        message.getNumber(), new Position(version.origin(), message.getSequence()), version);
  }

  static <T> T parse(Parser<T> parser, byte[] record) {
    try {
      return parser.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new DamagedDataException("a stored record cannot be read", e);
    }
  }
}
