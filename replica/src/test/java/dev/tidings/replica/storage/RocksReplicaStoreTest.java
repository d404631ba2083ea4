package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.replica.storage.KeyValueStore.Table;
import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

final class RocksReplicaStoreTest extends ReplicaStoreContract {
  @TempDir private Path directory = Path.of("set by JUnit");
  private int count;

  @Override
  KeyValueStore tables() {
    return new RocksStore(directory, 0);
  }

  @Override
  KeyValueStore fresh() {
    return new RocksStore(directory.resolve("fresh-" + ++count), 0);
  }

  @Test
  void a_second_process_on_one_directory_is_refused() {
    try (KeyValueStore first = tables()) {
      assertNull(first.get(Table.META, new byte[] {1}));
      var e = assertThrows(UnusableDataException.class, this::tables);
      assertTrue(String.valueOf(e.getMessage()).contains("in use by another process"));
    }
  }

  private static final int WRITES = 50;

  /** The directory as a crash leaves it: a copy, made while it is in use. */
  private Path crashed() throws IOException {
    Path copy = directory.resolve("copy");
    Files.createDirectory(copy);
    Path original = directory.resolve("original");
    try (KeyValueStore store = new RocksStore(original, 0)) {
      for (byte i = 0; i < WRITES; i++) {
        try (KeyValueStore.Batch batch = store.batch()) {
          batch.put(Table.META, new byte[] {i}, new byte[1_000]);
          batch.commit();
        }
      }
      try (DirectoryStream<Path> files = Files.newDirectoryStream(original)) {
        for (Path file : files) {
          if (!file.endsWith("LOCK")) {
            Files.copy(file, copy.resolve(String.valueOf(file.getFileName())));
          }
        }
      }
    }
    return copy;
  }

  private static Path writeAheadLog(Path crashed) throws IOException {
    try (DirectoryStream<Path> logs = Files.newDirectoryStream(crashed, "*.log")) {
      for (Path log : logs) {
        if (Files.size(log) > 0) {
          return log;
        }
      }
    }
    throw new AssertionError("no write-ahead log in " + crashed);
  }

  @Test
  void a_torn_last_record_is_cut_off_and_all_others_are_there() throws IOException {
    Path crashed = crashed();
    Path log = writeAheadLog(crashed);
    byte[] bytes = Files.readAllBytes(log);
    Files.write(log, Arrays.copyOf(bytes, bytes.length - 300));

    try (KeyValueStore store = new RocksStore(crashed, 0)) {
      for (byte i = 0; i < WRITES - 1; i++) {
        assertNotNull(store.get(Table.META, new byte[] {i}), "write " + i);
      }
      assertNull(store.get(Table.META, new byte[] {WRITES - 1}));
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {0.1, 0.5, 0.999})
  void damage_anywhere_else_is_told_with_its_file(double where) throws IOException {
    Path crashed = crashed();
    Path log = writeAheadLog(crashed);
    byte[] bytes = Files.readAllBytes(log);
    bytes[(int) (where * bytes.length)] ^= 1;
    Files.write(log, bytes);

    var damage = assertThrows(DamagedDataException.class, () -> new RocksStore(crashed, 0));
    String message = String.valueOf(damage.getMessage());
    assertTrue(message.startsWith("DATA_LOSS: "), message);
    assertTrue(message.contains(log.toString()), message);
  }

  @Test
  void a_disk_with_less_space_than_is_to_be_kept_is_full() {
    try (KeyValueStore store = new RocksStore(directory, Long.MAX_VALUE)) {
      assertTrue(store.isFull());
      assertThrows(DiskFullException.class, store::recover);
    }
    try (KeyValueStore store = tables()) {
      assertFalse(store.isFull());
    }
  }

  @Test
  void after_it_was_opened_anew_everything_is_there_and_can_be_written() {
    try (KeyValueStore store = tables()) {
      for (byte life = 0; life < 3; life++) {
        try (KeyValueStore.Batch batch = store.batch()) {
          batch.put(Table.META, new byte[] {life}, new byte[] {life});
          assertTrue(store.recover());
          batch.commit();
        }
        assertNotNull(store.get(Table.META, new byte[] {0}));
      }
    }
  }

  @Test
  void the_data_are_not_opened_anew_while_somebody_reads_them() {
    try (KeyValueStore store = tables()) {
      try (KeyValueStore.Snapshot snapshot = store.snapshot()) {
        assertFalse(store.recover());
        assertNull(snapshot.get(Table.META, new byte[] {1}));
        // Who is to end the snapshot may have to read first.
        assertNull(store.get(Table.META, new byte[] {1}));
      }
      assertTrue(store.recover());
    }
  }
}
