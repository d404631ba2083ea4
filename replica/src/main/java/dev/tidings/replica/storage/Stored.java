package dev.tidings.replica.storage;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Bytes;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.replica.wire.Wire;
import dev.tidings.storage.v1.StoredValue;
import java.util.Optional;

/**
 * A value and the write behind it.
 *
 * @param value empty for a deleted register
 */
public record Stored(Version version, Position position, Optional<Bytes> value) {
  byte[] encode() {
    var message =
        StoredValue.newBuilder().setVersion(Wire.toProto(version)).setSequence(position.sequence());
    value.ifPresent(bytes -> message.setValue(Wire.toProto(bytes)));
    return message.build().toByteArray();
  }

  static Stored decode(byte[] record) {
    StoredValue message = Records.parse(StoredValue.parser(), record);
    Version version = Wire.fromProto(message.getVersion());
    Optional<ByteString> value =
        message.hasValue() ? Optional.of(message.getValue()) : Optional.empty();
    return new Stored(
        version, new Position(version.origin(), message.getSequence()), value.map(Wire::fromProto));
  }
}
