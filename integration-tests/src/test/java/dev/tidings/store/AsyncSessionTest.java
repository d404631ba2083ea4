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
import dev.tidings.client.CounterValue;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Query;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.WriteOptions;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.Cluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** A session's requests take turns. */
final class AsyncSessionTest {
  private static final Duration DEADLINE = Duration.ofSeconds(9);
  private static final Bytes KEY = Bytes.of("k");

  private static Tidings connect(Cluster cluster, Integer... replicas) {
    return ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(replicas));
  }

  private static <T> T within(Cluster cluster, CompletableFuture<T> request) {
    return ClusterClients.within(cluster, DEADLINE, request);
  }

  private static Mutation append(int number) {
    return new Mutation.Append(KEY, Bytes.of(String.valueOf(number)));
  }

  @Test
  void requests_are_answered_in_the_order_in_which_they_were_asked_and_each_depends_on_the_last() {
    try (Cluster cluster = Cluster.started(1, "")) {
      AsyncSession session = connect(cluster, 1).session().async();
      var ended = new ArrayList<Integer>();
      var requests = new ArrayList<CompletableFuture<WriteInfo>>();
      for (int i = 0; i < 100; i++) {
        int number = i;
        requests.add(
            session
                .write(append(number))
                .thenApply(
                    write -> {
                      ended.add(number);
                      return write;
                    }));
      }
      CompletableFuture<List<FeedEntry>> all =
          session
              .read(new Query(List.of(Item.feed(KEY)), true))
              .thenApply(snapshot -> snapshot.get(Item.feed(KEY)).entries());
      List<FeedEntry> entries = within(cluster, all);
      assertEquals(IntStream.range(0, 100).boxed().toList(), ended);
      for (int i = 0; i < 100; i++) {
        assertEquals(String.valueOf(i), entries.get(i).value().utf8());
        assertEquals(
            i == 0 ? PositionSet.EMPTY : PositionSet.of(requests.get(i - 1).join().position()),
            entries.get(i).writtenBy().dependencies());
      }
    }
  }

  @Test
  void one_that_is_refused_does_not_stop_those_behind_it() {
    try (Cluster cluster = Cluster.started(1, "")) {
      AsyncSession session = connect(cluster, 1).session().async();
      within(cluster, session.write(new Mutation.Put(KEY, Bytes.of("a"))));
      CompletableFuture<DurableWrite> refused =
          session.write(
              List.of(new Mutation.Put(KEY, Bytes.of("b"))),
              WriteOptions.onlyIf(Condition.absent(KEY)));
      CompletableFuture<WriteInfo> last = session.write(new Mutation.Put(KEY, Bytes.of("c")));
      within(cluster, last);
      assertEquals(
          Reason.CONDITION_FAILED,
          assertThrows(TidingsException.class, () -> within(cluster, refused)).reason());
      assertEquals(Bytes.of("c"), within(cluster, session.read(Item.register(KEY))).bytes());
    }
  }

  @Test
  void what_depends_on_a_future_may_ask_for_more() {
    try (Cluster cluster = Cluster.started(1, "")) {
      AsyncSession session = connect(cluster, 1).session().async();
      CompletableFuture<Long> count =
          session
              .write(new Mutation.Increment(KEY, 2))
              .thenCompose(write -> session.write(new Mutation.Increment(KEY, 3)))
              .thenCompose(write -> session.read(Item.counter(KEY)))
              .thenApply(CounterValue::value);
      assertEquals(5, within(cluster, count));
    }
  }

  @Test
  void no_more_than_a_thousand_wait_and_one_more_is_refused_unsent() {
    try (Cluster cluster = Cluster.started(1, "")) {
      AsyncSession session = connect(cluster, 1).session().async();
      cluster.kill(1);
      // The first one is under way.
      var requests = new ArrayList<CompletableFuture<WriteInfo>>();
      for (int i = 0; i <= AsyncSession.MAX_WAITING; i++) {
        requests.add(session.write(append(i)));
      }
      CompletableFuture<WriteInfo> tooMany = session.write(append(-1));
      TidingsException refusal =
          assertThrows(TidingsException.class, () -> within(cluster, tooMany));
      assertEquals(Reason.OVERLOADED, refusal.reason());
      assertFalse(refusal.outcomeUnknown());
      assertFalse(requests.get(0).isDone());
      cluster.start(1);
      within(cluster, requests.get(AsyncSession.MAX_WAITING));
      assertTrue(requests.stream().noneMatch(CompletableFuture::isCompletedExceptionally));
    }
  }

  @Test
  void the_time_that_a_request_waits_for_its_turn_counts() {
    try (Cluster cluster = Cluster.started(1, "")) {
      AsyncSession session = connect(cluster, 1).session().async();
      cluster.kill(1);
      CompletableFuture<WriteInfo> first = session.write(append(1));
      CompletableFuture<WriteInfo> second = session.write(append(2));
      cluster.time().advance(DEADLINE);
      assertTrue(first.isCompletedExceptionally());
      assertTrue(second.isCompletedExceptionally());
    }
  }

  @Test
  void what_waits_when_the_session_moves_goes_where_it_moves() {
    try (Cluster cluster = Cluster.started(2, "")) {
      Session session = connect(cluster, 1).session();
      CompletableFuture<WriteInfo> first = session.async().write(append(1));
      CompletableFuture<WriteInfo> second = session.async().write(append(2));
      session.moveTo(address(2));
      assertEquals(1, within(cluster, first).position().origin().replicaId());
      assertEquals(2, within(cluster, second).position().origin().replicaId());
      assertEquals(address(2), session.replica());
    }
  }
}
