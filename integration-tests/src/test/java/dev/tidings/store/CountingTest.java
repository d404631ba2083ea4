package dev.tidings.store;

import static dev.tidings.client.ClusterClients.address;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.ClusterClients;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.FeedPage;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Session;
import dev.tidings.client.SetPage;
import dev.tidings.client.Snapshot;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.WriteOptions;
import dev.tidings.harness.Cluster;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import java.util.TreeSet;
import java.util.stream.IntStream;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/**
 * Fifty clients append, increment and add, and fail over as replicas die, at any moment and while
 * they commit, are slow, and are cut off from each other. Whatever was tried at several replicas
 * counts once.
 */
final class CountingTest {
  private static final int CLIENTS = 50;
  private static final int WRITES = 15;
  private static final int FAULTS = 25;
  private static final Duration DEADLINE = Duration.ofSeconds(6);
  private static final Bytes MAP = Bytes.of("map");
  private static final Bytes NAME = Bytes.of("all");

  @ParameterizedTest
  @ValueSource(longs = {1, 2, 3, 4, 5, 6})
  void all_that_was_acknowledged_counts_once_and_nothing_counts_twice(long seed) {
    try (Cluster cluster = Cluster.started(3, "")) {
      var run = new Run(cluster, new Random(seed));
      run.begin();
      cluster.time().until("all clients are done", Duration.ofMinutes(30), run::isDone);
      run.heal();
      cluster.converge();
      for (int id = 1; id <= 3; id++) {
        run.check(id);
      }
      assertTrue(run.moves > CLIENTS / 2, () -> run.moves + " moves");
    }
  }

  private static final class Run {
    private final Cluster cluster;
    private final Random random;
    private final List<Tidings> connections = new ArrayList<>();
    private final Set<String> acknowledged = new HashSet<>();
    private final Set<String> unknown = new HashSet<>();
    private final Set<Integer> slow = new HashSet<>();
    private final Set<Integer> dying = new HashSet<>();
    private int working = CLIENTS;
    private int moves;
    private boolean healed;

    Run(Cluster cluster, Random random) {
      this.cluster = cluster;
      this.random = random;
    }

    void begin() {
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void committing(int id) {
              if (slow.remove(id)) {
                cluster.time().pass(Duration.ofMillis(random.nextInt(5_000)));
              }
              if (dying.remove(id)) {
                kill(id);
              }
            }
          });
      for (int client = 0; client < CLIENTS; client++) {
        int home = client % 3;
        List<Integer> replicas = IntStream.range(0, 3).mapToObj(i -> (home + i) % 3 + 1).toList();
        Tidings tidings =
            ClusterClients.connect(cluster, DEADLINE, new Random(random.nextLong()), replicas);
        connections.add(tidings);
        write(tidings.session(), client, 0);
      }
      for (int fault = 0; fault < FAULTS; fault++) {
        cluster
            .time()
            .after(Duration.ofMillis(100 + 700L * fault + random.nextInt(600)), this::fault);
      }
    }

    /** Writes, and goes on when that has come to something. */
    private void write(Session session, int client, int number) {
      if (number == WRITES) {
        working--;
        return;
      }
      String label = client + ":" + number;
      Bytes name = Bytes.of(label);
      List<Mutation> changes =
          List.of(
              new Mutation.Append(NAME, name),
              new Mutation.Increment(NAME, 1).inMap(MAP),
              new Mutation.Add(NAME, List.of(name)));
      if (random.nextInt(10) == 0) {
        session.moveTo(address(1 + random.nextInt(3)));
      }
      String before = session.replica();
      var unused =
          session
              .async()
              .write(changes, WriteOptions.DEFAULT)
              .whenComplete(
                  (answer, failure) -> {
                    if (failure == null) {
                      acknowledged.add(label);
                    } else if (((TidingsException) failure).outcomeUnknown()) {
                      unknown.add(label);
                    }
                    if (!session.replica().equals(before)) {
                      moves++;
                    }
                    cluster
                        .time()
                        .after(
                            Duration.ofMillis(random.nextInt(1_500)),
                            () -> write(session, client, number + 1));
                  });
    }

    private void fault() {
      int id = 1 + random.nextInt(3);
      switch (random.nextInt(4)) {
        case 0 -> dying.add(id);
        case 1 -> slow.add(id);
        case 2 -> kill(id);
        default -> {
          int other = id % 3 + 1;
          if (cluster.isRunning(id) && !healed) {
            cluster.link(id, other, Duration.ofMillis(random.nextInt(2_000)), random.nextBoolean());
          }
        }
      }
    }

    private void kill(int id) {
      if (cluster.isRunning(id) && !healed) {
        cluster.kill(id, random.nextBoolean());
        cluster.time().after(Duration.ofMillis(random.nextInt(8_000)), () -> start(id));
      }
    }

    private void start(int id) {
      if (!cluster.isRunning(id)) {
        cluster.start(id);
      }
    }

    boolean isDone() {
      return working == 0;
    }

    void heal() {
      healed = true;
      connections.forEach(Tidings::close);
      slow.clear();
      dying.clear();
      for (int id = 1; id <= 3; id++) {
        start(id);
      }
      for (int id = 1; id <= 3; id++) {
        cluster.link(id, id % 3 + 1, Duration.ZERO, false);
        cluster.link(id, (id + 1) % 3 + 1, Duration.ZERO, false);
      }
    }

    void check(int id) {
      Session reader =
          ClusterClients.connect(cluster, DEADLINE, new Random(1), List.of(id)).session();
      Item<FeedPage> feed = Item.feed(NAME);
      var counter = Item.counter(NAME).inMap(MAP);
      Item<SetPage> set = Item.set(NAME);
      Snapshot all =
          ClusterClients.within(
              cluster,
              DEADLINE,
              reader.async().read(dev.tidings.client.Query.of(feed, counter, set)));
      List<String> entries =
          all.get(feed).entries().stream().map(FeedEntry::value).map(Bytes::utf8).toList();
      var distinct = new TreeSet<>(entries);
      assertEquals(distinct.size(), entries.size(), "an append counts twice");
      assertEquals(
          distinct,
          new TreeSet<>(all.get(set).elements().stream().map(Bytes::utf8).toList()),
          "appends and adds of the same writes");
      assertEquals(distinct.size(), all.get(counter).value(), "increments of the same writes");
      assertTrue(distinct.containsAll(acknowledged), "something acknowledged is not there");
      distinct.removeAll(acknowledged);
      assertTrue(unknown.containsAll(distinct), "something that was refused is there");
    }
  }
}
