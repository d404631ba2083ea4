package dev.tidings.store;

import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Checker;
import dev.tidings.history.History;
import dev.tidings.history.Judgement;
import dev.tidings.history.Model;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import dev.tidings.v1.Version;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Random sessions that read, write and move over random links, with replicas that are killed: what
 * they saw, and what the replicas held in the end, is judged by the checker.
 */
final class RandomHistoriesTest {
  private static final int SEEDS = 60;
  private static final int REPLICAS = 3;
  private static final int SESSIONS = 6;
  private static final int KEYS = 4;
  private static final int STEPS = 120;

  private final History.Builder history = new History.Builder();
  private int line;

  @Test
  void a_causal_cluster_has_causal_histories_and_its_replicas_end_alike() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      Judgement judgement = new RandomHistoriesTest().judge(seed, Consistency.CAUSAL);
      assertTrue(judgement.isCausal(), "seed " + seed + ": " + judgement);
    }
  }

  @Test
  void an_eventual_cluster_mostly_has_others() {
    int anomalies = 0;
    for (long seed = 1; seed <= 10; seed++) {
      Judgement judgement = new RandomHistoriesTest().judge(seed, Consistency.EVENTUAL);
      anomalies += judgement.isCausal() ? 0 : 1;
    }
    assertTrue(anomalies > 5, "not causal: " + anomalies + " of 10");
  }

  private Judgement judge(long seed, Consistency consistency) {
    var chance = new Random(seed);
    var delays = new ArrayList<String>();
    for (int from = 1; from <= REPLICAS; from++) {
      for (int to = 1; to <= REPLICAS; to++) {
        if (from != to) {
          delays.add("%d>%d=%dms".formatted(from, to, chance.nextInt(1_500)));
        }
      }
    }
    try (Cluster cluster = Cluster.started(REPLICAS, String.join(",", delays), consistency)) {
      var sessions = new ArrayList<TestSession>();
      for (int s = 0; s < SESSIONS; s++) {
        sessions.add(cluster.session(1 + chance.nextInt(REPLICAS)));
      }
      for (int step = 0; step < STEPS; step++) {
        int s = chance.nextInt(SESSIONS);
        TestSession session = sessions.get(s);
        switch (chance.nextInt(8)) {
          case 0, 1, 2 -> write("session " + s, session, chance);
          case 3, 4, 5 -> {
            int first = chance.nextInt(KEYS);
            read("session " + s, session, first, first + 1 + chance.nextInt(KEYS - first));
          }
          case 6 -> session.moveTo(1 + chance.nextInt(REPLICAS));
          default -> {
            cluster.time().advance(Duration.ofMillis(chance.nextInt(700)));
            if (chance.nextInt(10) == 0) {
              int victim = 1 + chance.nextInt(REPLICAS);
              cluster.kill(victim);
              cluster.start(victim);
            }
          }
        }
      }
      cluster.converge();
      for (int id = 1; id <= REPLICAS; id++) {
        readFinal(Integer.toString(id), cluster.session(id));
      }
    }
    return Checker.judge(history.build(), Model.CCV, groups -> {});
  }

  private void begin(String session) {
    line++;
    history.group(session, Outcome.OK, null, History.NO_TIME, History.NO_TIME);
  }

  /** One key or two together. */
  private void write(String name, TestSession session, Random chance) {
    int key = chance.nextInt(KEYS);
    var mutations = new ArrayList<Mutation>(List.of(mutation(key, chance)));
    if (chance.nextInt(3) == 0) {
      mutations.add(mutation((key + 1) % KEYS, chance));
    }
    SeenVersion version = seen(session.write(mutations.toArray(Mutation[]::new)).getVersion());
    begin(name);
    for (Mutation each : mutations) {
      if (each.hasPut()) {
        history.write(line, text(each.getPut().getKey()), text(each.getPut().getValue()), version);
      } else {
        history.write(line, text(each.getDelete().getKey()), null, version);
      }
    }
  }

  private Mutation mutation(int key, Random chance) {
    return chance.nextInt(10) == 0 ? delete("k" + key) : put("k" + key, "value " + (line + 1));
  }

  private void read(String name, TestSession session, int from, int to) {
    List<Register> registers = registers(session, from, to);
    begin(name);
    for (int k = from; k < to; k++) {
      Register register = registers.get(k - from);
      if (register.hasWrittenBy()) {
        history.read(line, "k" + k, value(register), version(register));
      } else {
        history.readNeverWritten(line, "k" + k);
      }
    }
  }

  private void readFinal(String replica, TestSession session) {
    List<Register> registers = registers(session, 0, KEYS);
    for (int k = 0; k < KEYS; k++) {
      line++;
      Register register = registers.get(k);
      history.finalValue(line, replica, "k" + k, value(register), version(register));
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

  private static @Nullable SeenVersion version(Register register) {
    return register.hasWrittenBy() ? seen(register.getWrittenBy().getVersion()) : null;
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
