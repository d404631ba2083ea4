package dev.tidings.client;

import com.google.protobuf.ByteString;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tidings.v1.AddMemberRequest;
import dev.tidings.v1.AddMemberResponse;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Condition;
import dev.tidings.v1.Consistency;
import dev.tidings.v1.Counter;
import dev.tidings.v1.FeedEntry;
import dev.tidings.v1.FeedPage;
import dev.tidings.v1.FeedRange;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.KeyRange;
import dev.tidings.v1.KeyType;
import dev.tidings.v1.KeyValue;
import dev.tidings.v1.ListMembersRequest;
import dev.tidings.v1.ListMembersResponse;
import dev.tidings.v1.LogLevel;
import dev.tidings.v1.MapField;
import dev.tidings.v1.MapPage;
import dev.tidings.v1.MapRange;
import dev.tidings.v1.MemberStatus;
import dev.tidings.v1.MultiValue;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.Origin;
import dev.tidings.v1.PeerStatus;
import dev.tidings.v1.PipelineAnswer;
import dev.tidings.v1.PipelineCall;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import dev.tidings.v1.Position;
import dev.tidings.v1.PositionSet;
import dev.tidings.v1.RangePage;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.RemoveMemberRequest;
import dev.tidings.v1.RemoveMemberResponse;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SessionToken;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SetLinkResponse;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import dev.tidings.v1.SetPage;
import dev.tidings.v1.SetRange;
import dev.tidings.v1.SimulatedLink;
import dev.tidings.v1.StalledWrite;
import dev.tidings.v1.Version;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import dev.tidings.v1.WatchedMutation;
import dev.tidings.v1.WatchedWrite;
import dev.tidings.v1.Write;
import dev.tidings.v1.WriteInfo;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.nio.ByteBuffer;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.Deque;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import java.util.zip.CRC32C;
import org.jspecify.annotations.Nullable;

/**
 * A replica in memory that says what the protos say: opaque tokens with a checksum, exact
 * dependencies, feeds in version order. Writes of others come only by {@link #receiveFrom}.
 * Positions are single ones, never ranges. Sets and counters are what their changes make of them
 * one after the other in version order, which is not what concurrent ones come to.
 */
public final class FakeReplica {
  private static final String CLUSTER = "fake";

  private final Origin origin;
  private final String address;
  private final Map<Integer, PeerStatus.Builder> peers = new TreeMap<>();
  private final List<Write> visible = new ArrayList<>();
  private final List<Write> stalled = new ArrayList<>();
  private final Deque<StatusRuntimeException> refusals = new ArrayDeque<>();
  private final List<ClientWriteRequest> writeRequests = new ArrayList<>();
  private final Map<String, LogLevel> logLevels = new TreeMap<>();
  private final Set<Integer> removed = new TreeSet<>();
  private final List<WatchRequest> watchRequests = new ArrayList<>();
  private @Nullable StatusRuntimeException endsGreetedWatches;
  private final List<Watching> watches = new ArrayList<>();
  private long lamportTime;
  private int reads;
  private Runnable beforeRead = () -> {};
  private int pageSize = 1000;
  private int durableOn = 1;

  FakeReplica(int id, String address) {
    this.origin = Origin.newBuilder().setReplicaId(id).setIncarnation(100 + id).build();
    this.address = address;
  }

  void addPeer(FakeReplica peer) {
    peers.put(
        peer.origin.getReplicaId(),
        PeerStatus.newBuilder()
            .setReplicaId(peer.origin.getReplicaId())
            .setPeerAddress("peer:1")
            .setClientAddress(peer.address)
            .setConnected(true)
            .setLink(SimulatedLink.getDefaultInstance()));
  }

  public String address() {
    return address;
  }

  /** Answers the next request, of whatever kind, with this. */
  public synchronized void refuse(StatusRuntimeException refusal) {
    refusals.add(refusal);
  }

  /** Calls back before each read, which is how a test makes time pass. */
  public synchronized void beforeRead(Runnable action) {
    beforeRead = action;
  }

  /** What writes are answered of how many replicas hold them. */
  public synchronized void setDurableOn(int replicas) {
    durableOn = replicas;
  }

  synchronized void setPageSize(int entries) {
    pageSize = entries;
  }

  public synchronized int reads() {
    return reads;
  }

  /** How many were accepted here. */
  public synchronized long writes() {
    return frontier().stream().filter(position -> position.getOrigin().equals(origin)).count();
  }

  synchronized List<ClientWriteRequest> writeRequests() {
    return List.copyOf(writeRequests);
  }

  public synchronized SimulatedLink linkTo(int id) {
    return peer(id).getLink();
  }

  /**
   * Replicates what the other one wrote itself; what depends on more than is visible here is
   * stalled.
   */
  public void receiveFrom(FakeReplica other) {
    List<Write> writes;
    synchronized (other) {
      writes =
          other.visible.stream()
              .filter(write -> write.getPosition().getOrigin().equals(other.origin))
              .toList();
    }
    synchronized (this) {
      for (Write write : writes) {
        if (!visible.contains(write) && !stalled.contains(write)) {
          stalled.add(write);
          lamportTime = Math.max(lamportTime, write.getVersion().getLamportTime()) + 1;
        }
      }
      while (stalled.stream().anyMatch(this::isReady)) {
        Write next = stalled.stream().filter(this::isReady).findFirst().orElseThrow();
        stalled.remove(next);
        visible.add(next);
      }
      tell();
    }
  }

  private PeerStatus.Builder peer(int id) {
    return Objects.requireNonNull(peers.get(id));
  }

  private boolean isReady(Write write) {
    return frontier().containsAll(positions(write.getDependencies()));
  }

  private Set<Position> frontier() {
    var positions = new HashSet<Position>();
    visible.forEach(write -> positions.add(write.getPosition()));
    return positions;
  }

  /** A refusal as replicas send it. */
  public static StatusRuntimeException refusal(
      Code code, String reason, String message, int retryMillis) {
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(message)
            .addDetails(
                com.google.protobuf.Any.pack(
                    ErrorInfo.newBuilder().setDomain("tidings.dev").setReason(reason).build()));
    if (retryMillis > 0) {
      status.addDetails(
          com.google.protobuf.Any.pack(
              RetryInfo.newBuilder()
                  .setRetryDelay(
                      com.google.protobuf.Duration.newBuilder().setNanos(retryMillis * 1_000_000))
                  .build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }

  /** Ends all watches that are under way. */
  public synchronized void endWatches(StatusRuntimeException status) {
    List.copyOf(watches).forEach(watch -> watch.calls.onError(status));
    watches.clear();
  }

  /** The watches that it was asked for. */
  synchronized List<WatchRequest> watchRequests() {
    return List.copyOf(watchRequests);
  }

  synchronized int openWatches() {
    return (int) watches.stream().filter(watch -> !watch.calls.isCancelled()).count();
  }

  private record Watching(
      WatchRequest request, ServerCallStreamObserver<WatchResponse> calls, Set<Position> seen) {}

  private synchronized void watch(
      WatchRequest request, ServerCallStreamObserver<WatchResponse> calls) {
    watchRequests.add(request);
    calls.setOnCancelHandler(() -> {});
    try {
      throwRefusal();
      var watch =
          new Watching(
              request,
              calls,
              request.hasAfter()
                  ? positions(PositionSet.parseFrom(request.getAfter()))
                  : frontier());
      if (!request.hasAfter()) {
        decode(request.getSession());
      }
      calls.onNext(WatchResponse.newBuilder().setMoment(moment(watch)).build());
      if (endsGreetedWatches != null) {
        calls.onError(endsGreetedWatches);
        return;
      }
      watches.add(watch);
      tell();
    } catch (StatusRuntimeException e) {
      calls.onError(e);
    } catch (InvalidProtocolBufferException e) {
      calls.onError(refusal(Code.INVALID_ARGUMENT, "MOMENT_INVALID", "damaged", 0));
    }
  }

  /** From now on every watch ends so, after its first message. */
  synchronized void endGreetedWatches(StatusRuntimeException e) {
    endsGreetedWatches = e;
  }

  private static ByteString moment(Watching watch) {
    return set(watch.seen).toByteString();
  }

  private void tell() {
    for (Watching watch : watches) {
      for (Write write : inVersionOrder()) {
        if (!watch.seen.add(write.getPosition())) {
          continue;
        }
        var told = WatchedWrite.newBuilder().setWrittenBy(info(write, false));
        for (Mutation mutation : write.getMutationsList()) {
          if (watch.request.getSelectorsList().stream().anyMatch(it -> matches(it, mutation))) {
            told.addMutations(WatchedMutation.newBuilder().setMutation(mutation));
          }
        }
        if (told.getMutationsCount() > 0) {
          var response = WatchResponse.newBuilder().setWrite(told).setMoment(moment(watch));
          if (watch.request.hasSession()) {
            response.setSession(
                encode(write.getVersion().getLamportTime(), Set.of(write.getPosition())));
          }
          watch.calls.onNext(response.build());
        }
      }
    }
  }

  /** Of prefixes and ranges a fake knows nothing. */
  private static boolean matches(WatchSelector selector, Mutation mutation) {
    return selector.getAll()
        || (mutation.hasAppend()
            ? selector.getType() == KeyType.KEY_TYPE_FEED
                && selector.getKey().equals(mutation.getAppend().getFeed())
            : selector.getType() == KeyType.KEY_TYPE_REGISTER
                && selector
                    .getKey()
                    .equals(
                        mutation.hasPut()
                            ? mutation.getPut().getKey()
                            : mutation.getDelete().getKey()));
  }

  private synchronized ClientWriteResponse write(ClientWriteRequest request) {
    writeRequests.add(request);
    throwRefusal();
    SessionToken token = decode(request.getSession());
    request.getConditionsList().forEach(this::check);
    lamportTime = Math.max(lamportTime, token.getClock()) + 1;
    long sequence =
        1 + frontier().stream().filter(position -> position.getOrigin().equals(origin)).count();
    Write write =
        Write.newBuilder()
            .setPosition(Position.newBuilder().setOrigin(origin).setSequence(sequence))
            .setVersion(Version.newBuilder().setOrigin(origin).setLamportTime(lamportTime))
            .setDependencies(token.getDependencies())
            .addAllMutations(request.getMutationsList().stream().map(this::fill).toList())
            .build();
    visible.add(write);
    tell();
    return ClientWriteResponse.newBuilder()
        .setSession(encode(lamportTime, Set.of(write.getPosition())))
        .setPosition(write.getPosition())
        .setVersion(write.getVersion())
        .setDurableOn(durableOn)
        .build();
  }

  /** A moment is what was visible, and is kept for ever. */
  private synchronized ClientReadResponse read(ClientReadRequest request) {
    throwRefusal();
    SessionToken token = decode(request.getSession());
    List<Write> now = List.copyOf(visible);
    try {
      if (!request.getMoment().isEmpty()) {
        Set<Position> then = positions(PositionSet.parseFrom(request.getMoment()));
        visible.removeIf(write -> !then.contains(write.getPosition()));
      }
      ClientReadResponse response = readNow(request, token);
      boolean isMore =
          response.getResultsList().stream()
              .anyMatch(
                  result ->
                      !result.getFeed().getNext().isEmpty()
                          || !result.getSet().getNext().isEmpty()
                          || !result.getRange().getNext().isEmpty()
                          || !result.getMap().getNext().isEmpty());
      boolean isKept =
          switch (request.getKeepMoment()) {
            case MOMENT_KEEPING_ALWAYS -> true;
            case MOMENT_KEEPING_IF_MORE -> isMore;
            default -> !request.getMoment().isEmpty();
          };
      return isKept
          ? response.toBuilder().setMoment(set(frontier()).toByteString()).build()
          : response;
    } catch (InvalidProtocolBufferException e) {
      throw refusal(Code.INVALID_ARGUMENT, "MOMENT_INVALID", "damaged", 0);
    } finally {
      visible.clear();
      visible.addAll(now);
    }
  }

  private ClientReadResponse readNow(ClientReadRequest request, SessionToken token) {
    var dependencies = positions(token.getDependencies());
    var clock = new long[] {token.getClock()};
    var response = ClientReadResponse.newBuilder();
    for (ReadItem item : request.getItemsList()) {
      ReadResult result = result(item, request.getWithDependencies());
      response.addResults(result);
      for (WriteInfo info : infos(result)) {
        dependencies.add(info.getPosition());
        clock[0] = Math.max(clock[0], info.getVersion().getLamportTime());
      }
    }
    return response.setSession(encode(clock[0], dependencies)).build();
  }

  private static List<WriteInfo> infos(ReadResult result) {
    var infos = new ArrayList<WriteInfo>();
    result.getFeed().getEntriesList().forEach(entry -> infos.add(entry.getWrittenBy()));
    if (result.getRegister().hasWrittenBy()) {
      infos.add(result.getRegister().getWrittenBy());
    }
    infos.addAll(result.getMulti().getChangedByList());
    infos.addAll(result.getCounter().getChangedByList());
    infos.addAll(result.getSet().getChangedByList());
    result.getRange().getRegistersList().forEach(each -> infos.add(each.getWrittenBy()));
    result.getMap().getFieldsList().forEach(field -> infos.addAll(infos(field.getValue())));
    return infos;
  }

  private ReadResult result(ReadItem item, boolean withDependencies) {
    var result = ReadResult.newBuilder();
    switch (item.getKindCase()) {
      case RANGE -> result.setRange(range(item.getRange(), withDependencies));
      case MAP -> result.setMap(map(item.getMap(), withDependencies));
      case IN_MAP -> {
        return result(item.getInMap().getMap(), item.getInMap().getItem(), withDependencies);
      }
      default -> {
        return result(ByteString.EMPTY, item, withDependencies);
      }
    }
    return result.build();
  }

  private ReadResult result(ByteString map, ReadItem item, boolean withDependencies) {
    var result = ReadResult.newBuilder();
    switch (item.getKindCase()) {
      case FEED -> result.setFeed(feed(map, item.getFeed(), withDependencies));
      case MULTI -> result.setMulti(multi(map, item.getMulti(), withDependencies));
      case COUNTER -> result.setCounter(counter(map, item.getCounter(), withDependencies));
      case SET -> result.setSet(set(map, item.getSet(), withDependencies));
      default -> result.setRegister(register(map, item.getKey(), withDependencies));
    }
    return result.build();
  }

  /** A change of something in a map, or in none. */
  private record Change(Write write, Mutation mutation) {}

  private List<Change> changes(ByteString map) {
    var changes = new ArrayList<Change>();
    for (Write write : inVersionOrder()) {
      for (Mutation mutation : write.getMutationsList()) {
        if (mutation.hasDeleteMap() && mutation.getDeleteMap().getMap().equals(map)) {
          changes.removeIf(change -> !change.mutation().hasAppend());
        } else if (mutation.hasInMap() && mutation.getInMap().getMap().equals(map)) {
          changes.add(new Change(write, mutation.getInMap().getChange()));
        } else if (!mutation.hasInMap() && map.isEmpty()) {
          changes.add(new Change(write, mutation));
        }
      }
    }
    return changes;
  }

  /** What a multi-value put replaces is what is shown here. */
  private Mutation fill(Mutation mutation) {
    if (mutation.hasInMap()) {
      var inMap = mutation.getInMap();
      Mutation change = fill(inMap.getMap(), inMap.getChange());
      return mutation.toBuilder().setInMap(inMap.toBuilder().setChange(change)).build();
    }
    return fill(ByteString.EMPTY, mutation);
  }

  private Mutation fill(ByteString map, Mutation mutation) {
    if (!mutation.hasMultiPut()) {
      return mutation;
    }
    var put = mutation.getMultiPut().toBuilder();
    multi(map, put.getKey(), false)
        .getValuesList()
        .forEach(value -> put.addReplaces(value.getWrittenBy().getPosition()));
    return mutation.toBuilder().setMultiPut(put).build();
  }

  private void check(Condition condition) {
    Register register = register(condition.getMap(), condition.getKey(), false);
    boolean holds =
        condition.hasVersion()
            ? register.getWrittenBy().getVersion().equals(condition.getVersion())
            : !register.hasValue();
    if (!holds) {
      throw refusal(
          Code.FAILED_PRECONDITION,
          "CONDITION_FAILED",
          condition.getKey().toStringUtf8() + " is something else",
          0);
    }
  }

  private MultiValue multi(ByteString map, ByteString key, boolean withDependencies) {
    var values = MultiValue.newBuilder();
    var replaced = new HashSet<Position>();
    List<Change> changes =
        changes(map).stream()
            .filter(change -> change.mutation().getMultiPut().getKey().equals(key))
            .toList();
    changes.forEach(change -> replaced.addAll(change.mutation().getMultiPut().getReplacesList()));
    for (Change change : changes) {
      WriteInfo info = info(change.write(), withDependencies);
      values.addChangedBy(info);
      if (change.mutation().getMultiPut().hasValue() && !replaced.contains(info.getPosition())) {
        values.addValues(
            FeedEntry.newBuilder()
                .setValue(change.mutation().getMultiPut().getValue())
                .setWrittenBy(info));
      }
    }
    return values.build();
  }

  private Counter counter(ByteString map, ByteString key, boolean withDependencies) {
    var counter = Counter.newBuilder();
    for (Change change : changes(map)) {
      if (change.mutation().getIncrement().getCounter().equals(key)) {
        counter.setValue(counter.getValue() + change.mutation().getIncrement().getBy());
        counter.addChangedBy(info(change.write(), withDependencies));
      } else if (change.mutation().getDeleteCounter().getCounter().equals(key)) {
        counter.setValue(0).addChangedBy(info(change.write(), withDependencies));
      }
    }
    return counter.build();
  }

  private SetPage set(ByteString map, SetRange range, boolean withDependencies) {
    var elements = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
    var page = SetPage.newBuilder();
    for (Change change : changes(map)) {
      Mutation mutation = change.mutation();
      if (mutation.hasAdd() && mutation.getAdd().getSet().equals(range.getSet())) {
        elements.addAll(mutation.getAdd().getElementsList());
        page.addChangedBy(info(change.write(), withDependencies));
      } else if (mutation.hasRemove() && mutation.getRemove().getSet().equals(range.getSet())) {
        elements.removeIf(
            element ->
                mutation.getRemove().getAll()
                    || mutation.getRemove().getElementsList().contains(element));
        page.addChangedBy(info(change.write(), withDependencies));
      }
    }
    for (ByteString element : elements.tailSet(range.getFrom())) {
      if (page.getElementsCount() == most(range.getLimit())) {
        return page.setNext(element).build();
      }
      page.addElements(element);
    }
    return page.build();
  }

  private RangePage range(KeyRange range, boolean withDependencies) {
    var page = RangePage.newBuilder();
    int walked = 0;
    for (ByteString key : names(ByteString.EMPTY, FakeReplica::registerName)) {
      Comparator<ByteString> order = ByteString.unsignedLexicographicalComparator();
      if (order.compare(key, range.getFrom()) < 0
          || (!range.getTo().isEmpty() && order.compare(key, range.getTo()) >= 0)) {
        continue;
      }
      if (walked++ == most(range.getLimit())) {
        return page.setNext(key).build();
      }
      Register register = register(ByteString.EMPTY, key, withDependencies);
      if (register.hasValue()) {
        page.addRegisters(
            KeyValue.newBuilder()
                .setKey(key)
                .setValue(register.getValue())
                .setWrittenBy(register.getWrittenBy()));
      }
    }
    return page.build();
  }

  private MapPage map(MapRange range, boolean withDependencies) {
    ByteString map = range.getMap();
    var fields = new ArrayList<MapField>();
    for (ByteString name : names(map, FakeReplica::registerName)) {
      ReadItem item = ReadItem.newBuilder().setKey(name).build();
      add(fields, name, result(map, item, withDependencies));
    }
    for (ByteString name : names(map, mutation -> mutation.getMultiPut().getKey())) {
      ReadItem item = ReadItem.newBuilder().setMulti(name).build();
      add(fields, name, result(map, item, withDependencies));
    }
    for (ByteString name : names(map, mutation -> mutation.getIncrement().getCounter())) {
      ReadItem item = ReadItem.newBuilder().setCounter(name).build();
      add(fields, name, result(map, item, withDependencies));
    }
    for (ByteString name : names(map, mutation -> mutation.getAdd().getSet())) {
      ReadItem item = ReadItem.newBuilder().setSet(SetRange.newBuilder().setSet(name)).build();
      add(fields, name, result(map, item, withDependencies));
    }
    for (ByteString name : names(map, mutation -> mutation.getAppend().getFeed())) {
      ReadItem item = ReadItem.newBuilder().setFeed(FeedRange.newBuilder().setFeed(name)).build();
      add(fields, name, result(map, item, withDependencies));
    }
    int from = range.getFrom().isEmpty() ? 0 : Integer.parseInt(range.getFrom().toStringUtf8());
    int to = Math.min(fields.size(), from + most(range.getLimit()));
    return MapPage.newBuilder()
        .addAllFields(fields.subList(from, to))
        .setNext(
            to < fields.size() ? ByteString.copyFromUtf8(String.valueOf(to)) : ByteString.EMPTY)
        .build();
  }

  private static void add(List<MapField> fields, ByteString name, ReadResult value) {
    if (value.getRegister().hasValue()
        || value.getMulti().getValuesCount() > 0
        || value.getCounter().getValue() != 0
        || value.getSet().getElementsCount() > 0
        || value.getFeed().getEntriesCount() > 0) {
      fields.add(MapField.newBuilder().setName(name).setValue(value).build());
    }
  }

  private static ByteString registerName(Mutation mutation) {
    return mutation.hasPut() ? mutation.getPut().getKey() : mutation.getDelete().getKey();
  }

  private Set<ByteString> names(ByteString map, Function<Mutation, ByteString> name) {
    var names = new TreeSet<>(ByteString.unsignedLexicographicalComparator());
    changes(map).forEach(change -> names.add(name.apply(change.mutation())));
    names.remove(ByteString.EMPTY);
    return names;
  }

  private int most(int limit) {
    return limit == 0 ? pageSize : Math.min(limit, pageSize);
  }

  private Register register(ByteString map, ByteString key, boolean withDependencies) {
    var register = Register.newBuilder();
    for (Change change : changes(map)) {
      Write write = change.write();
      Mutation mutation = change.mutation();
      if (mutation.hasPut() && mutation.getPut().getKey().equals(key)) {
        register.setValue(mutation.getPut().getValue());
        register.setWrittenBy(info(write, withDependencies));
      } else if (mutation.hasDelete() && mutation.getDelete().getKey().equals(key)) {
        register.clearValue();
        register.setWrittenBy(info(write, withDependencies));
      }
    }
    return register.setNeverWritten(!register.hasWrittenBy()).build();
  }

  private FeedPage feed(ByteString map, FeedRange range, boolean withDependencies) {
    var entries = new ArrayList<FeedEntry>();
    for (Change change : changes(map)) {
      Mutation mutation = change.mutation();
      if (mutation.hasAppend() && mutation.getAppend().getFeed().equals(range.getFeed())) {
        entries.add(
            FeedEntry.newBuilder()
                .setValue(mutation.getAppend().getValue())
                .setWrittenBy(info(change.write(), withDependencies))
                .build());
      }
    }
    int from = range.getAfter().isEmpty() ? 0 : Integer.parseInt(range.getAfter().toStringUtf8());
    int to = Math.min(entries.size(), from + most(range.getLimit()));
    return FeedPage.newBuilder()
        .addAllEntries(entries.subList(from, to))
        .setNext(
            to < entries.size() ? ByteString.copyFromUtf8(String.valueOf(to)) : ByteString.EMPTY)
        .build();
  }

  private List<Write> inVersionOrder() {
    return visible.stream()
        .sorted(
            Comparator.<Write>comparingLong(write -> write.getVersion().getLamportTime())
                .thenComparingInt(write -> write.getVersion().getOrigin().getReplicaId()))
        .toList();
  }

  private static WriteInfo info(Write write, boolean withDependencies) {
    var info =
        WriteInfo.newBuilder().setVersion(write.getVersion()).setPosition(write.getPosition());
    if (withDependencies) {
      info.setDependencies(write.getDependencies());
    }
    return info.build();
  }

  private void throwRefusal() {
    if (!refusals.isEmpty()) {
      throw refusals.remove();
    }
  }

  private SessionToken decode(SessionState state) {
    Set<Position> dependencies = new HashSet<>();
    long clock = state.getClock();
    var tokens = new ArrayList<>(state.getAlsoList());
    if (!state.getToken().isEmpty()) {
      tokens.add(state.getToken());
    }
    for (ByteString each : tokens) {
      SessionToken token = decode(each);
      dependencies.addAll(positions(token.getDependencies()));
      clock = Math.max(clock, token.getClock());
    }
    Set<Position> missing = new HashSet<>(dependencies);
    missing.removeAll(frontier());
    if (!missing.isEmpty()) {
      throw refusal(Code.UNAVAILABLE, "NOT_YET_VISIBLE", missing.size() + " missing", 1);
    }
    return SessionToken.newBuilder().setClock(clock).setDependencies(set(dependencies)).build();
  }

  private static SessionToken decode(ByteString token) {
    int size = token.size() - 4;
    ByteString message = token.substring(0, Math.max(0, size));
    try {
      if (size >= 0 && checksum(message).equals(token.substring(size))) {
        return SessionToken.parseFrom(message);
      }
    } catch (InvalidProtocolBufferException e) {
      // Said below, as for a wrong checksum.
    }
    throw refusal(Code.INVALID_ARGUMENT, "SESSION_TOKEN_INVALID", "damaged", 0);
  }

  private static SessionState encode(long clock, Set<Position> dependencies) {
    ByteString message =
        SessionToken.newBuilder()
            .setFormatVersion(1)
            .setCluster(CLUSTER)
            .setClock(clock)
            .setDependencies(set(dependencies))
            .build()
            .toByteString();
    return SessionState.newBuilder()
        .setToken(message.concat(checksum(message)))
        .setClock(clock)
        .build();
  }

  private static ByteString checksum(ByteString message) {
    var crc = new CRC32C();
    crc.update(message.asReadOnlyByteBuffer());
    return ByteString.copyFrom(ByteBuffer.allocate(4).putInt((int) crc.getValue()).flip());
  }

  private static Set<Position> positions(PositionSet set) {
    var positions = new HashSet<Position>();
    WireMapper.positionSet(set)
        .forEachRange(
            (origin, first, last) -> {
              for (long sequence = first; sequence <= last; sequence++) {
                positions.add(
                    position(
                        Origin.newBuilder()
                            .setReplicaId(origin.replicaId())
                            .setIncarnation(origin.incarnation())
                            .build(),
                        sequence));
              }
            });
    return positions;
  }

  private static Position position(Origin origin, long sequence) {
    return Position.newBuilder().setOrigin(origin).setSequence(sequence).build();
  }

  private static PositionSet set(Set<Position> positions) {
    var set = dev.tidings.clock.PositionSet.EMPTY;
    for (Position position : positions) {
      set = set.with(WireMapper.position(position));
    }
    return PositionSet.newBuilder().setRanges(ByteString.copyFrom(set.toBytes())).build();
  }

  private synchronized GetStatusResponse status() {
    throwRefusal();
    var status =
        GetStatusResponse.newBuilder()
            .setCluster(CLUSTER)
            .setOrigin(origin)
            .setConsistency(Consistency.CONSISTENCY_CAUSAL)
            .setLamportTime(lamportTime)
            .setFrontier(set(frontier()))
            .setHeld(set(frontier()))
            .setServing(true)
            .setStalledNow(stalled.size())
            .setStalledEver(stalled.size());
    for (Write write : stalled) {
      Set<Position> missing = positions(write.getDependencies());
      missing.removeAll(frontier());
      status.addStalled(
          StalledWrite.newBuilder()
              .setPosition(write.getPosition())
              .setVersion(write.getVersion())
              .setMissing(set(missing)));
    }
    peers.values().forEach(status::addPeers);
    return status.build();
  }

  private synchronized SetLinkResponse setLink(SetLinkRequest request) {
    peer(request.getToReplicaId()).setLink(request.getLink());
    return SetLinkResponse.getDefaultInstance();
  }

  private synchronized SetLogLevelResponse setLogLevel(SetLogLevelRequest request) {
    if (!request.getLogger().isEmpty() && !request.getLogger().startsWith("dev.tidings")) {
      throw refusal(Code.INVALID_ARGUMENT, "INVALID_REQUEST", "there is no such logger", 0);
    }
    LogLevel before = logLevels.getOrDefault(request.getLogger(), LogLevel.LOG_LEVEL_INFO);
    logLevels.put(request.getLogger(), request.getLevel());
    return SetLogLevelResponse.newBuilder().setPrevious(before).build();
  }

  /** As a member that asks itself sees it: nothing is checked. */
  private synchronized List<MemberStatus> members() {
    throwRefusal();
    var members = new ArrayList<MemberStatus>();
    members.add(
        MemberStatus.newBuilder()
            .setReplicaId(origin.getReplicaId())
            .setOrigin(origin)
            .setPeerAddress("self:1")
            .build());
    peers
        .values()
        .forEach(
            peer ->
                members.add(
                    MemberStatus.newBuilder()
                        .setReplicaId(peer.getReplicaId())
                        .setPeerAddress(peer.getPeerAddress())
                        .build()));
    removed.forEach(
        id -> members.add(MemberStatus.newBuilder().setReplicaId(id).setRemoved(true).build()));
    members.sort(Comparator.comparingInt(MemberStatus::getReplicaId));
    return members;
  }

  private synchronized List<MemberStatus> addMember(AddMemberRequest request) {
    throwRefusal();
    peers.put(
        request.getReplicaId(),
        PeerStatus.newBuilder()
            .setReplicaId(request.getReplicaId())
            .setPeerAddress(request.getPeerAddress()));
    removed.remove(request.getReplicaId());
    return members();
  }

  private synchronized List<MemberStatus> removeMember(RemoveMemberRequest request) {
    throwRefusal();
    peers.remove(request.getReplicaId());
    removed.add(request.getReplicaId());
    return members();
  }

  /** What a service does with a request. */
  private interface Handler<R> {
    R handle();
  }

  private static <R> void answer(StreamObserver<R> responses, Handler<R> handler) {
    try {
      responses.onNext(handler.handle());
      responses.onCompleted();
    } catch (StatusRuntimeException e) {
      responses.onError(e);
    }
  }

  final class Store extends CausalStoreServiceGrpc.CausalStoreServiceImplBase {
    @Override
    public void clientWrite(
        ClientWriteRequest request, StreamObserver<ClientWriteResponse> responses) {
      answer(responses, () -> write(request));
    }

    @Override
    public void clientRead(
        ClientReadRequest request, StreamObserver<ClientReadResponse> responses) {
      Runnable action;
      synchronized (FakeReplica.this) {
        reads++;
        action = beforeRead;
      }
      action.run();
      answer(responses, () -> read(request));
    }

    @Override
    public StreamObserver<PipelineRequest> pipeline(StreamObserver<PipelineResponse> responses) {
      return new StreamObserver<>() {
        private SessionState session = SessionState.getDefaultInstance();

        @Override
        public void onNext(PipelineRequest frame) {
          if (frame.hasSession()) {
            session = frame.getSession();
          }
          var answers = PipelineResponse.newBuilder();
          for (PipelineCall call : frame.getCallsList()) {
            answers.addAnswers(answer(call));
          }
          responses.onNext(answers.setSession(session).build());
        }

        private PipelineAnswer answer(PipelineCall call) {
          var answer = PipelineAnswer.newBuilder();
          try {
            if (call.hasWrite()) {
              answer.setWrite(write(call.getWrite().toBuilder().setSession(session).build()));
              session = answer.getWrite().getSession();
            } else {
              answer.setRead(read(call.getRead().toBuilder().setSession(session).build()));
              session = answer.getRead().getSession();
            }
          } catch (StatusRuntimeException e) {
            answer.setRefusal(Objects.requireNonNull(StatusProto.fromThrowable(e)).toByteString());
          }
          return answer.build();
        }

        @Override
        public void onError(Throwable failure) {}

        @Override
        public void onCompleted() {
          responses.onCompleted();
        }
      };
    }

    @Override
    public void watch(WatchRequest request, StreamObserver<WatchResponse> responses) {
      FakeReplica.this.watch(request, (ServerCallStreamObserver<WatchResponse>) responses);
    }
  }

  final class Administration extends AdminServiceGrpc.AdminServiceImplBase {
    @Override
    public void getStatus(GetStatusRequest request, StreamObserver<GetStatusResponse> responses) {
      answer(responses, FakeReplica.this::status);
    }

    @Override
    public void listMembers(
        ListMembersRequest request, StreamObserver<ListMembersResponse> responses) {
      answer(responses, () -> ListMembersResponse.newBuilder().addAllMembers(members()).build());
    }

    @Override
    public void addMember(AddMemberRequest request, StreamObserver<AddMemberResponse> responses) {
      answer(
          responses,
          () ->
              AddMemberResponse.newBuilder()
                  .addAllMembers(FakeReplica.this.addMember(request))
                  .build());
    }

    @Override
    public void removeMember(
        RemoveMemberRequest request, StreamObserver<RemoveMemberResponse> responses) {
      answer(
          responses,
          () ->
              RemoveMemberResponse.newBuilder()
                  .addAllMembers(FakeReplica.this.removeMember(request))
                  .build());
    }

    @Override
    public void setLink(SetLinkRequest request, StreamObserver<SetLinkResponse> responses) {
      answer(responses, () -> FakeReplica.this.setLink(request));
    }

    @Override
    public void setLogLevel(
        SetLogLevelRequest request, StreamObserver<SetLogLevelResponse> responses) {
      answer(responses, () -> FakeReplica.this.setLogLevel(request));
    }
  }
}
