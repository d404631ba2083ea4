package dev.tidings.replica.grpc;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Bytes;
import dev.tidings.causal.Session;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.Moment;
import dev.tidings.replica.Replica;
import dev.tidings.replica.SizeLimitException;
import dev.tidings.replica.WatchFilter;
import dev.tidings.replica.WatchFilter.Keys;
import dev.tidings.replica.WatchFilter.Selector;
import dev.tidings.replica.WatchRequest;
import dev.tidings.replica.WatchedWrite;
import dev.tidings.replica.Watches;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.KeyType;
import dev.tidings.v1.WatchRange;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import dev.tidings.v1.WatchedMutation;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.Arrays;
import java.util.Optional;

/** The streams of watches. */
final class WatchGrpc {
  /** Each is looked at for each write. */
  private static final int MAX_SELECTORS = 1_000;

  private final Replica replica;
  private final TokenCodec tokens;
  private final MomentCodec moments;

  WatchGrpc(Replica replica) {
    this.replica = replica;
    this.tokens = new TokenCodec(replica.identity());
    this.moments = new MomentCodec(replica.identity());
  }

  void watch(dev.tidings.v1.WatchRequest request, StreamObserver<WatchResponse> responses) {
    var call = (ServerCallStreamObserver<WatchResponse>) responses;
    Watches.Watch watch;
    try {
      watch = replica.watch(fromProto(request), new Outgoing(call, request.getWithDependencies()));
    } catch (RuntimeException e) {
      call.onError(StatusMapper.toStatus(e));
      return;
    }
    call.setOnReadyHandler(watch::ready);
    call.setOnCancelHandler(watch::cancel);
  }

  private WatchRequest fromProto(dev.tidings.v1.WatchRequest request) {
    if (request.getSelectorsCount() == 0) {
      throw new InvalidRequestException("a watch has at least one selector");
    }
    if (request.getSelectorsCount() > MAX_SELECTORS) {
      throw new SizeLimitException(
          "the watch", request.getSelectorsCount(), MAX_SELECTORS, "selectors");
    }
    return new WatchRequest(
        request.hasSession() ? Optional.of(tokens.decode(request.getSession())) : Optional.empty(),
        new WatchFilter(request.getSelectorsList().stream().map(this::fromProto).toList()),
        request.hasAfter()
            ? Optional.of(moments.decode(request.getAfter()).positions())
            : Optional.empty());
  }

  private Selector fromProto(WatchSelector selector) {
    return new Selector(type(selector.getType()), keys(selector));
  }

  private static Optional<WatchFilter.Type> type(KeyType type) {
    return switch (type) {
      case KEY_TYPE_UNSPECIFIED -> Optional.empty();
      case KEY_TYPE_REGISTER -> Optional.of(WatchFilter.Type.REGISTER);
      case KEY_TYPE_FEED -> Optional.of(WatchFilter.Type.FEED);
      case KEY_TYPE_MULTI -> Optional.of(WatchFilter.Type.MULTI);
      case KEY_TYPE_COUNTER -> Optional.of(WatchFilter.Type.COUNTER);
      case KEY_TYPE_SET -> Optional.of(WatchFilter.Type.SET);
      case KEY_TYPE_MAP -> Optional.of(WatchFilter.Type.MAP);
      case UNRECOGNIZED ->
          throw new InvalidRequestException("a selector's type of key is not known here");
    };
  }

  private Keys keys(WatchSelector selector) {
    return switch (selector.getKeysCase()) {
      case KEY -> new Keys.One(key(selector.getKey()));
      case PREFIX -> new Keys.Prefix(key(selector.getPrefix()));
      case RANGE -> range(selector.getRange());
      case ALL -> {
        if (!selector.getAll()) {
          throw new InvalidRequestException("all is true, or absent");
        }
        yield new Keys.All();
      }
      case KEYS_NOT_SET ->
          throw new InvalidRequestException("a selector has a key, a prefix, a range, or all");
    };
  }

  private Keys range(WatchRange range) {
    if (!range.getFrom().isEmpty()) {
      replica.limits().checkKey(range.getFrom().size());
    }
    Bytes from = Wire.fromProto(range.getFrom());
    if (range.getTo().isEmpty()) {
      return new Keys.Range(from, Optional.empty());
    }
    Bytes to = key(range.getTo());
    if (Arrays.compareUnsigned(from.array(), to.array()) >= 0) {
      throw new InvalidRequestException("a range's from is below its to");
    }
    return new Keys.Range(from, Optional.of(to));
  }

  private Bytes key(ByteString key) {
    replica.limits().checkKey(key.size());
    return Wire.fromProto(key);
  }

  /** A watch on its way to a client. */
  private final class Outgoing implements Watches.Sink {
    private final ServerCallStreamObserver<WatchResponse> call;
    private final boolean withDependencies;

    Outgoing(ServerCallStreamObserver<WatchResponse> call, boolean withDependencies) {
      this.call = call;
      this.withDependencies = withDependencies;
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void write(WatchedWrite told, Optional<Session> session, PositionSet moment) {
      var message = WatchResponse.newBuilder().setMoment(moments.encode(Moment.of(moment)));
      session.ifPresent(it -> message.setSession(tokens.encode(it)));
      var write = message.getWriteBuilder();
      write
          .getWrittenByBuilder()
          .setVersion(Wire.toProto(told.write().version()))
          .setPosition(Wire.toProto(told.write().position()));
      if (withDependencies) {
        write.getWrittenByBuilder().setDependencies(Wire.toProto(told.write().dependencies()));
      }
      for (WatchedWrite.Watched watched : told.mutations()) {
        write.addMutations(
            WatchedMutation.newBuilder()
                .setMutation(Wire.toProto(watched.mutation()))
                .setReplaced(watched.replaced()));
      }
      call.onNext(message.build());
    }

    @Override
    public void moment(PositionSet moment) {
      call.onNext(WatchResponse.newBuilder().setMoment(moments.encode(Moment.of(moment))).build());
    }

    @Override
    public void refuse(RuntimeException reason) {
      call.onError(StatusMapper.toStatus(reason));
    }
  }
}
