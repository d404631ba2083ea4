package dev.tidings.client;

import com.google.protobuf.ByteString;
import dev.tidings.clock.LamportClock;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * One thread of reads and writes. What it has read or written, its next request depends on, at
 * whichever replica that is: so it reads its own writes, never goes back in time, and whoever sees
 * what it writes can see what it had seen. Requests block, and throw {@link TidingsException}. A
 * session is used by one thread at a time.
 */
public final class Session {
  private static final SecureRandom RANDOM = new SecureRandom();
  private static final int ID_BYTES = 16;
  private static final Durability HERE = new Durability(1, Duration.ofSeconds(1));

  private final Tidings tidings;
  private final ByteString id;
  private String replica;
  private ByteString token;
  private long clock;
  private long writes;
  private @Nullable Recording recording;

  /**
   * Tokens of what watches have told since the last answer, by watch: the next request has them.
   */
  private final Map<Object, ByteString> told = new LinkedHashMap<>();

  /** Where this session is recorded, and under which name. */
  private record Recording(Recorder recorder, String name) {}

  Session(Tidings tidings, SavedSession saved) {
    this.tidings = tidings;
    this.replica = saved.replica();
    this.token = saved.token().toByteString();
    this.clock = saved.clock();
    saved.told().forEach(each -> told.put(each, each.toByteString()));
    byte[] drawn = new byte[ID_BYTES];
    RANDOM.nextBytes(drawn);
    this.id = ByteString.copyFrom(drawn);
  }

  /**
   * Has everything that this session reads and writes from now on recorded.
   *
   * @param name the session's in the history; no two of a history have the same
   */
  public void recordTo(Recorder recorder, String name) {
    recording = new Recording(recorder, name);
  }

  /** HOST:PORT of the replica that the next request goes to. */
  public String replica() {
    return replica;
  }

  /** The session's Lamport time, ticks; 0 for a new one. */
  public long clock() {
    return clock;
  }

  /** Sends what follows to another replica; it answers once it shows what this session has seen. */
  public void moveTo(String address) {
    Addresses.check(address);
    replica = address;
  }

  /**
   * Lets the session's logical time pass, as if that many events of its own had happened.
   *
   * @throws IllegalArgumentException if it is negative, or the clock would pass 2^62
   */
  public void advanceClock(long ticks) {
    if (ticks < 0 || ticks > LamportClock.MAX_TICKS - clock) {
      throw new IllegalArgumentException(
          "a clock at %d cannot move on by %d ticks".formatted(clock, ticks));
    }
    clock += ticks;
  }

  public WriteInfo put(Bytes key, Bytes value) {
    return write(List.of(new Mutation.Put(key, value)));
  }

  public WriteInfo delete(Bytes key) {
    return write(List.of(new Mutation.Delete(key)));
  }

  public WriteInfo append(Bytes feed, Bytes value) {
    return write(List.of(new Mutation.Append(feed, value)));
  }

  /**
   * Writes several mutations, which become visible together everywhere. The answer comes when they
   * are durable at the replica.
   *
   * @param mutations one or more, at most one for each key
   * @throws TidingsException see {@link TidingsException#outcomeUnknown()}
   */
  public WriteInfo write(List<Mutation> mutations) {
    return write(mutations, HERE).write();
  }

  /** As {@link #write(List)}, but answered when it is durable on more replicas than this one. */
  public DurableWrite write(List<Mutation> mutations, Durability durability) {
    return recording == null
        ? sendWrite(mutations, durability)
        : recording
            .recorder()
            .write(recording.name(), replica, mutations, () -> sendWrite(mutations, durability));
  }

  private DurableWrite sendWrite(List<Mutation> mutations, Durability durability) {
    writes++;
    ClientWriteResponse response =
        tidings
            .calls(replica)
            .write(
                CausalStoreServiceGrpc.getClientWriteMethod(),
                ClientWriteRequest.newBuilder()
                    .setSession(state())
                    .setRequestId(RequestId.newBuilder().setSession(id).setNumber(writes))
                    .addAllMutations(mutations.stream().map(WireMapper::toProto).toList())
                    .setAcks(durability.replicas())
                    .setAcksWaitMillis((int) durability.patience().toMillis())
                    .build());
    continueFrom(response.getSession());
    var write =
        new WriteInfo(
            WireMapper.version(response.getVersion()),
            WireMapper.position(response.getPosition()),
            null);
    return new DurableWrite(write, response.getDurableOn());
  }

  public Value get(Bytes key) {
    return read(new Query(List.of(key), List.of(), false)).values().get(0);
  }

  /** Reads several keys and feeds from one moment. */
  public Snapshot read(Query query) {
    return recording == null
        ? sendRead(query)
        : recording.recorder().read(recording.name(), replica, query, () -> sendRead(query));
  }

  private Snapshot sendRead(Query query) {
    ClientReadResponse response =
        tidings
            .calls(replica)
            .read(
                CausalStoreServiceGrpc.getClientReadMethod(),
                ClientReadRequest.newBuilder()
                    .setSession(state())
                    .addAllItems(WireMapper.toProto(query))
                    .setWithDependencies(query.withDependencies())
                    .build());
    continueFrom(response.getSession());
    return WireMapper.snapshot(query, response);
  }

  /**
   * A whole feed, in version order, page by page; each page is from its own moment.
   *
   * @param withDependencies as {@link Query#withDependencies()}
   */
  public List<FeedEntry> feed(Bytes feed, boolean withDependencies) {
    var entries = new ArrayList<FeedEntry>();
    var range = Query.FeedRange.first(feed);
    while (true) {
      FeedPage page = read(new Query(List.of(), List.of(range), withDependencies)).feeds().get(0);
      entries.addAll(page.entries());
      if (page.next().size() == 0) {
        return entries;
      }
      range = new Query.FeedRange(feed, 0, page.next());
    }
  }

  /**
   * Writes as they become visible at the session's replica, once that shows what the session has
   * seen. What is told is a dependency of the session's next request, like what it reads. Does not
   * block: the watch begins when it is first asked. It stays at its replica when the session moves.
   */
  public Watch watch(WatchQuery query) {
    return tidings.watch(replica, this, query);
  }

  /** A watch of this session's has told it something. */
  void wasTold(Watch watch, SessionState state) {
    told.put(watch, state.getToken());
    clock = Math.max(clock, state.getClock());
  }

  /** What the session's tokens say; empty for a session that has read and written nothing. */
  public Optional<SessionContents> contents() {
    return Stream.concat(Stream.of(token), told.values().stream())
        .filter(each -> !each.isEmpty())
        .map(WireMapper::sessionContents)
        .reduce(SessionContents::union);
  }

  /** The session as it is now, for {@link Tidings#session(SavedSession)}. */
  public SavedSession save() {
    return new SavedSession(
        replica, new Bytes(token), clock, told.values().stream().map(Bytes::new).toList());
  }

  SessionState state() {
    return SessionState.newBuilder()
        .setToken(token)
        .setClock(clock)
        .addAllAlso(told.values())
        .build();
  }

  private void continueFrom(SessionState state) {
    token = state.getToken();
    // It has taken them in.
    told.clear();
    clock = Math.max(clock, state.getClock());
  }
}
