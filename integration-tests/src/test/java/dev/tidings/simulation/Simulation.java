package dev.tidings.simulation;

import static java.util.stream.Collectors.joining;
import static java.util.stream.Collectors.toSet;

import dev.tidings.causal.Consistency;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.SimulatedNetwork;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Judgement;
import dev.tidings.history.Violation;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.Retention;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.MultiValue;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ReadResult;
import dev.tidings.v1.Register;
import dev.tidings.v1.StalledWrite;
import dev.tidings.v1.WriteInfo;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.Collection;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalLong;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.function.Supplier;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One run: sessions read, write and move, all at once, while replicas are killed, in the middle of
 * a commit too, and come back, links are cut, healed, slowed and sped up, streams break, repeat and
 * reorder what they carry, and disks are slow and fill up. Then everything heals, and what the
 * sessions saw and the replicas hold is judged. Everything is decided by the seed.
 */
public final class Simulation {
  static final List<String> FEEDS = List.of("f0", "f1");

  /** How many elements the set has: each write that adds to one adds to the other. */
  static final String COUNTER = "c";

  static final String SET = "s";
  static final List<ReadItem> TALLY = List.of(TestSession.counter(COUNTER), TestSession.set(SET));

  /** What is changed in every way that there is: only the checker judges it. */
  static final String MULTI = "m";

  static final String SCORE = "d";
  static final String GROUP = "t";
  static final String MAP = "p";
  static final List<ReadItem> OBJECTS =
      List.of(
          TestSession.multi(MULTI),
          TestSession.counter(SCORE),
          TestSession.set(GROUP),
          TestSession.inMap(MAP, TestSession.counter(SCORE)),
          TestSession.inMap(MAP, TestSession.set(GROUP)));

  private static final int MOST_REPLICAS = 5;

  /** One in so many reads of the disk takes time. */
  private static final int READS_A_WAIT = 6;

  /** After one in so many commits it takes time until the replica goes on. */
  private static final int COMMITS_A_PAUSE = 4;

  private static final Duration LONGEST = Duration.ofMinutes(10);

  /** All that is to be told is told in this time, whatever has to be tried how often. */
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  private static final Duration JOIN_WAIT = Duration.ofSeconds(5);

  private final Random chance;

  /** Decides which commits loops hand over: none, half of them or all. */
  private final Random handsOver;

  /** All that were ever started. */
  private final List<Integer> replicas = new ArrayList<>();

  /** Those of them that were removed. */
  private final Set<Integer> removed = new HashSet<>();

  private final boolean wipes;
  private final boolean joins;
  private final boolean partsForEver;
  private final Retention retention;

  /** What was visible at the others when a replica began with an empty disk, and until when. */
  private final Map<Integer, Beginning> beginnings = new HashMap<>();

  /** Those that have begun with an empty disk, and have not answered a client since. */
  private final Set<Integer> fresh = new HashSet<>();

  /** Those that have been started on the disk that they have. */
  private final Set<Integer> began = new HashSet<>();

  /**
   * A replica has begun with an empty disk.
   *
   * @param shown what each member showed then
   */
  private record Beginning(Map<Integer, PositionSet> shown, long untilMicros) {
    /** What these showed: whoever was removed since is not waited for. */
    PositionSet shownBy(Collection<Integer> members) {
      return members.stream()
          .map(id -> shown.getOrDefault(id, PositionSet.EMPTY))
          .reduce(PositionSet.EMPTY, PositionSet::union);
    }
  }

  /** Since then somebody may need more of a log than members hold, or less. */
  private boolean hasWiped;

  /** Who has changed the members: it is not to lose its disk before others know. */
  private final Map<Integer, Integer> joinedBy = new HashMap<>();

  private final Set<Integer> changers = new HashSet<>();

  private boolean changing;
  private final int keys;
  private int steps;
  private final ClusterHistory history = new ClusterHistory();
  private final Ledger ledger;
  private final CommitCheck commits;
  private final SimulatedNetwork network;
  private final Cluster cluster;
  private final List<SimulatedClient> clients = new ArrayList<>();
  private final List<String> story = new ArrayList<>();

  /** Those to be killed while they commit next. */
  private final Set<Integer> doomed = new HashSet<>();

  private boolean healed;
  private @Nullable String problem;

  /**
   * What a run came to.
   *
   * @param problem what is wrong; empty if all is well
   * @param story what happened, line by line
   */
  public record Result(Optional<String> problem, List<String> story) {}

  private Simulation(long seed, Consistency consistency) {
    this.chance = new Random(seed);
    this.handsOver = new Random(seed);
    int founders = 2 + chance.nextInt(MOST_REPLICAS - 1);
    IntStream.rangeClosed(1, founders).forEach(replicas::add);
    this.keys = 2 + chance.nextInt(3);
    this.steps = 60 + chance.nextInt(120);
    this.network = new SimulatedNetwork(chance);
    this.cluster =
        new Cluster(founders, ClusterHistory.randomDelays(founders, chance), consistency, network);
    this.wipes = chance.nextInt(3) == 0;
    this.joins = chance.nextInt(3) == 0;
    this.partsForEver = !joins && chance.nextInt(4) == 0;
    this.retention = chance.nextBoolean() ? Retention.DEFAULT : small(chance);
    this.commits = new CommitCheck(replicas, this::neededAfter);
    this.ledger = new Ledger(consistency, !retention.equals(Retention.DEFAULT), commits::stableFor);
  }

  private static Retention small(Random chance) {
    long logBytes = chance.nextInt(2_000);
    long maxLogBytes = chance.nextBoolean() ? logBytes + chance.nextInt(500) : 1L << 30;
    return new Retention(
        logBytes,
        maxLogBytes,
        Duration.ofDays(7),
        chance.nextBoolean() ? Duration.ZERO : Duration.ofHours(1));
  }

  public static Result run(long seed, Consistency consistency) {
    return new Simulation(seed, consistency).run();
  }

  /**
   * As {@link #run}, for a causal cluster and for callers with classes of their own: the problem,
   * or "". {@code -Dtidings.story=true} prints what happened.
   */
  public static String problem(long seed) {
    Result result = run(seed, Consistency.CAUSAL);
    if (Boolean.getBoolean("tidings.story")) {
      result.story().forEach(System.out::println);
    }
    return result.problem().orElse("");
  }

  private Result run() {
    try (cluster) {
      cluster.onDiskWork(diskWork());
      int share = handsOver.nextInt(3);
      cluster.handOver(() -> handsOver.nextInt(2) < share);
      cluster.retain(retention);
      cluster.startAll();
      cluster.waitForPeers(JOIN_WAIT);
      if (partsForEver) {
        cutForEver();
      }
      began.addAll(replicas);
      int count = 3 + chance.nextInt(8);
      for (int i = 1; i <= count; i++) {
        TestSession session = cluster.session(anyReplica());
        var client = new SimulatedClient(this, "session " + i, session);
        clients.add(client);
        client.goOn();
      }
      disturbAfterAWhile();
      cluster.time().until("all sessions are done", LONGEST, () -> problem != null || areDone());
      if (problem == null) {
        heal();
        end();
      }
    } catch (RuntimeException | AssertionError e) {
      fail(e);
    }
    replicas.forEach(id -> story.addAll(cluster.story(id)));
    return new Result(Optional.ofNullable(problem), story);
  }

  private boolean areDone() {
    return clients.stream().allMatch(SimulatedClient::hasFinished);
  }

  private void fail(Throwable why) {
    fail(why instanceof AssertionError ? String.valueOf(why.getMessage()) : why.toString());
  }

  /** What goes wrong first is the problem. */
  private void fail(String why) {
    if (problem == null) {
      problem = why;
    }
  }

  private static String words(Violation violation) {
    return "not causal: %s: %s"
        .formatted(
            violation.headline(),
            violation.steps().stream().map(Violation.Step::text).collect(joining("; ")));
  }

  // What the sessions need.

  Random chance() {
    return chance;
  }

  Cluster cluster() {
    return cluster;
  }

  Ledger ledger() {
    return ledger;
  }

  ClusterHistory history() {
    return history;
  }

  /** All that were ever started. */
  List<Integer> replicas() {
    return replicas;
  }

  int anyReplica() {
    return replicas.get(chance.nextInt(replicas.size()));
  }

  /**
   * Where deletes are forgotten few are tried: nothing tells then which of them a reader has seen.
   */
  int putsADelete() {
    return retention.tombstoneAge().isZero() ? 30 : 10;
  }

  /** Whether a request may be tried at several replicas: where nothing is lost. */
  boolean maySplit() {
    return !wipes && !joins;
  }

  boolean hasWiped() {
    return hasWiped;
  }

  /** A replica has answered a client: it has to be as far as the others were when it began. */
  void answered(int id) {
    if (!began.contains(id)) {
      // It was asked before it lost its disk.
      return;
    }
    fresh.remove(id);
    Beginning beginning = beginnings.remove(id);
    if (beginning != null
        && cluster.isRunning(id)
        && cluster.time().nowMicros() < beginning.untilMicros
        && !cluster.frontier(id).containsAll(beginning.shownBy(members()))) {
      throw new AssertionError(
          "replica %d serves with %s; when it began the others showed %s"
              .formatted(id, cluster.frontier(id), beginning.shownBy(members())));
    }
  }

  int keys() {
    return keys;
  }

  /** Whether there is one more to take. */
  boolean takeStep() {
    return steps-- > 0;
  }

  void tell(String line) {
    story.add("%d µs: %s".formatted(cluster.time().nowMicros(), line));
  }

  EventLoop.Timer after(Duration delay, Runnable task) {
    return cluster.time().after(delay, () -> guard(task));
  }

  /** Runs it where a failure would be lost: within a replica, or a call. */
  void guard(Runnable task) {
    try {
      task.run();
    } catch (RuntimeException | AssertionError e) {
      fail(e);
    }
  }

  // What happens to the cluster.

  private Cluster.DiskWork diskWork() {
    return new Cluster.DiskWork() {
      @Override
      public void reading(int id) {
        if (!healed && chance.nextInt(READS_A_WAIT) == 0) {
          guard(() -> cluster.time().pass(micros(chance.nextInt(50_000))));
        }
      }

      @Override
      public void committing(int id) {
        if (!healed) {
          int micros = chance.nextInt(20) == 0 ? chance.nextInt(100_000) : chance.nextInt(4_000);
          if (doomed.remove(id)) {
            after(micros(chance.nextInt(micros + 1)), () -> kill(id));
          }
          cluster.time().pass(micros(micros));
        }
      }

      @Override
      public void committed(int id, ReplicaStore store) {
        guard(() -> commits.committed(id, store));
        if (!healed && chance.nextInt(COMMITS_A_PAUSE) == 0) {
          cluster.time().pass(micros(chance.nextInt(2_000)));
        }
      }
    };
  }

  private static Duration micros(int micros) {
    return Duration.of(micros, ChronoUnit.MICROS);
  }

  private void disturbAfterAWhile() {
    after(
        Duration.ofMillis(chance.nextInt(500)),
        () -> {
          if (!healed) {
            disturb();
            disturbAfterAWhile();
          }
        });
  }

  private void disturb() {
    int one = anyReplica();
    int other = anyReplica();
    if (one == other) {
      return;
    }
    switch (chance.nextInt(16)) {
      case 0 -> kill(one);
      case 1, 2, 3 -> {
        tell("replica %d is to be killed while it commits".formatted(one));
        doomed.add(one);
      }
      case 4, 5 -> {
        if (cluster.isRunning(one) && changers.isEmpty()) {
          boolean cut = chance.nextBoolean();
          tell("link %d>%d changes%s".formatted(one, other, cut ? ", cut" : ""));
          cluster.link(one, other, Duration.ofMillis(chance.nextInt(3_000)), cut);
        }
      }
      case 6 -> cut(Set.of(one), Set.of(other), chance.nextBoolean());
      case 7 -> partition();
      case 8, 9 -> network.lose(one, other);
      case 10 -> {
        Space[] all = Space.values();
        Space space = all[chance.nextInt(all.length)];
        tell("disk %d has space: %s".formatted(one, space));
        cluster.disk(one).set(space);
      }
      case 11 -> cluster.disk(one).set(Space.ENOUGH);
      case 12 -> wipe(one);
      case 13 -> join(one);
      case 14 -> remove(one, other);
      default -> sleep(one);
    }
  }

  private void partition() {
    var left = new HashSet<Integer>();
    var right = new HashSet<Integer>();
    for (int id : replicas) {
      (chance.nextBoolean() ? left : right).add(id);
    }
    cut(left, right, true);
  }

  private void cut(Set<Integer> from, Set<Integer> to, boolean bothWays) {
    tell("cut from %s to %s%s".formatted(from, to, bothWays ? " and back" : ""));
    for (int source : from) {
      for (int target : to) {
        network.cut(source, target);
        if (bothWays) {
          network.cut(target, source);
        }
      }
    }
    after(
        Duration.ofMillis(chance.nextInt(4_000)),
        () -> {
          tell("healed from %s to %s".formatted(from, to));
          for (int source : from) {
            for (int target : to) {
              network.heal(source, target);
              if (bothWays) {
                network.heal(target, source);
              }
            }
          }
        });
  }

  private void kill(int id) {
    if (cluster.isRunning(id)) {
      tell("replica %d is killed".formatted(id));
      cluster.kill(id, chance.nextBoolean());
      int millis = chance.nextBoolean() ? 0 : chance.nextInt(4_000);
      after(Duration.ofMillis(millis), () -> start(id));
    }
  }

  private void start(int id) {
    if (!cluster.isRunning(id)) {
      tell("replica %d starts".formatted(id));
      // A replica that starts on a full disk says so and ends; somebody makes space, and starts it.
      cluster.disk(id).set(Space.ENOUGH);
      if (fresh.contains(id)) {
        begins(id);
      }
      // It may have been killed between a commit and the look at it.
      commits.shows(id, cluster.onDisk(id).frontier());
      cluster.start(id);
    }
  }

  /** For long enough to be missed. */
  private void sleep(int id) {
    if (cluster.isRunning(id)) {
      tell("replica %d is killed for long".formatted(id));
      cluster.kill(id, chance.nextBoolean());
      after(Duration.ofMillis(3_000 + chance.nextInt(5_000)), () -> start(id));
    }
  }

  private Set<Integer> members() {
    var members = new TreeSet<Integer>(replicas);
    members.removeAll(removed);
    return members;
  }

  private List<VersionVector> disksOfOthers(int id) {
    return members().stream()
        .filter(other -> other != id)
        .map(other -> cluster.onDisk(other).held())
        .toList();
  }

  /**
   * A replica begins with an empty disk: within the wait for its peers it serves only with this.
   */
  private void begins(int id) {
    Map<Integer, PositionSet> shown = new HashMap<>();
    for (int other : members()) {
      if (other != id && cluster.isRunning(other)) {
        shown.put(other, cluster.onDisk(other).frontier());
      }
    }
    if (!began.add(id)) {
      // It may have caught up before it was killed.
      beginnings.remove(id);
      return;
    }
    beginnings.put(
        id, new Beginning(shown, cluster.time().nowMicros() + JOIN_WAIT.toNanos() / 1_000));
  }

  private OptionalLong neededAfter(Origin origin) {
    return hasWiped || !changers.isEmpty() || retention.maxLogBytes() < 1 << 30
        ? OptionalLong.empty()
        : members().stream().mapToLong(id -> cluster.onDisk(id).held().upTo(origin)).min();
  }

  /** Between some, but so that all are connected through others. */
  private void cutForEver() {
    var connected = new ArrayList<Integer>();
    for (int id : replicas) {
      if (!connected.isEmpty()) {
        int neighbour = connected.get(chance.nextInt(connected.size()));
        connected.stream()
            .filter(other -> other != neighbour && chance.nextInt(3) > 0)
            .forEach(
                other -> {
                  tell("cut for ever between %d and %d".formatted(id, other));
                  network.cutForEver(id, other);
                });
      }
      connected.add(id);
    }
  }

  /** One at a time: nobody else is catching up. */
  private void wipe(int id) {
    if (wipes
        && fresh.isEmpty()
        && cluster.isRunning(id)
        && !removed.contains(id)
        && !changers.contains(id)) {
      tell("replica %d loses its disk".formatted(id));
      cluster.kill(id, chance.nextBoolean());
      ledger.lose(cluster.onDisk(id).held(), disksOfOthers(id));
      cluster.wipe(id);
      commits.wiped(id);
      hasWiped = true;
      fresh.add(id);
      began.remove(id);
      after(Duration.ofMillis(chance.nextInt(4_000)), () -> start(id));
    }
  }

  private boolean mayChange() {
    return joins && !changing && !healed;
  }

  private void join(int member) {
    if (mayChange() && !removed.contains(member) && replicas.size() <= MOST_REPLICAS) {
      int id = replicas.size() + 1;
      change(member, () -> cluster.join(member, id), () -> joined(id, member));
    }
  }

  private void joined(int id, int member) {
    tell("replica %d joins by %d".formatted(id, member));
    var peers = new TreeSet<Integer>(Set.of(member));
    members().stream().filter(other -> chance.nextBoolean()).forEach(peers::add);
    cluster.setUp(id, peers);
    replicas.add(id);
    joinedBy.put(id, member);
    fresh.add(id);
    after(Duration.ofMillis(chance.nextInt(2_000)), () -> start(id));
  }

  private void remove(int id, int member) {
    if (mayChange()
        && members().size() > 2
        && !removed.contains(member)
        && !removed.contains(id)
        && began.contains(id)
        && !changers.contains(id)
        // It has heard of whom it is to remove.
        && !fresh.contains(member)
        && joinedBy.getOrDefault(id, member) == member) {
      commits.leaves(id);
      change(member, () -> cluster.remove(member, id), () -> removed(id, member));
    }
  }

  private void removed(int id, int member) {
    tell("replica %d is removed by %d".formatted(id, member));
    removed.add(id);
    ledger.lose(cluster.onDisk(id).held(), disksOfOthers(id));
    if (began.contains(id)) {
      ledger.loseEnd(cluster.origin(id), disksOfOthers(id));
    }
  }

  /** One at a time, and again until it is done: so it is known which replicas are to be alike. */
  private void change(int member, Supplier<Reply<?>> request, Runnable then) {
    changing = true;
    changers.add(member);
    if (!cluster.isRunning(member)) {
      after(Duration.ofMillis(500), () -> change(member, request, then));
      return;
    }
    Reply<?> reply = request.get();
    reply.whenEnded(
        () ->
            guard(
                () -> {
                  // A removal that is repeated finds no member.
                  if (reply.isAnswered() || Refusal.of(reply).message().contains(" is no member")) {
                    changing = false;
                    then.run();
                  } else {
                    after(Duration.ofMillis(500), () -> change(member, request, then));
                  }
                }));
  }

  private void heal() {
    healed = true;
    tell("all is healed");
    network.healAll();
    for (int id : replicas) {
      cluster.disk(id).set(Space.ENOUGH);
      start(id);
    }
    // Who is to change the members may have to hear of an earlier change.
    healLinks();
    cluster.time().until("members have changed", PATIENCE, () -> !changing);
    replicas.forEach(this::start);
    healLinks();
    // By then what was asked for is done, or refused: a request may wait for a disk, for
    // visibility and for acknowledgements.
    cluster.time().advance(Duration.ofSeconds(20));
    if (!cluster.time().waitFor(PATIENCE, this::areAllAlike)) {
      throw new AssertionError(
          "replicas do not become alike, or not all serve: "
              + members().stream()
                  .map(
                      id ->
                          "%d%s: %s"
                              .formatted(
                                  id,
                                  cluster.status(id).getServing() ? "" : ", not serving",
                                  cluster.onDisk(id)))
                  .collect(joining("; ")));
    }
    // What everybody knows of everybody, and what they forget then.
    cluster.time().advance(Duration.ofSeconds(10));
    if (!areAllAlike()) {
      throw new AssertionError("replicas that were alike are so no longer");
    }
    if (!clients.stream().allMatch(SimulatedClient::wasAnswered)) {
      throw new AssertionError("a request was never answered");
    }
    members().forEach(this::checkStalled);
    for (int id : removed) {
      if (cluster.status(id).getServing()) {
        throw new AssertionError("replica %d was removed, and serves".formatted(id));
      }
    }
  }

  private void healLinks() {
    boolean mayHaveChanged = changing;
    // Who was removed is to hear of it.
    for (int from : List.copyOf(replicas)) {
      for (int to : List.copyOf(replicas)) {
        boolean isPeer =
            from != to
                && cluster.status(from).getPeersList().stream()
                    .anyMatch(peer -> peer.getReplicaId() == to);
        try {
          if (isPeer) {
            cluster.link(from, to, Duration.ZERO, false);
          }
        } catch (StatusRuntimeException e) {
          // One of them may have been removed, and the other may hear of it just now.
          if (!mayHaveChanged && members().containsAll(List.of(from, to))) {
            throw e;
          }
        }
      }
    }
  }

  private boolean areAllAlike() {
    return members().stream()
                .map(id -> Map.entry(cluster.onDisk(id).frontier(), cluster.onDisk(id).held()))
                .distinct()
                .count()
            == 1
        && members().stream().allMatch(id -> cluster.status(id).getServing());
  }

  /** Whatever is stalled waits for what is lost, or is stalled itself. */
  private void checkStalled(int id) {
    GetStatusResponse status = cluster.status(id);
    Set<Position> stalled = stalled(status);
    for (StalledWrite each : status.getStalledList()) {
      var isExplained = new boolean[1];
      Wire.fromProto(each.getMissing())
          .forEachRange(
              (origin, first, last) -> {
                for (long s = first; s <= last; s++) {
                  var position = new Position(origin, s);
                  isExplained[0] |= ledger.mayBeLost(position) || stalled.contains(position);
                }
              });
      if (!isExplained[0]) {
        throw new AssertionError(
            "replica %d holds what it does not show: %s".formatted(id, status));
      }
    }
  }

  private static Set<Position> stalled(GetStatusResponse status) {
    return status.getStalledList().stream()
        .map(each -> Wire.fromProto(each.getPosition()))
        .collect(toSet());
  }

  private void end() {
    var items = new ArrayList<>(List.of(ClusterHistory.items(0, keys)));
    FEEDS.forEach(feed -> items.add(TestSession.feed(feed)));
    items.addAll(TALLY);
    items.addAll(OBJECTS);
    for (SimulatedClient client : clients) {
      List<Integer> members = List.copyOf(members());
      client.askLast(members.get(chance.nextInt(members.size())));
    }
    @Nullable List<ReadResult> first = null;
    boolean isLost = false;
    for (int id : members()) {
      ClientReadResponse answer = cluster.session(id).read(items.toArray(ReadItem[]::new));
      history.end(id, items, answer);
      isLost = ledger.end(items, answer, cluster.frontier(id), stalled(cluster.status(id)));
      List<ReadResult> shown = withoutThePast(answer.getResultsList());
      if (first != null && !shown.equals(first)) {
        throw new AssertionError("replica %d shows %s, and another %s".formatted(id, shown, first));
      }
      first = shown;
    }
    if (!hasWiped) {
      replicas.forEach(id -> ledger.judgeStory(cluster.story(id)));
    }
    PositionSet frontier = cluster.frontier(members().iterator().next());
    Judgement judgement = isLost ? history.judge(frontier::contains) : history.judge();
    judgement.violation().map(Simulation::words).ifPresent(this::fail);
  }

  /**
   * Without what one replica has forgotten, and another has not: when what is absent was deleted,
   * and what a write depends on that is not in the log any more.
   */
  private static List<ReadResult> withoutThePast(List<ReadResult> results) {
    return results.stream()
        .map(
            result -> {
              var shown = result.toBuilder();
              if (result.hasRegister() && !result.getRegister().hasValue()) {
                shown.setRegister(Register.getDefaultInstance());
              } else if (result.hasRegister()) {
                shown.getRegisterBuilder().getWrittenByBuilder().clearDependencies();
              } else if (result.hasCounter()) {
                shown
                    .getCounterBuilder()
                    .getChangedByBuilderList()
                    .forEach(WriteInfo.Builder::clearDependencies);
              } else if (result.hasSet()) {
                shown
                    .getSetBuilder()
                    .getChangedByBuilderList()
                    .forEach(WriteInfo.Builder::clearDependencies);
              } else if (result.hasMulti()) {
                MultiValue.Builder multi = shown.getMultiBuilder();
                multi.getChangedByBuilderList().forEach(WriteInfo.Builder::clearDependencies);
                multi
                    .getValuesBuilderList()
                    .forEach(value -> value.getWrittenByBuilder().clearDependencies());
              } else {
                shown
                    .getFeedBuilder()
                    .getEntriesBuilderList()
                    .forEach(entry -> entry.getWrittenByBuilder().clearDependencies());
              }
              return shown.build();
            })
        .toList();
  }
}
