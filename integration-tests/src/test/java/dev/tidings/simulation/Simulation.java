package dev.tidings.simulation;

import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.Version;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * One run: sessions read, write and move, while replicas are killed and come back, links are cut,
 * healed, slowed and sped up, and disks fill up. Then everything heals, and what the sessions saw
 * and the replicas hold is judged. Everything is decided by the seed.
 */
public final class Simulation {
  private static final Duration PATIENCE = Duration.ofSeconds(5);
  private static final int MOST_REPLICAS = 5;

  private final Random chance;
  private final Consistency consistency;
  private final int replicas;
  private final int keys;
  private final int steps;
  private final History.Builder history = new History.Builder();
  private final Set<Integer> down = new HashSet<>();
  private int line;

  private Simulation(long seed, Consistency consistency) {
    this.chance = new Random(seed);
    this.consistency = consistency;
    this.replicas = 2 + chance.nextInt(MOST_REPLICAS - 1);
    this.keys = 2 + chance.nextInt(5);
    this.steps = 60 + chance.nextInt(120);
  }

  /**
   * Runs it, and judges by causal convergence.
   *
   * @throws AssertionError if the replicas do not come to show the same once all is healed
   */
  public static Judgement run(long seed, Consistency consistency) {
    return new Simulation(seed, consistency).run();
  }

  private Judgement run() {
    var delays = new ArrayList<String>();
    for (int from = 1; from <= replicas; from++) {
      for (int to = 1; to <= replicas; to++) {
        if (from != to) {
          delays.add("%d>%d=%dms".formatted(from, to, chance.nextInt(1_500)));
        }
      }
    }
    try (Cluster cluster = Cluster.started(replicas, String.join(",", delays), consistency)) {
      var sessions = new ArrayList<TestSession>();
      int count = 3 + chance.nextInt(8);
      for (int s = 0; s < count; s++) {
        sessions.add(cluster.session(1 + chance.nextInt(replicas)));
      }
      for (int step = 0; step < steps; step++) {
        int s = chance.nextInt(count);
        step(cluster, "session " + s, sessions.get(s));
      }
      heal(cluster);
      for (int id = 1; id <= replicas; id++) {
        recordFinal(Integer.toString(id), registers(cluster.session(id), 0, keys));
      }
    }
    return Checker.judge(history.build(), Model.CCV, groups -> {});
  }

  private void step(Cluster cluster, String name, TestSession session) {
    switch (chance.nextInt(16)) {
      case 0, 1, 2, 3, 4 -> write(cluster, name, session, false);
      case 5, 6, 7, 8, 9 -> read(name, session);
      case 10, 11 -> session.moveTo(1 + chance.nextInt(replicas));
      case 12, 13 -> cluster.time().advance(Duration.ofMillis(chance.nextInt(700)));
      case 14 -> disturb(cluster);
      default -> write(cluster, name, session, true);
    }
  }

  private void disturb(Cluster cluster) {
    int one = 1 + chance.nextInt(replicas);
    int other = 1 + (one + chance.nextInt(replicas - 1)) % replicas;
    switch (chance.nextInt(6)) {
      case 0 -> kill(cluster, one);
      case 1, 2 -> {
        if (!down.contains(one) && one != other) {
          cluster.link(one, other, Duration.ofMillis(chance.nextInt(3_000)), chance.nextBoolean());
        }
      }
      case 3 -> {
        Space[] all = Space.values();
        cluster.disk(one).set(all[chance.nextInt(all.length)]);
      }
      case 4 -> cluster.disk(one).set(Space.ENOUGH);
      default -> List.copyOf(down).forEach(id -> start(cluster, id));
    }
  }

  private void kill(Cluster cluster, int id) {
    if (down.add(id)) {
      cluster.kill(id);
      if (chance.nextInt(3) > 0) {
        start(cluster, id);
      }
    }
  }

  private void start(Cluster cluster, int id) {
    // A replica that starts on a full disk says so and ends; somebody makes space, and starts it.
    cluster.disk(id).set(Space.ENOUGH);
    cluster.start(id);
    down.remove(id);
  }

  private void heal(Cluster cluster) {
    for (int id = 1; id <= replicas; id++) {
      cluster.disk(id).set(Space.ENOUGH);
    }
    List.copyOf(down).forEach(id -> start(cluster, id));
    for (int from = 1; from <= replicas; from++) {
      for (int to = 1; to <= replicas; to++) {
        if (from != to) {
          cluster.link(from, to, Duration.ZERO, false);
        }
      }
    }
    cluster.converge();
  }

  /** One key or several together; perhaps the replica is killed before it has answered. */
  private void write(Cluster cluster, String name, TestSession session, boolean withKill) {
    int first = chance.nextInt(keys);
    var mutations = new ArrayList<Mutation>();
    int count = chance.nextInt(4) == 0 ? Math.min(keys, 3) : 1;
    for (int i = 0; i < count; i++) {
      String key = "k" + (first + i) % keys;
      mutations.add(
          chance.nextInt(10) == 0 ? delete(key) : put(key, "value " + (line + 1) + "." + i));
    }
    line++;
    Mutation[] all = mutations.toArray(Mutation[]::new);
    Reply<ClientWriteResponse> reply = session.sendNext(all);
    if (withKill) {
      cluster.time().advance(Duration.ofMillis(chance.nextInt(20)));
      kill(cluster, session.replica());
    }
    cluster.time().waitFor(PATIENCE, reply::hasEnded);
    if (isOpen(reply) && chance.nextBoolean() && !down.contains(session.replica())) {
      reply = session.repeat(all);
      cluster.time().waitFor(PATIENCE, reply::hasEnded);
      recordWrite(name, mutations, reply, true);
    } else {
      recordWrite(name, mutations, reply, false);
    }
    if (reply.hasEnded() && reply.failure() == null) {
      session.setState(reply.messages().get(0).getSession());
    }
  }

  /** Whether the write may have happened. */
  private static boolean isOpen(Reply<?> reply) {
    return !reply.hasEnded() || (reply.failure() != null && Refusal.of(reply).reason().isEmpty());
  }

  private void recordWrite(
      String name,
      List<Mutation> mutations,
      Reply<ClientWriteResponse> reply,
      boolean isRepetition) {
    boolean answered = reply.hasEnded() && reply.failure() == null;
    Outcome outcome =
        answered ? Outcome.OK : isRepetition || isOpen(reply) ? Outcome.UNKNOWN : Outcome.ABORTED;
    @Nullable SeenVersion version = answered ? seen(reply.messages().get(0).getVersion()) : null;
    history.group(name, outcome, null, History.NO_TIME, History.NO_TIME);
    for (Mutation each : mutations) {
      if (each.hasPut()) {
        history.write(line, text(each.getPut().getKey()), text(each.getPut().getValue()), version);
      } else {
        history.write(line, text(each.getDelete().getKey()), null, version);
      }
    }
  }

  private void read(String name, TestSession session) {
    if (down.contains(session.replica())) {
      return;
    }
    int from = chance.nextInt(keys);
    int to = from + 1 + chance.nextInt(keys - from);
    List<Register> registers;
    try {
      registers = registers(session, from, to);
    } catch (StatusRuntimeException e) {
      // It was refused: nothing was seen.
      return;
    }
    line++;
    history.group(name, Outcome.OK, null, History.NO_TIME, History.NO_TIME);
    for (int k = from; k < to; k++) {
      Register register = registers.get(k - from);
      if (register.hasWrittenBy()) {
        history.read(line, "k" + k, value(register), seen(register.getWrittenBy().getVersion()));
      } else {
        history.readNeverWritten(line, "k" + k);
      }
    }
  }

  private void recordFinal(String replica, List<Register> registers) {
    for (int k = 0; k < keys; k++) {
      line++;
      Register register = registers.get(k);
      history.finalValue(
          line,
          replica,
          "k" + k,
          value(register),
          register.hasWrittenBy() ? seen(register.getWrittenBy().getVersion()) : null);
    }
  }

  private static List<Register> registers(TestSession session, int from, int to) {
    ClientReadResponse response =
        session.read(
            IntStream.range(from, to).mapToObj(k -> key("k" + k)).toArray(ReadItem[]::new));
    return response.getResultsList().stream().map(result -> result.getRegister()).toList();
  }

  private static @Nullable String value(Register register) {
    return register.hasValue() ? text(register.getValue()) : null;
  }

  private static SeenVersion seen(Version version) {
    return new SeenVersion(
        version.getLamportTime(),
        version.getOrigin().getReplicaId(),
        version.getOrigin().getIncarnation());
  }

  private static String text(ByteString bytes) {
    return bytes.toStringUtf8();
  }
}
