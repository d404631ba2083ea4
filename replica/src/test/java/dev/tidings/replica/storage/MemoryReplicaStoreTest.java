package dev.tidings.replica.storage;

final class MemoryReplicaStoreTest extends ReplicaStoreContract {
  private final MemoryStore disk = new MemoryStore();

  @Override
  KeyValueStore tables() {
    return disk;
  }

  @Override
  KeyValueStore fresh() {
    return new MemoryStore();
  }
}
