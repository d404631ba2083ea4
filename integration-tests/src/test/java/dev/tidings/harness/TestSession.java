package dev.tidings.harness;

import com.google.protobuf.ByteString;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.Append;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Delete;
import dev.tidings.v1.FeedRange;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.Position;
import dev.tidings.v1.PositionSet;
import dev.tidings.v1.Put;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import io.grpc.Context;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;

/**
 * A client as the .proto files have it: it passes the session on from answer to request, and
 * nothing else.
 */
public final class TestSession {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Cluster cluster;
  private int replica;
  private SessionState state = SessionState.getDefaultInstance();
  private ByteString id;
  private long requests;

  TestSession(Cluster cluster, int replica) {
    this.cluster = cluster;
    this.replica = replica;
    this.id = ByteString.copyFromUtf8("%016d".formatted(cluster.nextSession()));
  }

  public int replica() {
    return replica;
  }

  /** Goes on under a new id, since a request was given up. */
  public void renew() {
    id = ByteString.copyFromUtf8("%016d".formatted(cluster.nextSession()));
    requests = 0;
  }

  /** Goes on at another replica. */
  public TestSession moveTo(int id) {
    replica = id;
    return this;
  }

  /** As Alice's wait: the session's clock moves on. */
  public TestSession advanceClock(long ticks) {
    state = state.toBuilder().setClock(state.getClock() + ticks).build();
    return this;
  }

  public SessionState state() {
    return state;
  }

  public void setState(SessionState state) {
    this.state = state;
  }

  public static Mutation put(String key, String value) {
    return Mutation.newBuilder()
        .setPut(Put.newBuilder().setKey(utf8(key)).setValue(utf8(value)))
        .build();
  }

  public static Mutation delete(String key) {
    return Mutation.newBuilder().setDelete(Delete.newBuilder().setKey(utf8(key))).build();
  }

  public static Mutation append(String feed, String value) {
    return Mutation.newBuilder()
        .setAppend(Append.newBuilder().setFeed(utf8(feed)).setValue(utf8(value)))
        .build();
  }

  public static Mutation increment(String counter, long by) {
    var mutation = Mutation.newBuilder();
    mutation.getIncrementBuilder().setCounter(utf8(counter)).setBy(by);
    return mutation.build();
  }

  public static Mutation add(String set, String element) {
    var mutation = Mutation.newBuilder();
    mutation.getAddBuilder().setSet(utf8(set)).addElements(utf8(element));
    return mutation.build();
  }

  public static Mutation putMulti(String key, String value) {
    var mutation = Mutation.newBuilder();
    mutation.getMultiPutBuilder().setKey(utf8(key)).setValue(utf8(value));
    return mutation.build();
  }

  public static Mutation deleteMulti(String key) {
    var mutation = Mutation.newBuilder();
    mutation.getMultiPutBuilder().setKey(utf8(key));
    return mutation.build();
  }

  public static Mutation deleteCounter(String counter) {
    var mutation = Mutation.newBuilder();
    mutation.getDeleteCounterBuilder().setCounter(utf8(counter));
    return mutation.build();
  }

  public static Mutation remove(String set, String element) {
    var mutation = Mutation.newBuilder();
    mutation.getRemoveBuilder().setSet(utf8(set)).addElements(utf8(element));
    return mutation.build();
  }

  public static Mutation removeAll(String set) {
    var mutation = Mutation.newBuilder();
    mutation.getRemoveBuilder().setSet(utf8(set)).setAll(true);
    return mutation.build();
  }

  public static Mutation inMap(String map, Mutation change) {
    var mutation = Mutation.newBuilder();
    mutation.getInMapBuilder().setMap(utf8(map)).setChange(change);
    return mutation.build();
  }

  public static Mutation deleteMap(String map) {
    var mutation = Mutation.newBuilder();
    mutation.getDeleteMapBuilder().setMap(utf8(map));
    return mutation.build();
  }

  private static ByteString utf8(String text) {
    return ByteString.copyFromUtf8(text);
  }

  public ClientWriteResponse write(Mutation... mutations) {
    Reply<ClientWriteResponse> reply = send(mutations);
    ClientWriteResponse response = reply.within(cluster.time(), PATIENCE);
    state = response.getSession();
    return response;
  }

  /** Sends a write with the session's next request id, without waiting for the answer. */
  public Reply<ClientWriteResponse> sendNext(Mutation... mutations) {
    return sendNext(1, List.of(mutations));
  }

  /**
   * Sends a write with the session's next request id, without waiting for the answer.
   *
   * @param acks on how many replicas it has to be durable
   */
  public Reply<ClientWriteResponse> sendNext(int acks, List<Mutation> mutations) {
    requests++;
    return repeat(acks, mutations);
  }

  /** Sends it again. */
  public Reply<ClientWriteResponse> repeat(Mutation... mutations) {
    return repeat(1, List.of(mutations));
  }

  /** Sends it again. */
  public Reply<ClientWriteResponse> repeat(int acks, List<Mutation> mutations) {
    return repeat(acks, mutations, false);
  }

  /**
   * Sends it again.
   *
   * @param retried another replica may have accepted it
   */
  public Reply<ClientWriteResponse> repeat(int acks, List<Mutation> mutations, boolean retried) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientWrite(
            ClientWriteRequest.newBuilder()
                .setSession(state)
                .setRequestId(
                    RequestId.newBuilder().setSession(id).setNumber(requests).setRetried(retried))
                .setAcks(acks)
                .addAllMutations(mutations)
                .build(),
            reply);
    return reply;
  }

  /** Sends a write without waiting for the answer. */
  public Reply<ClientWriteResponse> send(Mutation... mutations) {
    var reply = new Reply<ClientWriteResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientWrite(
            ClientWriteRequest.newBuilder()
                .setSession(state)
                .addAllMutations(Arrays.asList(mutations))
                .build(),
            reply);
    return reply;
  }

  /** Sends a write, and cancels the call once the replica has it. */
  public void sendAndLeave(Mutation... mutations) {
    Context.CancellableContext context = Context.current().withCancellation();
    context.run(() -> send(mutations));
    cluster.time().settle();
    context.cancel(null);
  }

  public ClientReadResponse read(ReadItem... items) {
    ClientReadResponse response = request(items).within(cluster.time(), PATIENCE);
    state = response.getSession();
    return response;
  }

  /** Sends a read without waiting for the answer. */
  public Reply<ClientReadResponse> request(ReadItem... items) {
    var reply = new Reply<ClientReadResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientRead(
            ClientReadRequest.newBuilder()
                .setSession(state)
                .addAllItems(Arrays.asList(items))
                .setWithDependencies(true)
                .build(),
            reply);
    return reply;
  }

  public static ReadItem key(String key) {
    return ReadItem.newBuilder().setKey(utf8(key)).build();
  }

  public static ReadItem feed(String name) {
    return ReadItem.newBuilder().setFeed(FeedRange.newBuilder().setFeed(utf8(name))).build();
  }

  public static ReadItem counter(String name) {
    return ReadItem.newBuilder().setCounter(utf8(name)).build();
  }

  public static ReadItem set(String name) {
    var item = ReadItem.newBuilder();
    item.getSetBuilder().setSet(utf8(name));
    return item.build();
  }

  public static ReadItem multi(String key) {
    return ReadItem.newBuilder().setMulti(utf8(key)).build();
  }

  public static ReadItem inMap(String map, ReadItem field) {
    var item = ReadItem.newBuilder();
    item.getInMapBuilder().setMap(utf8(map)).setItem(field);
    return item.build();
  }

  public Register register(String key) {
    return read(key(key)).getResults(0).getRegister();
  }

  public Optional<String> get(String key) {
    Register register = register(key);
    return register.hasValue() ? Optional.of(register.getValue().toStringUtf8()) : Optional.empty();
  }

  /** The feed's entries in order. */
  public List<String> entries(String feed) {
    return read(feed(feed)).getResults(0).getFeed().getEntriesList().stream()
        .map(entry -> entry.getValue().toStringUtf8())
        .toList();
  }

  /** A set of one position. */
  public static PositionSet only(Position position) {
    return Wire.toProto(dev.tidings.clock.PositionSet.of(Wire.fromProto(position)));
  }
}
