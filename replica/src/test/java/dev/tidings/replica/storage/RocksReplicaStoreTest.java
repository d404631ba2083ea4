package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.replica.storage.KeyValueStore.Table;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

final class RocksReplicaStoreTest extends ReplicaStoreContract {
  @TempDir private Path directory = Path.of("set by JUnit");

  @Override
  KeyValueStore tables() {
    return new RocksStore(directory);
  }

  @Test
  void a_second_process_on_one_directory_is_refused() {
    try (KeyValueStore first = tables()) {
      assertNull(first.get(Table.META, new byte[] {1}));
      var e = assertThrows(UnusableDataException.class, this::tables);
      assertTrue(String.valueOf(e.getMessage()).contains("in use by another process"));
    }
  }
}
