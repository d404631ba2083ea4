package dev.tidings.replica.wire;

import static java.util.stream.Collectors.toSet;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Member;
import dev.tidings.causal.Membership;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.LamportClock;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.v1.Append;
import dev.tidings.v1.Delete;
import dev.tidings.v1.MemberRecord;
import dev.tidings.v1.Put;
import dev.tidings.v1.Standing;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Stream;

/**
 * Maps core types to messages and back. The {@code from…} methods throw {@link
 * InvalidRequestException} for whatever the .proto files do not allow; sizes are the caller's to
 * check.
 */
public final class Wire {
  /** Of handshakes, tokens and data directories. */
  public static final int FORMAT_VERSION = 4;

  /** Of an address; a host's name has 253 characters at most. */
  public static final int MAX_ADDRESS = 300;

  private static final int SESSION_BYTES = 16;

  private Wire() {}

  public static dev.tidings.v1.Origin toProto(Origin origin) {
    return dev.tidings.v1.Origin.newBuilder()
        .setReplicaId(origin.replicaId())
        .setIncarnation(origin.incarnation())
        .build();
  }

  public static Origin fromProto(dev.tidings.v1.Origin origin) {
    if (origin.getReplicaId() < 1 || origin.getIncarnation() < 1) {
      throw new InvalidRequestException(
          "an origin has a replica id and an incarnation between 1 and 2^31 - 1, not %s and %s"
              .formatted(
                  Integer.toUnsignedString(origin.getReplicaId()),
                  Integer.toUnsignedString(origin.getIncarnation())));
    }
    return new Origin(origin.getReplicaId(), origin.getIncarnation());
  }

  public static dev.tidings.v1.Position toProto(Position position) {
    return dev.tidings.v1.Position.newBuilder()
        .setOrigin(toProto(position.origin()))
        .setSequence(position.sequence())
        .build();
  }

  public static Position fromProto(dev.tidings.v1.Position position) {
    if (position.getSequence() < 1) {
      throw new InvalidRequestException(
          "a position's sequence is between 1 and 2^63 - 1, not "
              + Long.toUnsignedString(position.getSequence()));
    }
    return new Position(fromProto(position.getOrigin()), position.getSequence());
  }

  public static dev.tidings.v1.Version toProto(Version version) {
    return dev.tidings.v1.Version.newBuilder()
        .setLamportTime(version.lamportTime())
        .setOrigin(toProto(version.origin()))
        .build();
  }

  public static Version fromProto(dev.tidings.v1.Version version) {
    if (version.getLamportTime() < 1 || version.getLamportTime() > LamportClock.MAX_TICKS) {
      throw new InvalidRequestException(
          "a version's Lamport time is between 1 and 2^62, not "
              + Long.toUnsignedString(version.getLamportTime()));
    }
    return new Version(version.getLamportTime(), fromProto(version.getOrigin()));
  }

  public static dev.tidings.v1.PositionSet toProto(PositionSet positions) {
    return dev.tidings.v1.PositionSet.newBuilder()
        .setRanges(UnsafeByteOperations.unsafeWrap(positions.toBytes()))
        .build();
  }

  public static PositionSet fromProto(dev.tidings.v1.PositionSet positions) {
    try {
      return PositionSet.ofBytes(positions.getRanges().toByteArray());
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException("malformed position set: " + e.getMessage());
    }
  }

  public static dev.tidings.v1.PositionSet toProto(VersionVector prefixes) {
    return toProto(PositionSet.of(prefixes));
  }

  public static Standing toProto(Origin of, TimeTable.Row row) {
    return Standing.newBuilder()
        .setOf(toProto(of))
        .setHeld(toProto(row.held()))
        .setVisible(toProto(row.visible()))
        .addAllEnded(row.ended().stream().map(Wire::toProto).toList())
        .addAllUnknown(row.unknown().stream().map(Wire::toProto).toList())
        .build();
  }

  public static TimeTable.Row fromProto(Standing standing) {
    return new TimeTable.Row(
        fromProto(standing.getHeld()).prefixes(),
        fromProto(standing.getVisible()).prefixes(),
        standing.getEndedList().stream().map(Wire::fromProto).collect(toSet()),
        standing.getUnknownList().stream().map(Wire::fromProto).collect(toSet()));
  }

  public static Map<Origin, TimeTable.Row> rows(List<Standing> standings) {
    var rows = new TreeMap<Origin, TimeTable.Row>();
    standings.forEach(each -> rows.put(fromProto(each.getOf()), fromProto(each)));
    return rows;
  }

  private static dev.tidings.v1.Member toProto(Member member) {
    return dev.tidings.v1.Member.newBuilder()
        .setReplicaId(member.replicaId())
        .setIncarnation(member.incarnation())
        .addAllEnded(member.ended())
        .setRemoved(member.removed())
        .setRemovals(member.removals())
        .setPeerAddress(member.peerAddress())
        .build();
  }

  private static Member fromProto(dev.tidings.v1.Member member) {
    if (member.getPeerAddress().length() > MAX_ADDRESS) {
      throw new InvalidRequestException(
          "a peer address has at most %d characters".formatted(MAX_ADDRESS));
    }
    try {
      return new Member(
          member.getReplicaId(),
          member.getIncarnation(),
          new TreeSet<>(member.getEndedList()),
          member.getRemoved(),
          member.getRemovals(),
          member.getPeerAddress());
    } catch (IllegalArgumentException e) {
      throw new InvalidRequestException("malformed member: " + e.getMessage());
    }
  }

  public static MemberRecord toProto(Membership.Entry entry) {
    var message =
        MemberRecord.newBuilder().setMember(toProto(entry.member())).setSequence(entry.sequence());
    entry.version().ifPresent(version -> message.setVersion(toProto(version)));
    return message.build();
  }

  public static Membership.Entry fromProto(MemberRecord record) {
    Member member = fromProto(record.getMember());
    return record.hasVersion()
        ? new Membership.Entry(
            member, Optional.of(fromProto(record.getVersion())), record.getSequence())
        : Membership.Entry.founding(member);
  }

  public static dev.tidings.v1.Consistency toProto(Consistency consistency) {
    return switch (consistency) {
      case CAUSAL -> dev.tidings.v1.Consistency.CONSISTENCY_CAUSAL;
      case EVENTUAL -> dev.tidings.v1.Consistency.CONSISTENCY_EVENTUAL;
    };
  }

  public static Consistency fromProto(dev.tidings.v1.Consistency consistency) {
    return switch (consistency) {
      case CONSISTENCY_CAUSAL -> Consistency.CAUSAL;
      case CONSISTENCY_EVENTUAL -> Consistency.EVENTUAL;
      case CONSISTENCY_UNSPECIFIED, UNRECOGNIZED ->
          throw new InvalidRequestException("consistency is not given, or not known here");
    };
  }

  public static dev.tidings.v1.Mutation toProto(Mutation mutation) {
    var message = dev.tidings.v1.Mutation.newBuilder();
    ByteString key = toProto(mutation.key());
    if (mutation instanceof Mutation.Put put) {
      message.setPut(Put.newBuilder().setKey(key).setValue(toProto(put.value())));
    } else if (mutation instanceof Mutation.Delete) {
      message.setDelete(Delete.newBuilder().setKey(key));
    } else if (mutation instanceof Mutation.Append append) {
      message.setAppend(Append.newBuilder().setFeed(key).setValue(toProto(append.value())));
    } else if (mutation instanceof Mutation.MultiPut put) {
      var multi = message.getMultiPutBuilder().setKey(key);
      put.value().ifPresent(value -> multi.setValue(toProto(value)));
      put.replaces().forEach(position -> multi.addReplaces(toProto(position)));
    } else if (mutation instanceof Mutation.Increment increment) {
      message.getIncrementBuilder().setCounter(key).setBy(increment.by());
    } else if (mutation instanceof Mutation.CounterDelete delete) {
      var counter = message.getDeleteCounterBuilder().setCounter(key);
      delete
          .observed()
          .forEach(o -> counter.addObservedBuilder().setUpTo(toProto(o.upTo())).setSum(o.sum()));
    } else if (mutation instanceof Mutation.Add add) {
      var set = message.getAddBuilder().setSet(key);
      add.elements().forEach(element -> set.addElements(toProto(element)));
    } else if (mutation instanceof Mutation.Remove remove) {
      var set = message.getRemoveBuilder().setSet(key).setAll(remove.all());
      remove.removed().forEach(removed -> set.addRemoved(toProto(removed)));
    } else if (mutation instanceof Mutation.InMap field) {
      message.getInMapBuilder().setMap(toProto(field.map())).setChange(toProto(field.change()));
    } else if (mutation instanceof Mutation.MapDelete) {
      message.getDeleteMapBuilder().setMap(key);
    } else if (mutation instanceof Mutation.SetMember set) {
      message.getSetMemberBuilder().setMember(toProto(set.member()));
    } else {
      throw new AssertionError(mutation);
    }
    return message.build();
  }

  private static dev.tidings.v1.Removed toProto(Mutation.Removed removed) {
    var message = dev.tidings.v1.Removed.newBuilder().setElement(toProto(removed.element()));
    removed.adds().forEach(position -> message.addAdds(toProto(position)));
    return message.build();
  }

  public static Mutation fromProto(dev.tidings.v1.Mutation mutation) {
    return switch (mutation.getKindCase()) {
      case PUT ->
          new Mutation.Put(
              fromProto(mutation.getPut().getKey()), fromProto(mutation.getPut().getValue()));
      case DELETE -> new Mutation.Delete(fromProto(mutation.getDelete().getKey()));
      case APPEND ->
          new Mutation.Append(
              fromProto(mutation.getAppend().getFeed()),
              fromProto(mutation.getAppend().getValue()));
      case MULTI_PUT -> {
        var put = mutation.getMultiPut();
        yield new Mutation.MultiPut(
            fromProto(put.getKey()),
            put.hasValue() ? Optional.of(fromProto(put.getValue())) : Optional.empty(),
            positions(put.getReplacesList()));
      }
      case INCREMENT ->
          new Mutation.Increment(
              fromProto(mutation.getIncrement().getCounter()), mutation.getIncrement().getBy());
      case DELETE_COUNTER ->
          new Mutation.CounterDelete(
              fromProto(mutation.getDeleteCounter().getCounter()),
              mutation.getDeleteCounter().getObservedList().stream()
                  .map(o -> new Mutation.ObservedSum(fromProto(o.getUpTo()), o.getSum()))
                  .toList());
      case ADD -> {
        List<Bytes> elements = bytes(mutation.getAdd().getElementsList());
        if (elements.isEmpty()) {
          throw new InvalidRequestException("an add has at least one element");
        }
        yield new Mutation.Add(fromProto(mutation.getAdd().getSet()), elements);
      }
      case REMOVE -> fromProto(mutation.getRemove());
      case IN_MAP -> {
        var change = mutation.getInMap().getChange();
        switch (change.getKindCase()) {
          case IN_MAP, DELETE_MAP, SET_MEMBER, KIND_NOT_SET ->
              throw new InvalidRequestException(
                  "a map's field is a register, a multi-value register, a counter, a set or a feed");
          default -> {}
        }
        yield new Mutation.InMap(fromProto(mutation.getInMap().getMap()), fromProto(change));
      }
      case DELETE_MAP -> new Mutation.MapDelete(fromProto(mutation.getDeleteMap().getMap()));
      case SET_MEMBER -> new Mutation.SetMember(fromProto(mutation.getSetMember().getMember()));
      case KIND_NOT_SET ->
          throw new InvalidRequestException(
              "a mutation is of a kind that this replica knows, and has one");
    };
  }

  private static Mutation fromProto(dev.tidings.v1.Remove remove) {
    List<Mutation.Removed> removed =
        Stream.concat(
                remove.getElementsList().stream()
                    .map(element -> new Mutation.Removed(fromProto(element), List.of())),
                remove.getRemovedList().stream()
                    .map(
                        r ->
                            new Mutation.Removed(
                                fromProto(r.getElement()), positions(r.getAddsList()))))
            .toList();
    if (remove.getAll() && !removed.isEmpty()) {
      throw new InvalidRequestException("a removal names elements, or is of all, and not both");
    }
    return new Mutation.Remove(fromProto(remove.getSet()), removed, remove.getAll());
  }

  public static List<Position> positions(List<dev.tidings.v1.Position> positions) {
    return positions.stream().map(Wire::fromProto).toList();
  }

  private static List<Bytes> bytes(List<ByteString> all) {
    return all.stream().map(Wire::fromProto).toList();
  }

  public static List<Mutation> fromProto(List<dev.tidings.v1.Mutation> mutations) {
    if (mutations.isEmpty()) {
      throw new InvalidRequestException("a write has at least one mutation");
    }
    var all = new ArrayList<Mutation>(mutations.size());
    mutations.forEach(mutation -> all.add(fromProto(mutation)));
    return all;
  }

  public static Optional<RequestId> fromProto(dev.tidings.v1.RequestId id) {
    if (id.getSession().size() != SESSION_BYTES || id.getNumber() < 1) {
      throw new InvalidRequestException(
          "a request id has a session of 16 bytes and a number of 1 or more");
    }
    return Optional.of(new RequestId(fromProto(id.getSession()), id.getNumber(), id.getRetried()));
  }

  public static dev.tidings.v1.Write toProto(Write write) {
    var message =
        dev.tidings.v1.Write.newBuilder()
            .setPosition(toProto(write.position()))
            .setVersion(toProto(write.version()))
            .setCommittedAtMicros(write.committedAtMicros());
    write
        .requestId()
        .ifPresent(
            id ->
                message
                    .getRequestIdBuilder()
                    .setSession(toProto(id.session()))
                    .setNumber(id.number())
                    .setRetried(id.retried()));
    if (!write.dependencies().isEmpty()) {
      message.setDependencies(toProto(write.dependencies()));
    }
    for (Mutation mutation : write.mutations()) {
      message.addMutations(toProto(mutation));
    }
    return message.build();
  }

  /** Of encoded messages. */
  public static List<EncodedWrite> writes(List<ByteString> messages) {
    var writes = new ArrayList<EncodedWrite>(messages.size());
    for (ByteString message : messages) {
      try {
        writes.add(
            new EncodedWrite(
                fromProto(dev.tidings.v1.Write.parseFrom(message)), fromProto(message)));
      } catch (InvalidProtocolBufferException e) {
        throw new InvalidRequestException("a write cannot be read");
      }
    }
    return writes;
  }

  public static Write fromProto(dev.tidings.v1.Write write) {
    Position position = fromProto(write.getPosition());
    Version version = fromProto(write.getVersion());
    if (!position.origin().equals(version.origin())) {
      throw new InvalidRequestException(
          "write %s: position and version are of different origins".formatted(position));
    }
    return new Write(
        position,
        version,
        write.hasRequestId() ? fromProto(write.getRequestId()) : Optional.empty(),
        fromProto(write.getDependencies()),
        write.getCommittedAtMicros(),
        fromProto(write.getMutationsList()));
  }

  /** Does not copy. */
  public static ByteString toProto(Bytes bytes) {
    return UnsafeByteOperations.unsafeWrap(bytes.array());
  }

  public static Bytes fromProto(ByteString bytes) {
    return Bytes.of(bytes.toByteArray());
  }
}
