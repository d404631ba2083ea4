package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.AsyncSession;
import dev.tidings.client.Bytes;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.Mutation;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.WriteOptions;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The session library's fail-over, over real connections to real processes. */
final class FailoverIT {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final Duration DEADLINE = Duration.ofSeconds(15);
  private static final int CLIENTS = 50;
  private static final int WRITES = 40;
  private static final Bytes NAME = Bytes.of("all");

  @TempDir private Path directory = Path.of("");
  private List<ReplicaProcess> replicas = List.of();

  @BeforeEach
  void start() throws IOException {
    replicas = ReplicaProcess.cluster(3, directory, List.of());
    for (ReplicaProcess replica : replicas) {
      replica.awaitReady();
    }
  }

  @AfterEach
  void destroy() {
    replicas.forEach(ReplicaProcess::destroy);
  }

  private Tidings connect() {
    return Tidings.connect(replicas.stream().map(ReplicaProcess::address).toList(), DEADLINE);
  }

  /** Writes on and on, each write when the one before has come to something. */
  private static final class Client {
    private final AsyncSession session;
    private final String name;
    private final Semaphore progress;
    private final CountDownLatch done;
    private final Set<String> acknowledged;
    private int writes;

    Client(
        AsyncSession session,
        String name,
        Semaphore progress,
        CountDownLatch done,
        Set<String> acknowledged) {
      this.session = session;
      this.name = name;
      this.progress = progress;
      this.done = done;
      this.acknowledged = acknowledged;
    }

    void write() {
      if (writes == WRITES) {
        done.countDown();
        return;
      }
      String label = name + " " + writes++;
      Bytes value = Bytes.of(label);
      List<Mutation> changes =
          List.of(
              new Mutation.Append(NAME, value),
              new Mutation.Increment(NAME, 1),
              new Mutation.Add(NAME, List.of(value)));
      var unused =
          session
              .write(changes, WriteOptions.DEFAULT)
              .whenComplete((answer, failure) -> onEnd(label, answer));
    }

    private void onEnd(String label, @Nullable DurableWrite answer) {
      if (answer != null) {
        acknowledged.add(label);
      }
      progress.release();
      write();
    }
  }

  @Test
  void fifty_clients_count_exactly_while_replicas_are_killed_and_stopped() throws Exception {
    Set<String> acknowledged = ConcurrentHashMap.newKeySet();
    var progress = new Semaphore(0);
    var done = new CountDownLatch(CLIENTS);
    try (Tidings tidings = connect()) {
      for (int client = 0; client < CLIENTS; client++) {
        Session session = tidings.session();
        session.moveTo(replicas.get(client % 3).address());
        new Client(session.async(), "client " + client, progress, done, acknowledged).write();
      }
      awaitProgress(progress);
      replicas.get(0).kill();
      awaitProgress(progress);
      replicas.get(1).pause();
      replicas.get(0).start();
      awaitProgress(progress);
      replicas.get(1).resume();
      awaitProgress(progress);
      replicas.get(2).killAndRestart();
      assertTrue(done.await(PATIENCE.toSeconds(), TimeUnit.SECONDS));

      Session reader = tidings.session();
      // A write that its own replica has shown to all the others.
      for (ReplicaProcess replica : replicas) {
        replica.awaitReady();
        reader.moveTo(replica.address());
        reader.append(Bytes.of("ends"), Bytes.of("here"));
      }
      List<String> entries =
          reader.feed(NAME, false).stream().map(FeedEntry::value).map(Bytes::utf8).toList();
      var distinct = new HashSet<>(entries);
      assertEquals(distinct.size(), entries.size());
      assertTrue(distinct.containsAll(acknowledged));
      assertEquals(distinct.size(), reader.counter(NAME));
      assertEquals(distinct.size(), reader.set(NAME).size());
      assertTrue(acknowledged.size() > CLIENTS * WRITES / 2, acknowledged.size() + " answered");
    }
  }

  private static void awaitProgress(Semaphore progress) throws InterruptedException {
    assertTrue(progress.tryAcquire(200, PATIENCE.toSeconds(), TimeUnit.SECONDS));
  }

  @Test
  void a_blocked_session_goes_on_when_its_replica_is_killed_and_closing_leaves_no_thread()
      throws Exception {
    Tidings tidings = connect();
    Session session = tidings.session();
    session.put(NAME, Bytes.of("mine"));
    Session other = tidings.session();
    other.moveTo(replicas.get(1).address());
    for (boolean arrived = false; !arrived; ) {
      arrived = other.get(NAME).bytes() != null;
    }
    replicas.get(0).kill();
    assertEquals(Bytes.of("mine"), session.get(NAME).bytes());
    assertFalse(session.replica().equals(replicas.get(0).address()));
    assertTrue(libraryThreads() > 0);
    tidings.close();
    for (Thread thread : Thread.getAllStackTraces().keySet()) {
      if (isLibrarys(thread)) {
        thread.join(PATIENCE.toMillis());
        assertFalse(thread.isAlive(), thread.getName());
      }
    }
    assertEquals(0, libraryThreads());
    assertEquals(TidingsException.Reason.CLOSED, refusal(session));
  }

  private static TidingsException.Reason refusal(Session closed) {
    try {
      closed.get(NAME);
      throw new AssertionError("it is closed");
    } catch (TidingsException e) {
      return e.reason();
    }
  }

  private static long libraryThreads() {
    return Thread.getAllStackTraces().keySet().stream().filter(FailoverIT::isLibrarys).count();
  }

  private static boolean isLibrarys(Thread thread) {
    return thread.getName().startsWith("tidings-") || thread.getName().startsWith("grpc-");
  }
}
