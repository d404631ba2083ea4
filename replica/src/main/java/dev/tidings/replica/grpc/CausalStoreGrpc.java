package dev.tidings.replica.grpc;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.Limits;
import dev.tidings.replica.ReadRequest;
import dev.tidings.replica.ReadResult;
import dev.tidings.replica.Replica;
import dev.tidings.replica.WriteRequest;
import dev.tidings.replica.WriteResult;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.Stored;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.FeedEntry;
import dev.tidings.v1.FeedPage;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WriteInfo;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** What clients ask. */
public final class CausalStoreGrpc extends CausalStoreServiceGrpc.CausalStoreServiceImplBase {
  /** Entries of one page at most. */
  private static final int MAX_PAGE = 1_000;

  private static final Duration ACKS_WAIT = Duration.ofSeconds(5);
  private static final int MAX_ACKS_WAIT_MILLIS = 60_000;

  private final Replica replica;
  private final TokenCodec tokens;
  private final WatchGrpc watches;

  public CausalStoreGrpc(Replica replica) {
    this.replica = replica;
    this.tokens = new TokenCodec(replica.identity());
    this.watches = new WatchGrpc(replica, tokens);
  }

  @Override
  public void clientWrite(
      ClientWriteRequest request, StreamObserver<ClientWriteResponse> responses) {
    var call = new Call<WriteResult, ClientWriteResponse>(responses, this::toProto);
    call.run(() -> replica.write(fromProto(request), call));
  }

  @Override
  public void clientRead(ClientReadRequest request, StreamObserver<ClientReadResponse> responses) {
    var call = new Call<ReadResult, ClientReadResponse>(responses, this::toProto);
    call.run(() -> replica.read(fromProto(request), call));
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> responses) {
    watches.watch(request, responses);
  }

  private WriteRequest fromProto(ClientWriteRequest request) {
    var write =
        new WriteRequest(
            tokens.decode(request.getSession()),
            request.hasRequestId() ? Wire.fromProto(request.getRequestId()) : Optional.empty(),
            Wire.fromProto(request.getMutationsList()),
            acks(request.getAcks()),
            acksWait(request.getAcksWaitMillis()));
    for (Mutation mutation : write.mutations()) {
      if (mutation instanceof Mutation.SetMember) {
        throw new InvalidRequestException(
            "members are changed by AdminService, not by a client's write");
      }
    }
    replica.limits().check(write.mutations());
    return write;
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

  private ClientWriteResponse toProto(WriteResult result) {
    return ClientWriteResponse.newBuilder()
        .setSession(tokens.encode(result.session()))
        .setPosition(Wire.toProto(result.position()))
        .setVersion(Wire.toProto(result.version()))
        .setDurableOn(result.durableOn())
        .build();
  }

  private ReadRequest fromProto(ClientReadRequest request) {
    if (request.getItemsCount() == 0) {
      throw new InvalidRequestException("a read has at least one item");
    }
    Limits.checkCount("the read", request.getItemsCount(), "items");
    List<ReadRequest.Item> items = request.getItemsList().stream().map(this::fromProto).toList();
    return new ReadRequest(
        tokens.decode(request.getSession()), items, request.getWithDependencies());
  }

  private ReadRequest.Item fromProto(ReadItem item) {
    return switch (item.getKindCase()) {
      case KEY -> {
        replica.limits().checkKey(item.getKey().size());
        yield new ReadRequest.Item.Register(Wire.fromProto(item.getKey()));
      }
      case FEED -> {
        replica.limits().checkKey(item.getFeed().getFeed().size());
        Bytes after = Wire.fromProto(item.getFeed().getAfter());
        if (!ReadView.isCursor(after)) {
          throw new InvalidRequestException("after is the next of an earlier page, or empty");
        }
        int limit = item.getFeed().getLimit();
        yield new ReadRequest.Item.Feed(
            Wire.fromProto(item.getFeed().getFeed()),
            after,
            limit < 1 || limit > MAX_PAGE ? MAX_PAGE : limit);
      }
      case KIND_NOT_SET -> throw new InvalidRequestException("a read item is a key or a feed");
    };
  }

  private ClientReadResponse toProto(ReadResult result) {
    var message = ClientReadResponse.newBuilder().setSession(tokens.encode(result.session()));
    for (ReadResult.Value value : result.values()) {
      if (value instanceof ReadResult.Value.Register register) {
        message.addResultsBuilder().setRegister(toProto(register, result.dependencies()));
      } else if (value instanceof ReadResult.Value.Feed feed) {
        message.addResultsBuilder().setFeed(toProto(feed.slice(), result.dependencies()));
      } else {
        throw new AssertionError(value);
      }
    }
    return message.build();
  }

  private static Register toProto(
      ReadResult.Value.Register register, Map<Position, PositionSet> dependencies) {
    var message = Register.newBuilder().setNeverWritten(register.neverWritten());
    register
        .stored()
        .ifPresent(
            it -> {
              it.value().ifPresent(value -> message.setValue(Wire.toProto(value)));
              message.setWrittenBy(writtenBy(it, dependencies));
            });
    return message.build();
  }

  private static FeedPage toProto(
      ReadView.FeedSlice slice, Map<Position, PositionSet> dependencies) {
    var message = FeedPage.newBuilder().setNext(Wire.toProto(slice.next()));
    for (Stored entry : slice.entries()) {
      var value = FeedEntry.newBuilder().setWrittenBy(writtenBy(entry, dependencies));
      entry.value().ifPresent(bytes -> value.setValue(Wire.toProto(bytes)));
      message.addEntries(value);
    }
    return message.build();
  }

  private static WriteInfo writtenBy(Stored stored, Map<Position, PositionSet> dependencies) {
    var message =
        WriteInfo.newBuilder()
            .setVersion(Wire.toProto(stored.version()))
            .setPosition(Wire.toProto(stored.position()));
    PositionSet known = dependencies.get(stored.position());
    if (known != null) {
      message.setDependencies(Wire.toProto(known));
    }
    return message.build();
  }
}
