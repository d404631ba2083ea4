package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.SizeLimitException;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Moment;

/** Moments of this cluster: a message and a checksum that no session token has. */
final class MomentCodec {
  private static final ByteString WORD = ByteString.copyFromUtf8("moment");

  /** As of a session token: a frontier of tens of thousands of ranges. */
  private static final int MAX_BYTES = 512 << 10;

  private final Identity identity;

  MomentCodec(Identity identity) {
    this.identity = identity;
  }

  ByteString encode(PositionSet positions) {
    ByteString moment =
        Moment.newBuilder()
            .setFormatVersion(Wire.FORMAT_VERSION)
            .setCluster(identity.cluster())
            .setPositions(Wire.toProto(positions))
            .build()
            .toByteString();
    return Checksum.append(WORD, moment);
  }

  /**
   * @throws InvalidMomentException if it is not one of ours
   * @throws SizeLimitException if it is larger than any that a watch is told
   */
  PositionSet decode(ByteString bytes) {
    if (bytes.size() > MAX_BYTES) {
      throw new SizeLimitException("the moment", bytes.size(), MAX_BYTES, "bytes");
    }
    ByteString content =
        Checksum.strip(WORD, bytes)
            .orElseThrow(() -> new InvalidMomentException("the moment is damaged, or is none"));
    try {
      Moment message = Moment.parseFrom(content);
      if (message.getFormatVersion() != Wire.FORMAT_VERSION) {
        throw new InvalidMomentException(
            "the moment has format %s; this replica reads format %d"
                .formatted(
                    Integer.toUnsignedString(message.getFormatVersion()), Wire.FORMAT_VERSION));
      }
      if (!message.getCluster().equals(identity.cluster())) {
        throw new InvalidMomentException(
            "the moment is of cluster %s, and this is cluster %s"
                .formatted(message.getCluster(), identity.cluster()));
      }
      return Wire.fromProto(message.getPositions());
    } catch (InvalidProtocolBufferException | InvalidRequestException e) {
      throw new InvalidMomentException("the moment cannot be read: " + e.getMessage());
    }
  }
}
