package dev.tidings.store;

import static dev.tidings.client.ClusterClients.address;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.AsyncSession;
import dev.tidings.client.Bytes;
import dev.tidings.client.ClusterClients;
import dev.tidings.client.Condition;
import dev.tidings.client.Durability;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.WriteOptions;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.FaultyDisk;
import java.time.Duration;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import org.junit.jupiter.api.Test;

/** The session library, when its replica does not answer. */
final class FailoverTest {
  private static final Duration DEADLINE = Duration.ofSeconds(9);
  private static final Bytes KEY = Bytes.of("k");
  private static final Bytes OTHER = Bytes.of("other");
  private static final List<Mutation> COUNTED =
      List.of(
          new Mutation.Append(KEY, Bytes.of("entry")),
          new Mutation.Increment(KEY, 1),
          new Mutation.Add(KEY, List.of(Bytes.of("element"))).inMap(Bytes.of("map")));
  private static final List<Mutation> PUT = List.of(new Mutation.Put(KEY, Bytes.of("mine")));

  private static Session session(Cluster cluster) {
    return tidings(cluster).session();
  }

  private static Tidings tidings(Cluster cluster) {
    return ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(1, 2, 3));
  }

  private static <T> T within(Cluster cluster, CompletableFuture<T> request) {
    return ClusterClients.within(cluster, DEADLINE, request);
  }

  private static TidingsException failure(Cluster cluster, CompletableFuture<?> request) {
    return assertThrows(TidingsException.class, () -> within(cluster, request));
  }

  private static DurableWrite put(Cluster cluster, AsyncSession session, String value) {
    return within(
        cluster,
        session.write(List.of(new Mutation.Put(KEY, Bytes.of(value))), WriteOptions.DEFAULT));
  }

  private static String get(Cluster cluster, Session session) {
    return String.valueOf(within(cluster, session.async().read(Item.register(KEY))).bytes());
  }

  /** Kills replica 1 at its next commit, before it has answered. */
  private static void killAtCommit(Cluster cluster, boolean shows) {
    cluster.onDiskWork(
        new Cluster.DiskWork() {
          @Override
          public void committing(int id) {
            if (id == 1) {
              cluster.onDiskWork(new Cluster.DiskWork() {});
              cluster.kill(1, shows);
            }
          }
        });
  }

  private static void assertCounted(int times, Cluster cluster) {
    for (int id = 1; id <= 3; id++) {
      Session reader =
          ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(id)).session();
      List<FeedEntry> entries = within(cluster, reader.async().read(Item.feed(KEY))).entries();
      assertEquals(times, entries.size(), "entries at replica " + id);
      assertEquals(
          times,
          within(cluster, reader.async().read(Item.counter(KEY))).value(),
          "increments at replica " + id);
      assertEquals(
          List.of(Bytes.of("element")),
          within(cluster, reader.async().read(Item.set(KEY).inMap(Bytes.of("map")))).elements());
    }
  }

  @Test
  void a_session_whose_replica_dies_goes_on_at_another_one_and_stays_there() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      put(cluster, session.async(), "mine");
      assertEquals(address(1), session.replica());
      cluster.time().settle();
      cluster.kill(1);
      assertEquals("mine", get(cluster, session));
      assertEquals(address(2), session.replica());
      cluster.start(1);
      put(cluster, session.async(), "mine too");
      assertEquals(address(2), session.replica());
    }
  }

  @Test
  void what_the_session_has_seen_is_asked_of_those_that_show_it() {
    try (Cluster cluster = Cluster.started(3, "1>2=60s,3>2=60s")) {
      Session session = session(cluster);
      put(cluster, session.async(), "mine");
      cluster.time().settle();
      cluster.kill(1);
      assertEquals("mine", get(cluster, session));
      assertEquals(address(3), session.replica());
    }
  }

  @Test
  void a_replica_that_lags_is_waited_for_as_long_as_its_share_of_the_deadline() {
    try (Cluster cluster = Cluster.started(3, "1>2=2500ms")) {
      Session session = session(cluster);
      put(cluster, session.async(), "mine");
      session.moveTo(address(2));
      assertEquals("mine", get(cluster, session));
      assertEquals(address(2), session.replica());
    }
  }

  @Test
  void a_slow_replica_is_not_left() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      cluster.slowCommits(1, Duration.ofMillis(2_900));
      for (int i = 0; i < 5; i++) {
        put(cluster, session.async(), "mine");
        assertEquals(address(1), session.replica());
      }
    }
  }

  @Test
  void what_commutes_goes_on_elsewhere_when_no_answer_comes_and_counts_once() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      cluster.slowCommits(1, Duration.ofSeconds(20));
      within(cluster, session.async().write(COUNTED, WriteOptions.DEFAULT));
      assertEquals(address(2), session.replica());
      cluster.onDiskWork(new Cluster.DiskWork() {});
      cluster.converge();
      assertCounted(1, cluster);
    }
  }

  @Test
  void what_commutes_counts_once_though_the_replica_died_before_its_answer() {
    for (boolean shows : new boolean[] {true, false}) {
      try (Cluster cluster = Cluster.started(3, "")) {
        Session session = session(cluster);
        killAtCommit(cluster, shows);
        within(cluster, session.async().write(COUNTED, WriteOptions.DEFAULT));
        assertEquals(address(2), session.replica());
        cluster.start(1);
        cluster.converge();
        assertCounted(1, cluster);
        within(cluster, session.async().write(COUNTED, WriteOptions.DEFAULT));
        cluster.converge();
        assertCounted(2, cluster);
      }
    }
  }

  @Test
  void a_put_is_not_tried_elsewhere_after_it_may_have_happened() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      killAtCommit(cluster, true);
      TidingsException failure = failure(cluster, session.async().write(PUT, WriteOptions.DEFAULT));
      assertTrue(failure.outcomeUnknown());
      assertEquals(Reason.UNREACHABLE, failure.reason());
      assertEquals("null", get(cluster, session));
      assertEquals(address(2), session.replica());
      // It goes on, and what came of the put shows when its replica is back.
      within(cluster, session.async().write(new Mutation.Put(OTHER, Bytes.of("x"))));
      cluster.start(1);
      cluster.converge();
      assertEquals("mine", get(cluster, session));
    }
  }

  @Test
  void a_put_is_answered_as_it_happened_when_its_replica_is_back_in_time() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      killAtCommit(cluster, true);
      CompletableFuture<DurableWrite> write = session.async().write(PUT, WriteOptions.DEFAULT);
      cluster.time().advance(Duration.ofSeconds(3));
      assertFalse(write.isDone());
      cluster.start(1);
      assertEquals(1, within(cluster, write).write().position().origin().replicaId());
      assertEquals(1, within(cluster, write).write().position().sequence());
      assertEquals(address(1), session.replica());
    }
  }

  @Test
  void a_put_is_tried_elsewhere_if_a_second_write_is_allowed() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      killAtCommit(cluster, true);
      DurableWrite write =
          within(cluster, session.async().write(PUT, WriteOptions.DEFAULT.allowSecondWrite()));
      assertEquals(2, write.write().position().origin().replicaId());
      cluster.start(1);
      cluster.converge();
      assertEquals("mine", get(cluster, session));
    }
  }

  @Test
  void a_condition_binds_even_what_commutes_to_the_replica_that_may_have_decided() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      killAtCommit(cluster, true);
      TidingsException failure =
          failure(
              cluster,
              session.async().write(COUNTED, WriteOptions.onlyIf(Condition.absent(OTHER))));
      assertTrue(failure.outcomeUnknown());
      cluster.start(1);
      cluster.converge();
      assertCounted(1, cluster);
    }
  }

  @Test
  void a_put_that_was_never_sent_or_definitely_refused_goes_elsewhere() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      cluster.kill(1);
      assertEquals(2, put(cluster, session.async(), "a").write().position().origin().replicaId());
      cluster.disk(2).set(FaultyDisk.Space.TOO_LITTLE);
      cluster.time().advance(Duration.ofSeconds(2));
      assertEquals(3, put(cluster, session.async(), "b").write().position().origin().replicaId());
      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(5));
      cluster.kill(3);
      assertEquals(1, put(cluster, session.async(), "c").write().position().origin().replicaId());
      assertEquals(address(1), session.replica());
    }
  }

  @Test
  void a_replica_that_was_removed_is_left() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      put(cluster, session.async(), "mine");
      cluster.time().settle();
      cluster.remove(2, 1);
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals("mine", get(cluster, session));
      assertEquals(address(2), session.replica());
    }
  }

  @Test
  void whoever_answers_that_a_condition_does_not_hold_has_answered() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      put(cluster, session.async(), "mine");
      cluster.time().settle();
      cluster.kill(1);
      TidingsException refusal =
          failure(cluster, session.async().write(PUT, WriteOptions.onlyIf(Condition.absent(KEY))));
      assertEquals(Reason.CONDITION_FAILED, refusal.reason());
      assertFalse(refusal.outcomeUnknown());
      assertEquals(address(2), session.replica());
    }
  }

  @Test
  void when_nobody_answers_the_deadline_ends_it_and_all_are_named() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Session session = session(cluster);
      for (int id = 1; id <= 3; id++) {
        cluster.kill(id);
      }
      long start = cluster.time().nowMicros();
      TidingsException failure = failure(cluster, session.async().read(Item.register(KEY)));
      assertTrue(cluster.time().nowMicros() - start <= DEADLINE.toMillis() * 1_000);
      assertTrue(cluster.time().nowMicros() - start > DEADLINE.toMillis() * 1_000 / 2);
      assertEquals(Reason.UNREACHABLE, failure.reason());
      for (int id = 1; id <= 3; id++) {
        assertTrue(failure.toString().contains(address(id)), failure.toString());
      }
      assertEquals(address(1), session.replica());
    }
  }

  @Test
  void a_write_that_waits_for_other_replicas_is_not_taken_for_one_without_an_answer() {
    try (Cluster cluster = Cluster.started(3, "1>2=60s,1>3=60s")) {
      Session session = session(cluster);
      WriteOptions options = WriteOptions.DEFAULT.durable(new Durability(3, Duration.ofSeconds(5)));
      assertEquals(1, within(cluster, session.async().write(COUNTED, options)).durableOn());
      assertEquals(address(1), session.replica());
    }
  }

  @Test
  void new_sessions_begin_elsewhere_for_a_while_where_one_has_found_no_answer() {
    try (Cluster cluster = Cluster.started(3, "")) {
      Tidings tidings = tidings(cluster);
      cluster.kill(1);
      put(cluster, tidings.session().async(), "a");
      assertEquals(address(2), tidings.session().replica());
      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(10));
      Session later = tidings.session();
      put(cluster, later.async(), "b");
      assertEquals(address(1), later.replica());
    }
  }

  @Test
  void closing_fails_what_is_under_way_and_what_waits() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Tidings tidings = ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(1));
      AsyncSession session = tidings.session().async();
      cluster.kill(1);
      CompletableFuture<?> first = session.read(Item.register(KEY));
      CompletableFuture<?> second = session.write(PUT, WriteOptions.DEFAULT);
      tidings.close();
      assertEquals(Reason.CLOSED, failure(cluster, first).reason());
      assertEquals(Reason.CLOSED, failure(cluster, second).reason());
      assertFalse(failure(cluster, second).outcomeUnknown());
      assertEquals(Reason.CLOSED, failure(cluster, session.read(Item.register(KEY))).reason());
    }
  }
}
