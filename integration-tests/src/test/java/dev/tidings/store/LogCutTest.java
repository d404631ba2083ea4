package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.Retention;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.v1.Register;
import java.time.Duration;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** What is forgotten, and that nobody misses it. */
final class LogCutTest {
  private static final int MANY = 400;
  private static final Retention SHORT =
      new Retention(1_000, 1L << 30, Duration.ofDays(365), Duration.ZERO);

  /** What a member lacks is kept for it up to 20,000 bytes only. */
  private static final Retention IMPATIENT =
      new Retention(1_000, 20_000, Duration.ofDays(365), Duration.ZERO);

  private static Cluster cluster(int size, Retention retention) {
    var cluster = new Cluster(size, "", Consistency.CAUSAL);
    cluster.retain(retention);
    for (int id = 1; id <= size; id++) {
      cluster.start(id);
    }
    cluster.time().settle();
    return cluster;
  }

  private static void writeMany(Cluster cluster, int id) {
    TestSession session = cluster.session(id);
    for (int i = 0; i < MANY; i++) {
      session.write(put("k" + i % 10, "value " + i), append("f" + id, "entry " + i));
    }
  }

  private static int logged(Cluster cluster, int id) {
    int count = 0;
    try (var snapshot = cluster.disk(id).snapshot();
        var cursor = snapshot.scan(Table.LOG, new byte[0])) {
      while (cursor.next()) {
        count++;
      }
    }
    return count;
  }

  @Test
  void a_log_is_cut_when_every_member_has_it() {
    try (Cluster cluster = cluster(3, SHORT)) {
      writeMany(cluster, 1);
      cluster.converge();
      cluster.time().advance(Duration.ofSeconds(10));
      for (int id = 1; id <= 3; id++) {
        assertTrue(logged(cluster, id) < MANY / 2, id + ": " + logged(cluster, id));
      }
      cluster.session(1).write(put("k0", "goes on"));
      cluster.converge();
      assertEquals(Optional.of("goes on"), cluster.session(3).get("k0"));
    }
  }

  @Test
  void a_log_is_kept_for_a_member_that_is_away_and_it_gets_all_of_it_without_a_snapshot() {
    try (Cluster cluster = cluster(3, SHORT)) {
      cluster.time().advance(Duration.ofSeconds(5));
      cluster.kill(3);
      writeMany(cluster, 1);
      cluster.time().advance(Duration.ofMinutes(5));
      assertTrue(logged(cluster, 1) >= MANY, () -> logged(cluster, 1) + " entries");
      cluster.start(3);
      cluster.converge();
      assertEquals(MANY, cluster.session(3).entries("f1").size());
      cluster.time().advance(Duration.ofSeconds(10));
      assertTrue(logged(cluster, 1) < MANY / 2, () -> logged(cluster, 1) + " entries");
    }
  }

  @Test
  void a_member_that_was_away_for_too_long_gets_a_snapshot_and_loses_nothing_of_its_own() {
    try (Cluster cluster = cluster(3, IMPATIENT)) {
      cluster.session(1).write(put("before", "1"));
      cluster.converge();
      for (int other : new int[] {1, 2}) {
        cluster.link(3, other, Duration.ZERO, true);
        cluster.link(other, 3, Duration.ZERO, true);
      }
      writeMany(cluster, 1);
      TestSession away = cluster.session(3);
      away.get("before");
      away.write(append("f3", "meanwhile at 3"), put("k1", "at 3"));
      cluster.session(2).write(delete("before"));
      cluster.time().advance(Duration.ofMinutes(2));
      assertTrue(logged(cluster, 1) < MANY, () -> logged(cluster, 1) + " entries");
      for (int other : new int[] {1, 2}) {
        cluster.link(3, other, Duration.ZERO, false);
        cluster.link(other, 3, Duration.ZERO, false);
      }
      cluster.converge();
      for (int id = 1; id <= 3; id++) {
        assertEquals(MANY, cluster.session(id).entries("f1").size(), "at " + id);
        assertEquals(1, cluster.session(id).entries("f3").size(), "at " + id);
        assertEquals(Optional.empty(), cluster.session(id).get("before"), "at " + id);
      }
      writeMany(cluster, 3);
      cluster.converge();
      assertEquals(MANY + 1, cluster.session(1).entries("f3").size());
    }
  }

  @Test
  void stalled_writes_are_not_cut() {
    try (Cluster cluster = cluster(3, SHORT)) {
      cluster.link(1, 3, Duration.ofMinutes(3), false);
      cluster.session(1).write(put("x", "awaited"));
      cluster.time().settle();
      TestSession reader = cluster.session(2);
      reader.get("x");
      for (int i = 0; i < MANY; i++) {
        reader.write(append("f", "stalled at 3 " + i));
      }
      cluster.time().advance(Duration.ofMinutes(1));
      assertEquals(MANY, cluster.status(3).getStalledNow());
      cluster.kill(3);
      cluster.start(3);
      cluster.converge();
      assertEquals(MANY, cluster.session(3).entries("f").size());
    }
  }

  @Test
  void
      a_delete_is_forgotten_when_all_show_it_and_then_nobody_says_that_the_key_was_never_written() {
    try (Cluster cluster = cluster(3, SHORT)) {
      cluster.session(1).write(put("k", "v"));
      cluster.converge();
      assertTrue(cluster.session(1).register("nothing").getNeverWritten());
      cluster.link(1, 3, Duration.ofMinutes(1), false);
      cluster.session(1).write(delete("k"));
      cluster.time().advance(Duration.ofSeconds(30));
      assertTrue(cluster.session(1).register("k").hasWrittenBy(), "3 does not show it yet");
      assertEquals(Optional.of("v"), cluster.session(3).get("k"));
      cluster.converge();
      // Each has to hear from the others that they show it, and to show what they had written by
      // then.
      cluster.session(3).write(put("other", "1"));
      cluster.converge();
      cluster.time().advance(Duration.ofMinutes(3));
      cluster.session(2).write(put("other", "2"));
      cluster.time().advance(Duration.ofMinutes(3));
      for (int id = 1; id <= 3; id++) {
        Register register = cluster.session(id).register("k");
        assertFalse(register.hasValue() || register.hasWrittenBy(), id + ": " + register);
        assertFalse(register.getNeverWritten());
      }
    }
  }
}
