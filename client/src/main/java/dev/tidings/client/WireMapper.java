package dev.tidings.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.v1.Append;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.Delete;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.LogStatus;
import dev.tidings.v1.MemberStatus;
import dev.tidings.v1.OriginPositions;
import dev.tidings.v1.PeerStatus;
import dev.tidings.v1.Put;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.SessionToken;
import dev.tidings.v1.SimulatedLink;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * Between proto messages and the types of this package. What a replica sends that makes no sense
 * becomes an {@link IllegalArgumentException}, by the records' own checks.
 */
final class WireMapper {
  private static final int CRC_BYTES = 4;

  private WireMapper() {}

  static dev.tidings.v1.Mutation toProto(Mutation mutation) {
    var proto = dev.tidings.v1.Mutation.newBuilder();
    if (mutation instanceof Mutation.Put put) {
      proto.setPut(
          Put.newBuilder().setKey(put.key().toByteString()).setValue(put.value().toByteString()));
    } else if (mutation instanceof Mutation.Delete delete) {
      proto.setDelete(Delete.newBuilder().setKey(delete.key().toByteString()));
    } else if (mutation instanceof Mutation.Append append) {
      proto.setAppend(
          Append.newBuilder()
              .setFeed(append.feed().toByteString())
              .setValue(append.value().toByteString()));
    } else {
      throw new AssertionError(mutation);
    }
    return proto.build();
  }

  static List<ReadItem> toProto(Query query) {
    var items = new ArrayList<ReadItem>();
    for (Bytes key : query.keys()) {
      items.add(ReadItem.newBuilder().setKey(key.toByteString()).build());
    }
    for (Query.FeedRange range : query.feeds()) {
      items.add(
          ReadItem.newBuilder()
              .setFeed(
                  dev.tidings.v1.FeedRange.newBuilder()
                      .setFeed(range.feed().toByteString())
                      .setLimit(range.limit())
                      .setAfter(range.after().toByteString()))
              .build());
    }
    return items;
  }

  /** The answer to what {@link #toProto(Query)} made of the query. */
  static Snapshot snapshot(Query query, ClientReadResponse response) {
    int keys = query.keys().size();
    List<ReadResult> results = response.getResultsList();
    if (results.size() != keys + query.feeds().size()) {
      throw new IllegalArgumentException(
          "%d results for %d items".formatted(results.size(), keys + query.feeds().size()));
    }
    boolean withDependencies = query.withDependencies();
    return new Snapshot(
        results.subList(0, keys).stream()
            .map(result -> value(result.getRegister(), withDependencies))
            .toList(),
        results.subList(keys, results.size()).stream()
            .map(result -> feedPage(result.getFeed(), withDependencies))
            .toList());
  }

  private static Value value(Register register, boolean withDependencies) {
    return new Value(
        register.hasValue() ? new Bytes(register.getValue()) : null,
        register.hasWrittenBy() ? writeInfo(register.getWrittenBy(), withDependencies) : null,
        register.getNeverWritten());
  }

  private static FeedPage feedPage(dev.tidings.v1.FeedPage page, boolean withDependencies) {
    return new FeedPage(
        page.getEntriesList().stream()
            .map(
                entry ->
                    new FeedEntry(
                        new Bytes(entry.getValue()),
                        writeInfo(entry.getWrittenBy(), withDependencies)))
            .toList(),
        new Bytes(page.getNext()));
  }

  private static WriteInfo writeInfo(dev.tidings.v1.WriteInfo info, boolean withDependencies) {
    @Nullable PositionSet dependencies =
        withDependencies ? positionSet(info.getDependencies()) : null;
    return new WriteInfo(version(info.getVersion()), position(info.getPosition()), dependencies);
  }

  static Origin origin(dev.tidings.v1.Origin origin) {
    return new Origin(origin.getReplicaId(), origin.getIncarnation());
  }

  static Position position(dev.tidings.v1.Position position) {
    return new Position(origin(position.getOrigin()), position.getSequence());
  }

  static Version version(dev.tidings.v1.Version version) {
    return new Version(version.getLamportTime(), origin(version.getOrigin()));
  }

  static PositionSet positionSet(dev.tidings.v1.PositionSet set) {
    PositionSet all = PositionSet.EMPTY;
    for (OriginPositions positions : set.getOriginsList()) {
      Origin origin = origin(positions.getOrigin());
      if (positions.getUpTo() != 0) {
        all = all.union(PositionSet.ofRange(origin, 1, positions.getUpTo()));
      }
      if (positions.getBeyondCount() % 2 != 0) {
        throw new IllegalArgumentException("a range of positions has a first but no last one");
      }
      for (int i = 0; i < positions.getBeyondCount(); i += 2) {
        all =
            all.union(
                PositionSet.ofRange(origin, positions.getBeyond(i), positions.getBeyond(i + 1)));
      }
    }
    return all;
  }

  static ReplicaStatus status(GetStatusResponse response) {
    return new ReplicaStatus(
        response.getCluster(),
        origin(response.getOrigin()),
        switch (response.getConsistency()) {
          case CONSISTENCY_CAUSAL -> ReplicaStatus.Consistency.CAUSAL;
          case CONSISTENCY_EVENTUAL -> ReplicaStatus.Consistency.EVENTUAL;
          default ->
              throw new IllegalArgumentException(
                  "consistency mode " + response.getConsistencyValue() + " is not known");
        },
        response.getLamportTime(),
        positionSet(response.getFrontier()),
        positionSet(response.getHeld()),
        response.getStalledList().stream()
            .map(
                stalled ->
                    new ReplicaStatus.Stalled(
                        position(stalled.getPosition()),
                        version(stalled.getVersion()),
                        positionSet(stalled.getMissing())))
            .toList(),
        response.getStalledNow(),
        response.getStalledEver(),
        response.getPeersList().stream().map(WireMapper::peer).toList(),
        response.getServing(),
        response.getNotServingReason());
  }

  private static ReplicaStatus.Peer peer(PeerStatus peer) {
    return new ReplicaStatus.Peer(
        peer.getReplicaId(),
        peer.getPeerAddress(),
        peer.getClientAddress(),
        peer.getConnected(),
        peer.getAcknowledged(),
        new ReplicaStatus.Link(
            Duration.ofMillis(peer.getLink().getDelayMillis()), peer.getLink().getCut()),
        peer.getLogsList().stream().map(WireMapper::log).toList());
  }

  private static ReplicaStatus.Log log(LogStatus log) {
    return new ReplicaStatus.Log(
        origin(log.getOrigin()),
        log.getHeld(),
        log.getVisible(),
        log.getLagWrites(),
        Duration.ofMillis(log.getLagMillis()));
  }

  static List<Member> members(List<MemberStatus> members) {
    return members.stream()
        .map(
            member ->
                new Member(
                    member.getReplicaId(),
                    member.hasOrigin() ? Optional.of(origin(member.getOrigin())) : Optional.empty(),
                    member.getRemoved(),
                    member.getPeerAddress()))
        .toList();
  }

  static SimulatedLink toProto(ReplicaStatus.Link link) {
    return SimulatedLink.newBuilder()
        .setDelayMillis(link.delay().toMillis())
        .setCut(link.cut())
        .build();
  }

  static dev.tidings.v1.LogLevel toProto(LogLevel level) {
    return dev.tidings.v1.LogLevel.valueOf("LOG_LEVEL_" + level);
  }

  static LogLevel fromProto(dev.tidings.v1.LogLevel level) {
    return switch (level) {
      case LOG_LEVEL_OFF -> LogLevel.OFF;
      case LOG_LEVEL_ERROR -> LogLevel.ERROR;
      case LOG_LEVEL_WARN -> LogLevel.WARN;
      case LOG_LEVEL_INFO -> LogLevel.INFO;
      case LOG_LEVEL_DEBUG -> LogLevel.DEBUG;
      case LOG_LEVEL_TRACE -> LogLevel.TRACE;
      case LOG_LEVEL_UNSPECIFIED, UNRECOGNIZED ->
          throw new IllegalArgumentException("log level " + level + " is not known");
    };
  }

  /**
   * What a token says.
   *
   * @throws IllegalArgumentException if it is damaged
   */
  static SessionContents sessionContents(ByteString token) {
    int size = token.size() - CRC_BYTES;
    if (size >= 0) {
      ByteString message = token.substring(0, size);
      var crc = new CRC32C();
      crc.update(message.asReadOnlyByteBuffer());
      if (token.substring(size).asReadOnlyByteBuffer().getInt() == (int) crc.getValue()) {
        try {
          SessionToken contents = SessionToken.parseFrom(message);
          return new SessionContents(
              contents.getCluster(), contents.getClock(), positionSet(contents.getDependencies()));
        } catch (InvalidProtocolBufferException e) {
          // Said below, as for a wrong checksum.
        }
      }
    }
    throw new IllegalArgumentException("the session token is damaged");
  }
}
