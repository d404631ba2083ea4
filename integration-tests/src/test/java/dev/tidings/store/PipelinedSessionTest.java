package dev.tidings.store;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.ClusterClients;
import dev.tidings.client.Condition;
import dev.tidings.client.CounterValue;
import dev.tidings.client.Durability;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Pipeline;
import dev.tidings.client.Query;
import dev.tidings.client.Session;
import dev.tidings.client.Snapshot;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.WriteOptions;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.harness.Cluster;
import dev.tidings.replica.storage.ReplicaStore;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** The library's pipelines. */
final class PipelinedSessionTest {
  private static final Duration DEADLINE = Duration.ofSeconds(9);
  private static final Bytes FEED = Bytes.of("f");
  private static final Bytes COUNTER = Bytes.of("c");

  private static Tidings connect(Cluster cluster, Integer... replicas) {
    return ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(replicas));
  }

  private static <T> T within(Cluster cluster, CompletableFuture<T> request) {
    return ClusterClients.within(cluster, DEADLINE.multipliedBy(3), request);
  }

  private static void close(Cluster cluster, Pipeline pipeline) {
    ClusterClients.close(cluster, DEADLINE.multipliedBy(3), pipeline);
  }

  private static Mutation append(int number) {
    return new Mutation.Append(FEED, Bytes.of(String.valueOf(number)));
  }

  private static List<String> entries(Cluster cluster, Session session) {
    return within(cluster, session.async().read(Item.feed(FEED))).entries().stream()
        .map(entry -> entry.value().utf8())
        .toList();
  }

  @Test
  void a_thousand_writes_keep_their_order_share_commits_and_are_seen_by_what_comes_after_them() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      int[] commits = new int[1];
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committing(int id) {
              commits[0]++;
            }
          });
      Session session = connect(cluster, 1).session();
      Pipeline pipeline = session.pipeline();
      var answered = new ArrayList<Integer>();
      var writes = new ArrayList<CompletableFuture<WriteInfo>>();
      for (int i = 0; i < 1_000; i++) {
        int number = i;
        writes.add(
            pipeline
                .write(append(i), new Mutation.Increment(COUNTER, 1))
                .whenComplete((write, failure) -> answered.add(number)));
      }
      CompletableFuture<Long> count =
          pipeline.read(Item.counter(COUNTER)).thenApply(CounterValue::value);
      assertEquals(1_000, within(cluster, count));
      assertEquals(IntStream.range(0, 1_000).boxed().toList(), answered);
      assertTrue(commits[0] < 50, () -> commits[0] + " commits");
      Snapshot last = within(cluster, pipeline.read(new Query(List.of(Item.feed(FEED)), true)));
      for (int i = 1; i < 1_000; i++) {
        assertEquals(
            PositionSet.of(writes.get(i - 1).join().position()),
            last.get(Item.feed(FEED)).entries().get(i).writtenBy().dependencies());
      }
      close(cluster, pipeline);
      // The session goes on from there, anywhere.
      session.moveTo(ClusterClients.address(2));
      assertEquals(1_000, entries(cluster, session).size());
    }
  }

  @Test
  void a_refused_request_fails_its_future_and_no_other() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Pipeline pipeline = connect(cluster, 1).session().pipeline();
      CompletableFuture<WriteInfo> first = pipeline.write(append(1));
      CompletableFuture<DurableWrite> refused =
          pipeline.write(
              List.of(append(2)),
              WriteOptions.onlyIf(Condition.version(Bytes.of("k"), versionOfNobody(cluster))));
      CompletableFuture<WriteInfo> last = pipeline.write(append(3));
      TidingsException failure =
          assertThrows(TidingsException.class, () -> within(cluster, refused));
      assertEquals(Reason.CONDITION_FAILED, failure.reason());
      assertFalse(failure.outcomeUnknown());
      within(cluster, first);
      within(cluster, last);
      close(cluster, pipeline);
      assertTrue(pipeline.write(append(4)).isCompletedExceptionally(), "closed");
    }
  }

  private static Version versionOfNobody(Cluster cluster) {
    return new Version(7, cluster.origin(1));
  }

  @Test
  void while_a_pipeline_is_open_its_session_is_used_for_nothing_else() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Session session = connect(cluster, 1).session();
      Pipeline pipeline = session.pipeline();
      assertThrows(IllegalStateException.class, () -> session.async().write(append(1)));
      assertThrows(IllegalStateException.class, session::pipeline);
      close(cluster, pipeline);
      within(cluster, session.async().write(append(1)));
      close(cluster, session.pipeline());
    }
  }

  @Test
  void a_replica_that_dies_leaves_open_which_writes_have_happened_and_the_session_goes_on() {
    try (Cluster cluster = Cluster.started(2, "")) {
      Session session = connect(cluster, 1, 2).session();
      Pipeline pipeline = session.pipeline();
      int[] commits = new int[1];
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committed(int id, ReplicaStore store) {
              if (id == 1 && ++commits[0] == 3) {
                cluster.kill(1);
              }
            }
          });
      var writes = new ArrayList<CompletableFuture<WriteInfo>>();
      for (int i = 0; i < 1_500; i++) {
        writes.add(pipeline.write(append(i)));
        if (i % 200 == 0) {
          cluster.time().settle();
        }
      }
      close(cluster, pipeline);
      List<Integer> done =
          IntStream.range(0, 1_500)
              .filter(i -> !writes.get(i).isCompletedExceptionally())
              .boxed()
              .toList();
      assertTrue(done.size() > 0 && done.size() < 1_500, done.size() + " are answered");
      TidingsException unknown =
          assertThrows(TidingsException.class, () -> within(cluster, writes.get(done.size())));
      assertTrue(unknown.outcomeUnknown(), unknown::getMessage);
      TidingsException unsent =
          assertThrows(TidingsException.class, () -> within(cluster, writes.get(1_499)));
      assertFalse(unsent.outcomeUnknown(), unsent::getMessage);
      cluster.start(1);
      cluster.time().advance(Duration.ofSeconds(5));
      List<String> entries = entries(cluster, session);
      // What was answered is there, and of the rest a beginning.
      assertTrue(entries.size() >= done.size() && entries.size() < 1_500);
      assertEquals(IntStream.range(0, entries.size()).mapToObj(String::valueOf).toList(), entries);
      within(cluster, session.async().write(append(-1)));
      assertEquals(entries.size() + 1, entries(cluster, session).size());
    }
  }

  @Test
  void who_gets_no_answer_for_as_long_as_a_request_may_take_is_told_so() {
    try (Cluster cluster = Cluster.started(2, "1-2=1000s")) {
      Session session = connect(cluster, 1).session();
      Pipeline pipeline = session.pipeline();
      CompletableFuture<DurableWrite> slow =
          pipeline.write(
              List.of(append(1)),
              WriteOptions.DEFAULT.durable(new Durability(2, Duration.ofSeconds(60))));
      CompletableFuture<WriteInfo> behind = pipeline.write(append(2));
      TidingsException failure = assertThrows(TidingsException.class, () -> within(cluster, slow));
      assertEquals(Reason.NO_ANSWER, failure.reason());
      assertTrue(failure.outcomeUnknown());
      assertThrows(TidingsException.class, () -> within(cluster, behind));
      assertEquals(List.of("1", "2"), entries(cluster, session));
    }
  }
}
