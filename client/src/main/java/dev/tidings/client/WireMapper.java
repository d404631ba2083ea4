package dev.tidings.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.v1.Add;
import dev.tidings.v1.Append;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.CounterDelete;
import dev.tidings.v1.Delete;
import dev.tidings.v1.FeedRange;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.InMap;
import dev.tidings.v1.InMapItem;
import dev.tidings.v1.Increment;
import dev.tidings.v1.KeyRange;
import dev.tidings.v1.KeyType;
import dev.tidings.v1.LogStatus;
import dev.tidings.v1.MapDelete;
import dev.tidings.v1.MapRange;
import dev.tidings.v1.MemberStatus;
import dev.tidings.v1.MomentKeeping;
import dev.tidings.v1.MultiPut;
import dev.tidings.v1.PeerStatus;
import dev.tidings.v1.Put;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.Remove;
import dev.tidings.v1.SessionToken;
import dev.tidings.v1.SetRange;
import dev.tidings.v1.SimulatedLink;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
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
    } else if (mutation instanceof Mutation.MultiPut put) {
      proto.setMultiPut(
          MultiPut.newBuilder()
              .setKey(put.key().toByteString())
              .setValue(put.value().toByteString()));
    } else if (mutation instanceof Mutation.MultiDelete delete) {
      proto.setMultiPut(MultiPut.newBuilder().setKey(delete.key().toByteString()));
    } else if (mutation instanceof Mutation.Increment increment) {
      proto.setIncrement(
          Increment.newBuilder()
              .setCounter(increment.counter().toByteString())
              .setBy(increment.by()));
    } else if (mutation instanceof Mutation.DeleteCounter delete) {
      proto.setDeleteCounter(
          CounterDelete.newBuilder().setCounter(delete.counter().toByteString()));
    } else if (mutation instanceof Mutation.Add add) {
      proto.setAdd(
          Add.newBuilder()
              .setSet(add.set().toByteString())
              .addAllElements(byteStrings(add.elements())));
    } else if (mutation instanceof Mutation.Remove remove) {
      proto.setRemove(
          Remove.newBuilder()
              .setSet(remove.set().toByteString())
              .addAllElements(byteStrings(remove.elements())));
    } else if (mutation instanceof Mutation.RemoveAll remove) {
      proto.setRemove(Remove.newBuilder().setSet(remove.set().toByteString()).setAll(true));
    } else if (mutation instanceof Mutation.InMap inMap) {
      proto.setInMap(
          InMap.newBuilder().setMap(inMap.map().toByteString()).setChange(toProto(inMap.change())));
    } else if (mutation instanceof Mutation.DeleteMap delete) {
      proto.setDeleteMap(MapDelete.newBuilder().setMap(delete.map().toByteString()));
    } else {
      throw new AssertionError(mutation);
    }
    return proto.build();
  }

  private static List<ByteString> byteStrings(List<Bytes> all) {
    return all.stream().map(Bytes::toByteString).toList();
  }

  static dev.tidings.v1.Condition toProto(Condition condition) {
    var proto = dev.tidings.v1.Condition.newBuilder().setKey(condition.key().toByteString());
    @Nullable Bytes map = condition.map();
    if (map != null) {
      proto.setMap(map.toByteString());
    }
    @Nullable Version version = condition.version();
    if (version == null) {
      proto.setAbsent(true);
    } else {
      proto.setVersion(toProto(version));
    }
    return proto.build();
  }

  private static dev.tidings.v1.Version toProto(Version version) {
    return dev.tidings.v1.Version.newBuilder()
        .setLamportTime(version.lamportTime())
        .setOrigin(
            dev.tidings.v1.Origin.newBuilder()
                .setReplicaId(version.origin().replicaId())
                .setIncarnation(version.origin().incarnation()))
        .build();
  }

  static ReadItem toProto(Item<?> item) {
    var proto = ReadItem.newBuilder();
    if (item instanceof Item.Register register) {
      proto.setKey(register.key().toByteString());
    } else if (item instanceof Item.Multi multi) {
      proto.setMulti(multi.key().toByteString());
    } else if (item instanceof Item.Counter counter) {
      proto.setCounter(counter.counter().toByteString());
    } else if (item instanceof Item.Elements set) {
      proto.setSet(
          SetRange.newBuilder()
              .setSet(set.set().toByteString())
              .setLimit(set.limit())
              .setFrom(set.from().toByteString()));
    } else if (item instanceof Item.Feed feed) {
      proto.setFeed(
          FeedRange.newBuilder()
              .setFeed(feed.feed().toByteString())
              .setLimit(feed.limit())
              .setAfter(feed.after().toByteString()));
    } else if (item instanceof Item.Range range) {
      proto.setRange(
          KeyRange.newBuilder()
              .setFrom(range.from().toByteString())
              .setTo(range.to().toByteString())
              .setLimit(range.limit()));
    } else if (item instanceof Item.Fields fields) {
      proto.setMap(
          MapRange.newBuilder()
              .setMap(fields.map().toByteString())
              .setLimit(fields.limit())
              .setFrom(fields.from().toByteString()));
    } else if (item instanceof Item.InMap<?> inMap) {
      proto.setInMap(
          InMapItem.newBuilder().setMap(inMap.map().toByteString()).setItem(toProto(inMap.item())));
    } else {
      throw new AssertionError(item);
    }
    return proto.build();
  }

  /** A write, of no session yet. */
  static ClientWriteRequest toProto(List<Mutation> mutations, WriteOptions options) {
    return ClientWriteRequest.newBuilder()
        .addAllMutations(mutations.stream().map(WireMapper::toProto).toList())
        .setAcks(options.durability().replicas())
        .setAcksWaitMillis((int) options.durability().patience().toMillis())
        .addAllConditions(options.conditions().stream().map(WireMapper::toProto).toList())
        .build();
  }

  /** A read, of no session yet. */
  static ClientReadRequest toProto(Query query) {
    Moment moment = query.moment();
    return ClientReadRequest.newBuilder()
        .addAllItems(query.items().stream().map(WireMapper::toProto).toList())
        .setWithDependencies(query.withDependencies())
        .setMoment(moment == null ? ByteString.EMPTY : moment.bytes().toByteString())
        .setKeepMoment(toProto(query.keeping()))
        .build();
  }

  static DurableWrite write(ClientWriteResponse response) {
    var write =
        new WriteInfo(version(response.getVersion()), position(response.getPosition()), null);
    return new DurableWrite(write, response.getDurableOn());
  }

  private static MomentKeeping toProto(Query.Keeping keeping) {
    return switch (keeping) {
      case NO -> MomentKeeping.MOMENT_KEEPING_UNSPECIFIED;
      case ALWAYS -> MomentKeeping.MOMENT_KEEPING_ALWAYS;
      case IF_MORE -> MomentKeeping.MOMENT_KEEPING_IF_MORE;
    };
  }

  /** The answer to a query, whose items became {@link #toProto(Item)}. */
  static Snapshot snapshot(Query query, ClientReadResponse response) {
    List<ReadResult> results = response.getResultsList();
    if (results.size() != query.items().size()) {
      throw new IllegalArgumentException(
          "%d results for %d items".formatted(results.size(), query.items().size()));
    }
    var read = new ArrayList<Object>();
    for (int i = 0; i < results.size(); i++) {
      ReadResult.KindCase kind = kind(query.items().get(i));
      if (results.get(i).getKindCase() != kind) {
        throw new IllegalArgumentException(
            "a %s for an item of kind %s".formatted(results.get(i).getKindCase(), kind));
      }
      read.add(result(results.get(i), query.withDependencies()));
    }
    return new Snapshot(
        query,
        read,
        response.getMoment().isEmpty()
            ? Optional.empty()
            : Optional.of(new Moment(new Bytes(response.getMoment()))));
  }

  /** Of what answers an item. */
  private static ReadResult.KindCase kind(Item<?> item) {
    if (item instanceof Item.Register) {
      return ReadResult.KindCase.REGISTER;
    } else if (item instanceof Item.Multi) {
      return ReadResult.KindCase.MULTI;
    } else if (item instanceof Item.Counter) {
      return ReadResult.KindCase.COUNTER;
    } else if (item instanceof Item.Elements) {
      return ReadResult.KindCase.SET;
    } else if (item instanceof Item.Feed) {
      return ReadResult.KindCase.FEED;
    } else if (item instanceof Item.Range) {
      return ReadResult.KindCase.RANGE;
    } else if (item instanceof Item.Fields) {
      return ReadResult.KindCase.MAP;
    } else if (item instanceof Item.InMap<?> inMap) {
      return kind(inMap.item());
    }
    throw new AssertionError(item);
  }

  private static Object result(ReadResult result, boolean withDependencies) {
    return switch (result.getKindCase()) {
      case RANGE -> rangePage(result.getRange(), withDependencies);
      case MAP ->
          new MapPage(
              result.getMap().getFieldsList().stream()
                  .map(
                      field ->
                          new MapField(
                              new Bytes(field.getName()),
                              content(field.getValue(), withDependencies)))
                  .toList(),
              new Bytes(result.getMap().getNext()));
      default -> content(result, withDependencies);
    };
  }

  private static Content content(ReadResult result, boolean withDependencies) {
    return switch (result.getKindCase()) {
      case REGISTER -> value(result.getRegister(), withDependencies);
      case MULTI ->
          new MultiValue(
              result.getMulti().getValuesList().stream()
                  .map(
                      entry ->
                          new MultiValue.Sibling(
                              new Bytes(entry.getValue()),
                              writeInfo(entry.getWrittenBy(), withDependencies)))
                  .toList(),
              writeInfos(result.getMulti().getChangedByList(), withDependencies));
      case COUNTER ->
          new CounterValue(
              result.getCounter().getValue(),
              writeInfos(result.getCounter().getChangedByList(), withDependencies));
      case SET ->
          new SetPage(
              result.getSet().getElementsList().stream().map(Bytes::new).toList(),
              new Bytes(result.getSet().getNext()),
              writeInfos(result.getSet().getChangedByList(), withDependencies));
      case FEED -> feedPage(result.getFeed(), withDependencies);
      case RANGE, MAP, KIND_NOT_SET ->
          throw new IllegalArgumentException(
              "an object of kind %s is not known".formatted(result.getKindCase()));
    };
  }

  private static RangePage rangePage(dev.tidings.v1.RangePage page, boolean withDependencies) {
    return new RangePage(
        page.getRegistersList().stream()
            .map(
                register ->
                    new KeyValue(
                        new Bytes(register.getKey()),
                        new Bytes(register.getValue()),
                        writeInfo(register.getWrittenBy(), withDependencies)))
            .toList(),
        new Bytes(page.getNext()));
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

  private static List<WriteInfo> writeInfos(
      List<dev.tidings.v1.WriteInfo> infos, boolean withDependencies) {
    return infos.stream().map(info -> writeInfo(info, withDependencies)).toList();
  }

  private static WriteInfo writeInfo(dev.tidings.v1.WriteInfo info, boolean withDependencies) {
    @Nullable PositionSet dependencies =
        withDependencies ? positionSet(info.getDependencies()) : null;
    return new WriteInfo(version(info.getVersion()), position(info.getPosition()), dependencies);
  }

  static List<WatchSelector> toProto(WatchQuery query) {
    return query.selectors().stream().map(WireMapper::toProto).toList();
  }

  private static WatchSelector toProto(Selector selector) {
    var proto = WatchSelector.newBuilder();
    if (selector instanceof Selector.Register it) {
      proto.setType(KeyType.KEY_TYPE_REGISTER).setKey(it.key().toByteString());
    } else if (selector instanceof Selector.Feed it) {
      proto.setType(KeyType.KEY_TYPE_FEED).setKey(it.feed().toByteString());
    } else if (selector instanceof Selector.Prefix it) {
      proto.setPrefix(it.prefix().toByteString());
    } else if (selector instanceof Selector.Range it) {
      proto.getRangeBuilder().setFrom(it.from().toByteString());
      @Nullable Bytes to = it.to();
      if (to != null) {
        proto.getRangeBuilder().setTo(to.toByteString());
      }
    } else if (selector instanceof Selector.Everything) {
      proto.setAll(true);
    } else {
      throw new AssertionError(selector);
    }
    return proto.build();
  }

  /** A response that has a write. */
  static WatchedWrite watchedWrite(WatchResponse response) {
    return new WatchedWrite(
        writeInfo(response.getWrite().getWrittenBy(), false),
        response.getWrite().getMutationsList().stream()
            .map(
                watched ->
                    new WatchedWrite.Change(mutation(watched.getMutation()), watched.getReplaced()))
            .toList(),
        new Moment(new Bytes(response.getMoment())));
  }

  private static Mutation mutation(dev.tidings.v1.Mutation mutation) {
    return switch (mutation.getKindCase()) {
      case IN_MAP ->
          simple(mutation.getInMap().getChange()).inMap(new Bytes(mutation.getInMap().getMap()));
      case DELETE_MAP -> new Mutation.DeleteMap(new Bytes(mutation.getDeleteMap().getMap()));
      default -> simple(mutation);
    };
  }

  private static Mutation.Simple simple(dev.tidings.v1.Mutation mutation) {
    return switch (mutation.getKindCase()) {
      case PUT ->
          new Mutation.Put(
              new Bytes(mutation.getPut().getKey()), new Bytes(mutation.getPut().getValue()));
      case DELETE -> new Mutation.Delete(new Bytes(mutation.getDelete().getKey()));
      case APPEND ->
          new Mutation.Append(
              new Bytes(mutation.getAppend().getFeed()),
              new Bytes(mutation.getAppend().getValue()));
      case MULTI_PUT -> {
        MultiPut put = mutation.getMultiPut();
        Bytes key = new Bytes(put.getKey());
        yield put.hasValue()
            ? new Mutation.MultiPut(key, new Bytes(put.getValue()))
            : new Mutation.MultiDelete(key);
      }
      case INCREMENT ->
          new Mutation.Increment(
              new Bytes(mutation.getIncrement().getCounter()), mutation.getIncrement().getBy());
      case DELETE_COUNTER ->
          new Mutation.DeleteCounter(new Bytes(mutation.getDeleteCounter().getCounter()));
      case ADD ->
          new Mutation.Add(
              new Bytes(mutation.getAdd().getSet()),
              mutation.getAdd().getElementsList().stream().map(Bytes::new).toList());
      case REMOVE -> {
        Remove remove = mutation.getRemove();
        Bytes set = new Bytes(remove.getSet());
        // With each element that was asked for, whether it was there or not.
        yield remove.getRemovedCount() == 0
            ? new Mutation.RemoveAll(set)
            : new Mutation.Remove(
                set,
                remove.getRemovedList().stream()
                    .map(each -> new Bytes(each.getElement()))
                    .toList());
      }
      default ->
          throw new IllegalArgumentException(
              "a mutation of kind " + mutation.getKindCase() + " is not known");
    };
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
    return PositionSet.ofBytes(set.getRanges().toByteArray());
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
