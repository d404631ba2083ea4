package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.Mutation;
import dev.tidings.client.Selector;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.Watch;
import dev.tidings.client.WatchQuery;
import dev.tidings.client.WatchedWrite;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Watches of the session library over real connections, of replicas that are killed. */
final class WatchIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final int WRITES = 200;
  private static final Bytes FEED = Bytes.of("feed");
  private static final WatchQuery ALL = WatchQuery.of(new Selector.Everything());

  @TempDir private Path directory = Path.of("set by JUnit");
  private List<ReplicaProcess> replicas = List.of();

  @BeforeEach
  void start() throws IOException {
    replicas = ReplicaProcess.cluster(2, directory, List.of());
    for (ReplicaProcess replica : replicas) {
      replica.awaitReady();
    }
  }

  @AfterEach
  void destroy() {
    replicas.forEach(ReplicaProcess::destroy);
  }

  private Tidings connect(int id) {
    return Tidings.connect(replicas.get(id - 1).address(), PATIENCE);
  }

  private static String next(Watch watch) {
    WatchedWrite write = watch.next(PATIENCE).orElseThrow();
    return ((Mutation.Append) write.changes().get(0).mutation()).value().utf8();
  }

  @Test
  void a_watch_outlives_its_replica_and_misses_nothing() throws Exception {
    try (Tidings one = connect(1);
        Watch watch = one.watch(ALL)) {
      watch.begin();
      Session writer = one.session();
      var told = new ArrayList<String>();
      for (int i = 0; i < WRITES; i++) {
        writer.append(FEED, Bytes.of("entry " + i));
        if (i % 50 == 25) {
          told.add(next(watch));
          replicas.get(0).kill();
          replicas.get(0).start();
          replicas.get(0).awaitReady();
        }
      }
      while (told.size() < WRITES) {
        told.add(next(watch));
      }
      assertEquals(IntStream.range(0, WRITES).mapToObj(i -> "entry " + i).toList(), told);
    }
  }

  @Test
  void a_watch_goes_on_at_another_replica_and_a_session_has_seen_what_it_was_told()
      throws Exception {
    try (Tidings one = connect(1);
        Tidings two = connect(2)) {
      Session reader = one.session();
      Watch watch = reader.watch(ALL.orAt(replicas.get(1).address()));
      watch.begin();
      Session writer = two.session();
      writer.append(FEED, Bytes.of("before"));
      assertEquals("before", next(watch));
      replicas.get(0).kill();
      writer.append(FEED, Bytes.of("after"));
      assertEquals("after", next(watch));
      assertEquals(replicas.get(1).address(), watch.replica());
      reader.moveTo(replicas.get(1).address());
      reader.append(FEED, Bytes.of("answer"));
      assertEquals("answer", next(watch));
      var entries = two.session().feed(FEED, true);
      var dependencies = entries.get(2).writtenBy().dependencies();
      assertTrue(
          dependencies != null
              && dependencies.contains(entries.get(0).writtenBy().position())
              && dependencies.contains(entries.get(1).writtenBy().position()),
          () -> "depends on " + dependencies);
    }
  }
}
