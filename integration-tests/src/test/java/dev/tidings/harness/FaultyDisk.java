package dev.tidings.harness;

import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.KeyValueStore;
import dev.tidings.replica.storage.MemoryStore;
import org.jspecify.annotations.Nullable;

/** A disk in memory that can be full. */
public final class FaultyDisk implements KeyValueStore {
  private final MemoryStore memory = new MemoryStore();
  private volatile Space space = Space.ENOUGH;

  /** How much space there is, and whether that can be seen before it is needed. */
  public enum Space {
    ENOUGH,
    TOO_LITTLE,
    TOO_LITTLE_UNNOTICED
  }

  public void set(Space space) {
    this.space = space;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    return memory.get(table, key);
  }

  @Override
  public Batch batch() {
    Batch batch = memory.batch();
    return new Batch() {
      @Override
      public void put(Table table, byte[] key, byte[] value) {
        batch.put(table, key, value);
      }

      @Override
      public void delete(Table table, byte[] key) {
        batch.delete(table, key);
      }

      @Override
      public void deleteRange(Table table, byte[] from, byte[] to) {
        batch.deleteRange(table, from, to);
      }

      @Override
      public void commit() {
        if (space != Space.ENOUGH) {
          throw new DiskFullException();
        }
        batch.commit();
      }

      @Override
      public void close() {
        batch.close();
      }
    };
  }

  @Override
  public boolean isFull() {
    return space == Space.TOO_LITTLE;
  }

  @Override
  public void recover() {
    if (space != Space.ENOUGH) {
      throw new DiskFullException();
    }
  }

  @Override
  public Snapshot snapshot() {
    return memory.snapshot();
  }

  @Override
  public void close() {
    memory.close();
  }
}
