package dev.tidings.harness;

import com.google.protobuf.ByteString;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.KeyType;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import dev.tidings.v1.WatchedWrite;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** A watch as the .proto files have it, on virtual time. */
public final class TestWatch implements ClientResponseObserver<WatchRequest, WatchResponse> {
  public static final WatchSelector EVERYTHING = WatchSelector.newBuilder().setAll(true).build();

  private final Reply<WatchResponse> reply = new Reply<>();
  private final boolean slow;
  private @Nullable ClientCallStreamObserver<WatchRequest> call;

  private TestWatch(boolean slow) {
    this.slow = slow;
  }

  /** A watch whose client takes all that comes. */
  public static TestWatch of(Cluster cluster, int replica, WatchRequest request) {
    return begin(new TestWatch(false), cluster, replica, request);
  }

  /** A watch of everything, from now on. */
  public static TestWatch ofEverything(Cluster cluster, int replica) {
    return of(cluster, replica, request(EVERYTHING).build());
  }

  /** A watch of everything, after a moment. */
  public static TestWatch ofEverything(Cluster cluster, int replica, ByteString after) {
    return of(cluster, replica, request(EVERYTHING).setAfter(after).build());
  }

  /** A watch whose client takes only what it asks for, by {@link #take}. */
  public static TestWatch slow(Cluster cluster, int replica, WatchRequest request) {
    return begin(new TestWatch(true), cluster, replica, request);
  }

  private static TestWatch begin(
      TestWatch watch, Cluster cluster, int replica, WatchRequest request) {
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica)).watch(request, watch);
    cluster.time().settle();
    return watch;
  }

  public static WatchRequest.Builder request(WatchSelector... selectors) {
    return WatchRequest.newBuilder().addAllSelectors(List.of(selectors)).setWithDependencies(true);
  }

  public static WatchSelector key(String key) {
    return WatchSelector.newBuilder()
        .setType(KeyType.KEY_TYPE_REGISTER)
        .setKey(ByteString.copyFromUtf8(key))
        .build();
  }

  public static WatchSelector feed(String name) {
    return WatchSelector.newBuilder()
        .setType(KeyType.KEY_TYPE_FEED)
        .setKey(ByteString.copyFromUtf8(name))
        .build();
  }

  /** Keys of either type. */
  public static WatchSelector prefix(String prefix) {
    return WatchSelector.newBuilder().setPrefix(ByteString.copyFromUtf8(prefix)).build();
  }

  /** Keys of either type; an end may be empty. */
  public static WatchSelector range(String from, String to) {
    var selector = WatchSelector.newBuilder();
    selector
        .getRangeBuilder()
        .setFrom(ByteString.copyFromUtf8(from))
        .setTo(ByteString.copyFromUtf8(to));
    return selector.build();
  }

  @Override
  public void beforeStart(ClientCallStreamObserver<WatchRequest> requests) {
    call = requests;
    if (slow) {
      requests.disableAutoRequestWithInitial(0);
    }
  }

  @Override
  public void onNext(WatchResponse message) {
    reply.onNext(message);
  }

  @Override
  public void onError(Throwable failure) {
    reply.onError(failure);
  }

  @Override
  public void onCompleted() {
    reply.onCompleted();
  }

  /** Takes so many messages more. */
  public void take(int messages) {
    call().request(messages);
  }

  /** Leaves. */
  public void leave() {
    call().cancel("left", null);
  }

  private ClientCallStreamObserver<WatchRequest> call() {
    return Objects.requireNonNull(call);
  }

  public Reply<WatchResponse> reply() {
    return reply;
  }

  public boolean hasBegun() {
    return !reply.messages().isEmpty();
  }

  /** The last moment that it was told. */
  public ByteString moment() {
    return last().getMoment();
  }

  /** What a session is after all that it was told. */
  public SessionState session() {
    return reply.messages().stream()
        .filter(WatchResponse::hasWrite)
        .reduce((earlier, later) -> later)
        .orElseThrow()
        .getSession();
  }

  private WatchResponse last() {
    List<WatchResponse> all = reply.messages();
    return all.get(all.size() - 1);
  }

  public List<WatchedWrite> writes() {
    return reply.messages().stream()
        .filter(WatchResponse::hasWrite)
        .map(WatchResponse::getWrite)
        .toList();
  }

  /** The writes in short: {@code k=v}, {@code -k} and {@code f+v}; those of one write together. */
  public List<String> words() {
    return writes().stream()
        .map(
            write ->
                String.join(
                    " ",
                    write.getMutationsList().stream()
                        .map(watched -> word(watched.getMutation()))
                        .toList()))
        .toList();
  }

  /** A mutation in short. */
  public static String word(dev.tidings.v1.Mutation mutation) {
    return switch (mutation.getKindCase()) {
      case PUT ->
          mutation.getPut().getKey().toStringUtf8()
              + "="
              + mutation.getPut().getValue().toStringUtf8();
      case DELETE -> "-" + mutation.getDelete().getKey().toStringUtf8();
      case APPEND ->
          mutation.getAppend().getFeed().toStringUtf8()
              + "+"
              + mutation.getAppend().getValue().toStringUtf8();
      default -> throw new AssertionError(mutation);
    };
  }
}
