package dev.tidings.replica.storage;

import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.Parser;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Membership;
import dev.tidings.causal.Part;
import dev.tidings.causal.Progress;
import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Twins;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.storage.v1.Additions;
import dev.tidings.storage.v1.LogStart;
import dev.tidings.storage.v1.Peers;
import dev.tidings.storage.v1.SessionRequests;
import dev.tidings.v1.MemberRecord;
import java.nio.ByteBuffer;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.zip.CRC32C;

/**
 * How records are encoded: as messages. In front of a log's entries stand a checksum of all the
 * rest, and where in its origin's log, in bytes, the entry ends; so what lies between two entries
 * has a known size.
 */
final class Records {
  private static final int LOG_HEADER_BYTES = Integer.BYTES + Long.BYTES;

  private Records() {}

  /**
   * @param write an encoded message
   * @param begin where the entry before it ends
   */
  static byte[] logEntry(Bytes write, long begin) {
    int length = LOG_HEADER_BYTES + write.size();
    ByteBuffer entry =
        ByteBuffer.allocate(length).putInt(0).putLong(begin + length).put(write.array());
    return entry.putInt(0, checksum(entry.array(), Integer.BYTES)).array();
  }

  /** Where the entry ends in its origin's log, bytes. */
  static long logEnd(byte[] entry) {
    return ByteBuffer.wrap(entry).getLong(Integer.BYTES);
  }

  /**
   * The message in a log's entry.
   *
   * @throws DamagedDataException if it is not what was stored
   */
  static Bytes logged(Position position, byte[] entry) {
    if (entry.length < LOG_HEADER_BYTES
        || ByteBuffer.wrap(entry).getInt() != checksum(entry, Integer.BYTES)) {
      throw new DamagedDataException("log entry " + position + " fails its checksum");
    }
    return Bytes.of(Arrays.copyOfRange(entry, LOG_HEADER_BYTES, entry.length));
  }

  /**
   * @throws DamagedDataException if it is not what was stored at that position
   */
  static Write logEntry(Position position, byte[] entry) {
    try {
      Write write = Wire.fromProto(dev.tidings.v1.Write.parseFrom(logged(position, entry).array()));
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
        Wire.fromProto(message.getHeld()).prefixes());
  }

  static byte[] logStart(VersionVector cut) {
    return LogStart.newBuilder().setCut(Wire.toProto(cut)).build().toByteArray();
  }

  static VersionVector logStart(byte[] record) {
    return Wire.fromProto(parse(LogStart.parser(), record).getCut()).prefixes();
  }

  static byte[] member(Membership.Entry entry) {
    return Wire.toProto(entry).toByteArray();
  }

  static Membership.Entry member(byte[] record) {
    return Wire.fromProto(parse(MemberRecord.parser(), record));
  }

  static byte[] peers(Map<Origin, TimeTable.Row> rows) {
    var message = Peers.newBuilder();
    rows.forEach((origin, row) -> message.addStandings(Wire.toProto(origin, row)));
    return message.build().toByteArray();
  }

  static Map<Origin, TimeTable.Row> peers(byte[] record) {
    return Wire.rows(parse(Peers.parser(), record).getStandingsList());
  }

  static byte[] part(Part part) {
    var message =
        dev.tidings.storage.v1.Part.newBuilder()
            .setClearedUpTo(part.clearedUpTo())
            .setSum(part.sum())
            .setClearedSum(part.clearedSum());
    part.last()
        .ifPresent(
            last ->
                message
                    .setVersion(Wire.toProto(last.version()))
                    .setSequence(last.position().sequence()));
    part.value().ifPresent(value -> message.setValue(Wire.toProto(value)));
    part.twins().forEach(twin -> message.addTwins(Wire.toProto(twin)));
    return message.build().toByteArray();
  }

  static Part part(byte[] record) {
    var message = parse(dev.tidings.storage.v1.Part.parser(), record);
    Optional<Part.Last> last = Optional.empty();
    if (message.hasVersion()) {
      Version version = Wire.fromProto(message.getVersion());
      last =
          Optional.of(
              new Part.Last(new Position(version.origin(), message.getSequence()), version));
    }
    return new Part(
        last,
        message.getClearedUpTo(),
        message.hasValue() ? Optional.of(Wire.fromProto(message.getValue())) : Optional.empty(),
        message.getSum(),
        message.getClearedSum(),
        Set.copyOf(Wire.positions(message.getTwinsList())));
  }

  static byte[] tombstone(Tombstone tombstone) {
    return dev.tidings.storage.v1.Tombstone.newBuilder()
        .setKey(Wire.toProto(tombstone.key()))
        .setVersion(Wire.toProto(tombstone.version()))
        .setSequence(tombstone.position().sequence())
        .setCommittedAtMicros(tombstone.committedAtMicros())
        .build()
        .toByteArray();
  }

  static Tombstone tombstone(byte[] record) {
    var message = parse(dev.tidings.storage.v1.Tombstone.parser(), record);
    Version version = Wire.fromProto(message.getVersion());
    return new Tombstone(
        Wire.fromProto(message.getKey()),
        new Position(version.origin(), message.getSequence()),
        version,
        message.getCommittedAtMicros());
  }

  static byte[] requests(Requests.OfSession record) {
    var message = SessionRequests.newBuilder();
    for (Try t : record.tries()) {
      message
          .addTriesBuilder()
          .setNumber(t.number())
          .setVersion(Wire.toProto(t.version()))
          .setSequence(t.position().sequence())
          .setRetried(t.retried())
          .setShown(t.shown())
          .setHour(t.hour());
    }
    return message.build().toByteArray();
  }

  static Requests.OfSession requests(byte[] record) {
    SessionRequests message = parse(SessionRequests.parser(), record);
    return new Requests.OfSession(message.getTriesList().stream().map(Records::fromProto).toList());
  }

  private static Try fromProto(dev.tidings.storage.v1.Try message) {
    Version version = Wire.fromProto(message.getVersion());
    return new Try(
        message.getNumber(),
        new Position(version.origin(), message.getSequence()),
        version,
        message.getRetried(),
        message.getShown(),
        message.getHour());
  }

  static byte[] additions(List<Added> additions) {
    return Additions.newBuilder()
        .addAllAdded(additions.stream().map(Records::toProto).toList())
        .build()
        .toByteArray();
  }

  static List<Added> additions(byte[] record) {
    return parse(Additions.parser(), record).getAddedList().stream()
        .map(Records::fromProto)
        .toList();
  }

  private static dev.tidings.storage.v1.Added toProto(Added added) {
    return dev.tidings.storage.v1.Added.newBuilder()
        .setPlace(added.place())
        .setMutation(Wire.toProto(added.mutation()))
        .build();
  }

  private static Added fromProto(dev.tidings.storage.v1.Added message) {
    return new Added(message.getPlace(), Wire.fromProto(message.getMutation()));
  }

  static byte[] twins(Twins twins) {
    return dev.tidings.storage.v1.Twins.newBuilder()
        .setBy(twins.by())
        .addAllMembers(twins.members().stream().map(Wire::toProto).toList())
        .build()
        .toByteArray();
  }

  static Twins twins(byte[] record) {
    var message = parse(dev.tidings.storage.v1.Twins.parser(), record);
    return new Twins(message.getBy(), Set.copyOf(Wire.positions(message.getMembersList())));
  }

  static <T> T parse(Parser<T> parser, byte[] record) {
    try {
      return parser.parseFrom(record);
    } catch (InvalidProtocolBufferException e) {
      throw new DamagedDataException("a stored record cannot be read", e);
    }
  }
}
