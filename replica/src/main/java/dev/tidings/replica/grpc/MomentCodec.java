package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.replica.Moment;
import dev.tidings.replica.SizeLimitException;
import dev.tidings.replica.storage.Identity;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import java.nio.charset.StandardCharsets;
import java.util.Optional;

/** Moments of this cluster: a message and a checksum that no session token has. */
final class MomentCodec {
  private static final byte[] WORD = "moment".getBytes(StandardCharsets.UTF_8);

  /** As of a session token: a frontier of tens of thousands of ranges. */
  private static final int MAX_BYTES = 512 << 10;

  private final Identity identity;

  MomentCodec(Identity identity) {
    this.identity = identity;
  }

  ByteString encode(Moment moment) {
    var message =
        dev.tidings.v1.Moment.newBuilder()
            .setFormatVersion(Wire.FORMAT_VERSION)
            .setCluster(identity.cluster())
            .setPositions(Wire.toProto(moment.positions()));
    moment
        .kept()
        .ifPresent(kept -> message.setKeptBy(Wire.toProto(kept.by())).setNumber(kept.number()));
    return Checksum.append(WORD, message.build());
  }

  /**
   * @throws InvalidMomentException if it is not one of ours
   * @throws SizeLimitException if it is larger than any that a client is told
   */
  Moment decode(ByteString bytes) {
    if (bytes.size() > MAX_BYTES) {
      throw new SizeLimitException("the moment", bytes.size(), MAX_BYTES, "bytes");
    }
    ByteString content =
        Checksum.strip(WORD, bytes)
            .orElseThrow(() -> new InvalidMomentException("the moment is damaged, or is none"));
    try {
      var message = dev.tidings.v1.Moment.parseFrom(content);
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
      return new Moment(
          Wire.fromProto(message.getPositions()),
          message.hasKeptBy()
              ? Optional.of(
                  new Moment.Kept(Wire.fromProto(message.getKeptBy()), message.getNumber()))
              : Optional.empty());
    } catch (InvalidProtocolBufferException | InvalidRequestException e) {
      throw new InvalidMomentException("the moment cannot be read: " + e.getMessage());
    }
  }
}
