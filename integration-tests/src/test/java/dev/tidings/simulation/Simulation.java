package dev.tidings.simulation;

import static java.util.stream.Collectors.joining;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.SimulatedNetwork;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Violation;
import dev.tidings.replica.EventLoop;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ReadItem;
import java.time.Duration;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * One run: sessions read, write and move, all at once, while replicas are killed, in the middle of
 * a commit too, and come back, links are cut, healed, slowed and sped up, streams break, repeat and
 * reorder what they carry, and disks are slow and fill up. Then everything heals, and what the
 * sessions saw and the replicas hold is judged. Everything is decided by the seed.
 */
public final class Simulation {
  static final List<String> FEEDS = List.of("f0", "f1");
  private static final int MOST_REPLICAS = 5;

  /** One in so many reads of the disk takes time. */
  private static final int READS_A_WAIT = 6;

  private static final Duration LONGEST = Duration.ofMinutes(10);

  private final Random chance;
  private final int replicas;
  private final int keys;
  private int steps;
  private final ClusterHistory history = new ClusterHistory();
  private final Ledger ledger;
  private final CommitCheck commits = new CommitCheck();
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
    this.replicas = 2 + chance.nextInt(MOST_REPLICAS - 1);
    this.keys = 2 + chance.nextInt(3);
    this.steps = 60 + chance.nextInt(120);
    this.ledger = new Ledger(consistency);
    this.network = new SimulatedNetwork(chance);
    this.cluster =
        new Cluster(replicas, ClusterHistory.randomDelays(replicas, chance), consistency, network);
  }

  public static Result run(long seed, Consistency consistency) {
    return new Simulation(seed, consistency).run();
  }

  /**
   * As {@link #run}, for a causal cluster and for callers with classes of their own: the problem,
   * or "".
   */
  public static String problem(long seed) {
    return run(seed, Consistency.CAUSAL).problem().orElse("");
  }

  private Result run() {
    try (cluster) {
      cluster.onDiskWork(diskWork());
      cluster.startAll();
      int count = 3 + chance.nextInt(8);
      for (int i = 1; i <= count; i++) {
        TestSession session = cluster.session(1 + chance.nextInt(replicas));
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
    for (int id = 1; id <= replicas; id++) {
      story.addAll(cluster.story(id));
    }
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

  int replicas() {
    return replicas;
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
    int one = 1 + chance.nextInt(replicas);
    int other = 1 + (one + chance.nextInt(replicas - 1)) % replicas;
    switch (chance.nextInt(12)) {
      case 0 -> kill(one);
      case 1, 2, 3 -> {
        tell("replica %d is to be killed while it commits".formatted(one));
        doomed.add(one);
      }
      case 4, 5 -> {
        if (cluster.isRunning(one)) {
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
      default -> cluster.disk(one).set(Space.ENOUGH);
    }
  }

  private void partition() {
    var left = new HashSet<Integer>();
    var right = new HashSet<Integer>();
    for (int id = 1; id <= replicas; id++) {
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
      cluster.start(id);
    }
  }

  private void heal() {
    healed = true;
    tell("all is healed");
    network.healAll();
    for (int id = 1; id <= replicas; id++) {
      cluster.disk(id).set(Space.ENOUGH);
      start(id);
    }
    for (int from = 1; from <= replicas; from++) {
      for (int to = 1; to <= replicas; to++) {
        if (from != to) {
          cluster.link(from, to, Duration.ZERO, false);
        }
      }
    }
    // By then what was asked for is done, or refused: a request may wait for a disk, for
    // visibility and for acknowledgements.
    cluster.time().advance(Duration.ofSeconds(20));
    cluster.converge();
    if (!clients.stream().allMatch(SimulatedClient::wasAnswered)) {
      throw new AssertionError("a request was never answered");
    }
  }

  private void end() {
    var items = new ArrayList<>(List.of(ClusterHistory.items(0, keys)));
    FEEDS.forEach(feed -> items.add(TestSession.feed(feed)));
    @Nullable List<?> first = null;
    for (int id = 1; id <= replicas; id++) {
      ClientReadResponse answer = cluster.session(id).read(items.toArray(ReadItem[]::new));
      history.end(id, ClusterHistory.registers(answer));
      ledger.end(FEEDS, answer, cluster.frontier(id));
      if (first != null && !answer.getResultsList().equals(first)) {
        throw new AssertionError("replicas 1 and %d do not show the same".formatted(id));
      }
      first = answer.getResultsList();
    }
    for (int id = 1; id <= replicas; id++) {
      Ledger.judgeStory(cluster.story(id));
    }
    history.judge().violation().map(Simulation::words).ifPresent(words -> fail(words));
  }
}
