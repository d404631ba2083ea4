package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.Query;
import dev.tidings.client.ReplicaStatus;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.Value;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.locks.LockSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class ThreeReplicasIT {
  private static final int CLIENTS = 50;
  private static final int WRITES_EACH = 200;
  private static final Duration PATIENCE = Duration.ofMinutes(2);

  @TempDir private Path directory = Path.of("set by JUnit");
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

  private static Bytes key(int client, int write) {
    return Bytes.of("client " + client + " write " + write);
  }

  @Test
  void ten_thousand_writes_of_fifty_clients_are_the_same_at_all_three_in_the_end()
      throws Exception {
    ExecutorService threads = Executors.newFixedThreadPool(CLIENTS);
    var clients = new ArrayList<Future<?>>();
    for (int c = 0; c < CLIENTS; c++) {
      int client = c;
      clients.add(
          threads.submit(
              () -> {
                try (Tidings tidings =
                    Tidings.connect(replicas.get(client % 3).address(), PATIENCE)) {
                  Session session = tidings.session();
                  for (int w = 0; w < WRITES_EACH; w++) {
                    session.put(key(client, w), Bytes.of("value " + w));
                    session.put(Bytes.of("contended"), Bytes.of(client + "/" + w));
                  }
                }
              }));
    }
    awaitAll(clients);
    threads.shutdown();
    awaitConvergence();

    var ends = new ArrayList<List<Value>>();
    for (ReplicaProcess replica : replicas) {
      try (Tidings tidings = Tidings.connect(replica.address(), PATIENCE)) {
        List<Value> all = new ArrayList<>();
        all.add(tidings.session().get(Bytes.of("contended")));
        for (int c = 0; c < CLIENTS; c++) {
          var keys = new ArrayList<Bytes>();
          for (int w = 0; w < WRITES_EACH; w++) {
            keys.add(key(c, w));
          }
          List<Value> values = tidings.session().read(new Query(keys, List.of(), false)).values();
          for (int w = 0; w < WRITES_EACH; w++) {
            assertEquals(Bytes.of("value " + w), values.get(w).bytes());
          }
          all.addAll(values);
        }
        ends.add(all);
      }
    }
    assertEquals(ends.get(0), ends.get(1));
    assertEquals(ends.get(0), ends.get(2));
    for (ReplicaProcess replica : replicas) {
      assertEquals(0, replica.stop());
    }
  }

  @Test
  void what_was_acknowledged_survives_kill_9_and_reaches_all() throws Exception {
    Map<Bytes, Bytes> acknowledged = new ConcurrentHashMap<>();
    ExecutorService threads = Executors.newFixedThreadPool(8);
    var clients = new ArrayList<Future<?>>();
    for (int c = 0; c < 8; c++) {
      int client = c;
      clients.add(
          threads.submit(
              () -> {
                try (Tidings tidings = Tidings.connect(replicas.get(0).address(), PATIENCE)) {
                  for (int w = 0; w < 400; w++) {
                    Bytes value = Bytes.of("value " + w);
                    try {
                      tidings.session().put(key(client, w), value);
                      acknowledged.put(key(client, w), value);
                    } catch (TidingsException e) {
                      // It may or may not have happened: nobody promised anything.
                      assertTrue(e.outcomeUnknown(), e::toString);
                    }
                  }
                }
              }));
    }
    for (int life = 0; life < 3; life++) {
      int enough = 200 * (life + 1);
      await("some writes are acknowledged", () -> acknowledged.size() >= enough);
      replicas.get(0).killAndRestart();
    }
    awaitAll(clients);
    threads.shutdown();
    replicas.get(0).awaitReady();
    awaitConvergence();
    for (ReplicaProcess replica : replicas) {
      try (Tidings tidings = Tidings.connect(replica.address(), PATIENCE)) {
        Session session = tidings.session();
        acknowledged.forEach(
            (key, value) -> assertEquals(value, session.get(key).bytes(), key::utf8));
      }
    }
  }

  private static void awaitAll(List<Future<?>> clients)
      throws InterruptedException, ExecutionException, TimeoutException {
    for (Future<?> client : clients) {
      client.get(PATIENCE.toSeconds(), TimeUnit.SECONDS);
    }
  }

  private void awaitConvergence() {
    await(
        "all replicas show the same",
        () -> {
          var frontiers = new ArrayList<Object>();
          for (ReplicaProcess replica : replicas) {
            try (Tidings tidings = Tidings.connect(replica.address(), PATIENCE)) {
              ReplicaStatus status = tidings.admin(replica.address()).status();
              frontiers.add(status.frontier());
            }
          }
          return frontiers.stream().distinct().count() == 1;
        });
  }

  private interface Condition {
    boolean holds();
  }

  private static void await(String what, Condition condition) {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!condition.holds()) {
      assertTrue(System.nanoTime() < end, "not in time: " + what);
      LockSupport.parkNanos(20_000_000);
    }
  }
}
