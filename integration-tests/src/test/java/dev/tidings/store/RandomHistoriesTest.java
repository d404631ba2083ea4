package dev.tidings.store;

import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.Register;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/**
 * Random sessions that read, write and move over random links, with replicas that are killed,
 * checked against what causality means: whoever sees a write sees, of every key that the writer had
 * seen, at least the version that he had seen.
 */
final class RandomHistoriesTest {
  private static final int SEEDS = 60;
  private static final int REPLICAS = 3;
  private static final int SESSIONS = 6;
  private static final int KEYS = 4;
  private static final int STEPS = 120;

  /** How often a reading contradicted what its session knew. */
  private static int anomalies(long seed, Consistency consistency) {
    var chance = new Random(seed);
    var delays = new ArrayList<String>();
    for (int from = 1; from <= REPLICAS; from++) {
      for (int to = 1; to <= REPLICAS; to++) {
        if (from != to) {
          delays.add("%d>%d=%dms".formatted(from, to, chance.nextInt(1_500)));
        }
      }
    }
    int anomalies = 0;
    try (Cluster cluster = Cluster.started(REPLICAS, String.join(",", delays), consistency)) {
      // Lamport time and origin order versions; of each write its past: per key the version seen
      // before it.
      var pasts = new HashMap<String, Map<Integer, Seen>>();
      var known = new ArrayList<Map<Integer, Seen>>();
      var sessions = new ArrayList<TestSession>();
      for (int s = 0; s < SESSIONS; s++) {
        sessions.add(cluster.session(1 + chance.nextInt(REPLICAS)));
        known.add(new HashMap<>());
      }
      for (int step = 0; step < STEPS; step++) {
        int s = chance.nextInt(SESSIONS);
        TestSession session = sessions.get(s);
        Map<Integer, Seen> past = known.get(s);
        int key = chance.nextInt(KEYS);
        switch (chance.nextInt(8)) {
          case 0, 1, 2 -> {
            var response = session.write(put("k" + key, "seed " + seed + " step " + step));
            var written =
                new Seen(
                    response.getVersion().getLamportTime(),
                    response.getVersion().getOrigin().getReplicaId());
            past.put(key, written);
            pasts.put(written.toString(), Map.copyOf(past));
          }
          case 3, 4, 5 -> {
            ClientReadResponse response =
                session.read(
                    IntStream.range(0, KEYS).mapToObj(k -> key("k" + k)).toArray(ReadItem[]::new));
            // First all that the reading shows, then whether it is closed under what its writers
            // had seen.
            var shown = new HashMap<Integer, Seen>();
            for (int k = 0; k < KEYS; k++) {
              Register register = response.getResults(k).getRegister();
              if (register.hasWrittenBy()) {
                shown.put(
                    k,
                    new Seen(
                        register.getWrittenBy().getVersion().getLamportTime(),
                        register.getWrittenBy().getVersion().getOrigin().getReplicaId()));
              }
            }
            List<Map<Integer, Seen>> required = new ArrayList<>();
            required.add(Map.copyOf(past));
            shown.values().forEach(seen -> required.add(pasts.get(seen.toString())));
            for (Map<Integer, Seen> one : required) {
              for (Map.Entry<Integer, Seen> entry : one.entrySet()) {
                Seen here = shown.get(entry.getKey());
                if (here == null || here.isOlderThan(entry.getValue())) {
                  anomalies++;
                }
              }
            }
            past.putAll(shown);
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
      var ends = new HashSet<List<Optional<String>>>();
      for (int id = 1; id <= REPLICAS; id++) {
        TestSession reader = cluster.session(id);
        ends.add(IntStream.range(0, KEYS).mapToObj(k -> reader.get("k" + k)).toList());
      }
      assertEquals(1, ends.size(), () -> "seed " + seed + ": replicas differ: " + ends);
    }
    return anomalies;
  }

  private record Seen(long lamportTime, int replicaId) {
    boolean isOlderThan(Seen other) {
      return lamportTime < other.lamportTime
          || (lamportTime == other.lamportTime && replicaId < other.replicaId);
    }
  }

  @Test
  void in_a_causal_cluster_no_session_ever_sees_an_answer_without_what_came_before() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      assertEquals(0, anomalies(seed, Consistency.CAUSAL), "seed " + seed);
    }
  }

  @Test
  void in_an_eventual_cluster_the_same_check_finds_anomalies() {
    int anomalies = 0;
    for (long seed = 1; seed <= 5; seed++) {
      anomalies += anomalies(seed, Consistency.EVENTUAL);
    }
    assertFalse(anomalies == 0);
  }
}
