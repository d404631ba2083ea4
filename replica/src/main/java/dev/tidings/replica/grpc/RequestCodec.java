package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Session;
import dev.tidings.replica.Condition;
import dev.tidings.replica.Limits;
import dev.tidings.replica.ReadRequest;
import dev.tidings.replica.ReadResult;
import dev.tidings.replica.Replica;
import dev.tidings.replica.WriteRequest;
import dev.tidings.replica.WriteResult;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.MomentKeeping;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.SessionState;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Optional;

/** Clients' reads and writes as messages, checked against the limits. */
final class RequestCodec {
  private static final Duration ACKS_WAIT = Duration.ofSeconds(5);
  private static final int MAX_ACKS_WAIT_MILLIS = 60_000;

  private final Replica replica;
  private final TokenCodec tokens;
  private final MomentCodec moments;

  RequestCodec(Replica replica) {
    this.replica = replica;
    this.tokens = new TokenCodec(replica.identity());
    this.moments = new MomentCodec(replica.identity());
  }

  /**
   * @throws RuntimeException why the request is none, as {@link StatusMapper} knows them
   */
  WriteRequest fromProto(ClientWriteRequest request) {
    Limits.checkCount("the write", request.getConditionsCount(), "conditions");
    var write =
        new WriteRequest(
            tokens.decode(request.getSession()),
            request.hasRequestId() ? Wire.fromProto(request.getRequestId()) : Optional.empty(),
            request.getConditionsList().stream().map(this::fromProto).toList(),
            Wire.fromProto(request.getMutationsList()),
            acks(request.getAcks()),
            acksWait(request.getAcksWaitMillis()));
    for (Mutation mutation : write.mutations()) {
      if (mutation instanceof Mutation.SetMember) {
        throw new InvalidRequestException(
            "members are changed by AdminService, not by a client's write");
      }
      if (mutation.isFilled()) {
        throw new InvalidRequestException(
            "what a mutation replaces, observes or removes is looked up by the replica");
      }
    }
    replica.limits().check(write.mutations());
    return write;
  }

  /**
   * @throws RuntimeException why the tokens are none, as {@link StatusMapper} knows them
   */
  Session fromProto(SessionState session) {
    return tokens.decode(session);
  }

  SessionState toProto(Session session) {
    return tokens.encode(session);
  }

  private Condition fromProto(dev.tidings.v1.Condition condition) {
    Bytes map = condition.getMap().isEmpty() ? Name.NONE : key(condition.getMap());
    Name register = new Name(map, key(condition.getKey()));
    return switch (condition.getExpectedCase()) {
      case VERSION -> new Condition(register, Optional.of(Wire.fromProto(condition.getVersion())));
      case ABSENT -> {
        if (!condition.getAbsent()) {
          throw new InvalidRequestException("a condition's absent is true, or not set");
        }
        yield new Condition(register, Optional.empty());
      }
      case EXPECTED_NOT_SET ->
          throw new InvalidRequestException("a condition has a version, or that it is absent");
    };
  }

  private int acks(int asked) {
    int clusterSize = replica.clusterSize();
    if (asked < 0 || asked > clusterSize) {
      throw new InvalidRequestException(
          "a write cannot be durable on %s replicas: the cluster has %d"
              .formatted(Integer.toUnsignedString(asked), clusterSize));
    }
    return Math.max(1, asked);
  }

  private static Duration acksWait(int millis) {
    if (millis < 0 || millis > MAX_ACKS_WAIT_MILLIS) {
      throw new InvalidRequestException(
          "a write waits for acknowledgements %d ms at most, not %s"
              .formatted(MAX_ACKS_WAIT_MILLIS, Integer.toUnsignedString(millis)));
    }
    return millis == 0 ? ACKS_WAIT : Duration.ofMillis(millis);
  }

  ClientWriteResponse toProto(WriteResult result) {
    return withoutSession(result).setSession(tokens.encode(result.session())).build();
  }

  ClientWriteResponse.Builder withoutSession(WriteResult result) {
    return ClientWriteResponse.newBuilder()
        .setPosition(Wire.toProto(result.position()))
        .setVersion(Wire.toProto(result.version()))
        .setDurableOn(result.durableOn());
  }

  /**
   * @throws RuntimeException why the request is none, as {@link StatusMapper} knows them
   */
  ReadRequest fromProto(ClientReadRequest request) {
    if (request.getItemsCount() == 0) {
      throw new InvalidRequestException("a read has at least one item");
    }
    Limits.checkCount("the read", request.getItemsCount(), "items");
    var items = new ArrayList<ReadRequest.Item>(request.getItemsCount());
    request.getItemsList().forEach(item -> items.add(fromProto(item)));
    return new ReadRequest(
        tokens.decode(request.getSession()),
        items,
        request.getWithDependencies(),
        request.getMoment().isEmpty()
            ? Optional.empty()
            : Optional.of(moments.decode(request.getMoment())),
        keeping(request.getKeepMoment()));
  }

  private static ReadRequest.Keeping keeping(MomentKeeping keeping) {
    return switch (keeping) {
      case MOMENT_KEEPING_UNSPECIFIED -> ReadRequest.Keeping.NO;
      case MOMENT_KEEPING_ALWAYS -> ReadRequest.Keeping.ALWAYS;
      case MOMENT_KEEPING_IF_MORE -> ReadRequest.Keeping.IF_MORE;
      case UNRECOGNIZED ->
          throw new InvalidRequestException("keep_moment has a value that is not known here");
    };
  }

  private ReadRequest.Item fromProto(ReadItem item) {
    return switch (item.getKindCase()) {
      case RANGE -> {
        checkBound(item.getRange().getFrom());
        checkBound(item.getRange().getTo());
        yield new ReadRequest.Item.Range(
            Wire.fromProto(item.getRange().getFrom()),
            Wire.fromProto(item.getRange().getTo()),
            limit(item.getRange().getLimit()));
      }
      case MAP -> {
        Bytes from = Wire.fromProto(item.getMap().getFrom());
        if (!ReadRequest.Item.Fields.isCursor(from)) {
          throw new InvalidRequestException("from is the next of an earlier page, or empty");
        }
        yield new ReadRequest.Item.Fields(
            key(item.getMap().getMap()), from, limit(item.getMap().getLimit()));
      }
      case IN_MAP -> inMap(key(item.getInMap().getMap()), item.getInMap().getItem());
      case KEY, FEED, MULTI, COUNTER, SET, KIND_NOT_SET -> inMap(Name.NONE, item);
    };
  }

  private ReadRequest.Item inMap(Bytes map, ReadItem item) {
    return switch (item.getKindCase()) {
      case KEY -> new ReadRequest.Item.Register(new Name(map, key(item.getKey())));
      case MULTI -> new ReadRequest.Item.Multi(new Name(map, key(item.getMulti())));
      case COUNTER -> new ReadRequest.Item.Counter(new Name(map, key(item.getCounter())));
      case SET -> {
        checkBound(item.getSet().getFrom());
        yield new ReadRequest.Item.Elements(
            new Name(map, key(item.getSet().getSet())),
            Wire.fromProto(item.getSet().getFrom()),
            limit(item.getSet().getLimit()));
      }
      case FEED -> {
        Bytes after = Wire.fromProto(item.getFeed().getAfter());
        if (!ReadView.isCursor(after)) {
          throw new InvalidRequestException("after is the next of an earlier page, or empty");
        }
        yield new ReadRequest.Item.Feed(
            new Name(map, key(item.getFeed().getFeed())), after, limit(item.getFeed().getLimit()));
      }
      case RANGE, MAP, IN_MAP ->
          throw new InvalidRequestException(
              "a map's field is a register, a multi-value register, a counter, a set or a feed");
      case KIND_NOT_SET ->
          throw new InvalidRequestException(
              "a read item is of a kind that this replica knows, and has one");
    };
  }

  private Bytes key(ByteString key) {
    replica.limits().checkKey(key.size());
    return Wire.fromProto(key);
  }

  /** Where something begins or ends. */
  private void checkBound(ByteString bound) {
    if (!bound.isEmpty()) {
      replica.limits().checkKey(bound.size());
    }
  }

  private static int limit(int asked) {
    return asked < 1 || asked > Limits.MAX_PAGE ? Limits.MAX_PAGE : asked;
  }

  ClientReadResponse toProto(ReadResult result) {
    return withoutSession(result).setSession(tokens.encode(result.session())).build();
  }

  /**
   * @param came the session as it came; it goes back so if the read has not changed it
   */
  ClientReadResponse toProto(ReadResult result, SessionState came) {
    boolean isAllOfIt =
        !came.getToken().isEmpty()
            && came.getAlsoCount() == 0
            && came.getClock() == result.session().clock();
    return result.seenBefore() && isAllOfIt
        ? withoutSession(result).setSession(came).build()
        : toProto(result);
  }

  ClientReadResponse.Builder withoutSession(ReadResult result) {
    var message = ClientReadResponse.newBuilder();
    var answer = new Values(result.dependencies());
    result.values().forEach(value -> message.addResults(answer.toProto(value)));
    result.moment().ifPresent(moment -> message.setMoment(moments.encode(moment)));
    return message;
  }
}
