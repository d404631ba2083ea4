package dev.tidings.process;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.Mutation;
import dev.tidings.client.Session;
import dev.tidings.client.Tidings;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Random;
import java.util.stream.Stream;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Two replicas whose keys are overwritten again and again. */
final class DiskUseIT {
  private static final int KEYS = 1_000;
  private static final int ROUNDS = 1_000;
  private static final int VALUE_BYTES = 400;

  /** RocksDB's write-ahead log, its tables before they are compacted, and what is kept of logs. */
  private static final long MOST_BYTES = 300L << 20;

  @TempDir private Path directory = Path.of("set by JUnit");
  private List<ReplicaProcess> replicas = List.of();

  @AfterEach
  void destroy() {
    replicas.forEach(ReplicaProcess::destroy);
  }

  @Test
  void a_million_overwrites_of_a_thousand_keys_take_no_more_space_than_a_part_of_them()
      throws IOException {
    replicas = ReplicaProcess.cluster(2, directory, List.of("--log-keep=1048576"));
    for (ReplicaProcess replica : replicas) {
      replica.awaitReady();
    }
    long written = 0;
    long most = 0;
    try (Tidings tidings = Tidings.connect(replicas.get(0).address())) {
      Session session = tidings.session();
      for (int round = 0; round < ROUNDS; round++) {
        var mutations = new ArrayList<Mutation>();
        for (int key = 0; key < KEYS; key++) {
          byte[] value = new byte[VALUE_BYTES];
          // Not to be compressed away.
          new Random(round * 1_000L + key).nextBytes(value);
          mutations.add(new Mutation.Put(Bytes.of("key " + key), Bytes.of(value)));
        }
        session.write(mutations);
        // Each value is in the log and in the data, and both are in the write-ahead log.
        written += 2L * KEYS * VALUE_BYTES;
        if (round % 100 == 99) {
          most = Math.max(most, Math.max(size(1), size(2)));
        }
      }
    }
    long limit = MOST_BYTES;
    long largest = most;
    assertTrue(written > 2 * limit, "too little was written to tell: " + written);
    assertTrue(largest < limit, () -> "a data directory grew to " + largest + " bytes");
  }

  private long size(int id) throws IOException {
    long sum = 0;
    try (Stream<Path> files = Files.list(directory.resolve("replica-" + id))) {
      for (Path file : files.toList()) {
        // RocksDB deletes files at any moment.
        sum += file.toFile().length();
      }
    }
    return sum;
  }
}
