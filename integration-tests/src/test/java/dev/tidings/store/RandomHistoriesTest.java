package dev.tidings.store;

import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.TestSession;
import dev.tidings.history.Judgement;
import dev.tidings.history.Outcome;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.ReadItem;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
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

  private final ClusterHistory history = new ClusterHistory();
  private int values;

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
    String delays = ClusterHistory.randomDelays(REPLICAS, chance);
    try (Cluster cluster = Cluster.started(REPLICAS, delays, consistency)) {
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
            int end = first + 1 + chance.nextInt(KEYS - first);
            ReadItem[] items = ClusterHistory.items(first, end);
            history.read("session " + s, List.of(items), session.read(items));
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
        ReadItem[] items = ClusterHistory.items(0, KEYS);
        history.end(id, List.of(items), cluster.session(id).read(items));
      }
    }
    return history.judge();
  }

  /** One key or two together. */
  private void write(String name, TestSession session, Random chance) {
    int key = chance.nextInt(KEYS);
    var mutations = new ArrayList<Mutation>(List.of(mutation(key, chance)));
    if (chance.nextInt(3) == 0) {
      mutations.add(mutation((key + 1) % KEYS, chance));
    }
    history.write(name, mutations, Outcome.OK, session.write(mutations.toArray(Mutation[]::new)));
  }

  private Mutation mutation(int key, Random chance) {
    values++;
    return chance.nextInt(10) == 0 ? delete("k" + key) : put("k" + key, "value " + values);
  }
}
