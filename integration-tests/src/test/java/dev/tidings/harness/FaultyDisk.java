package dev.tidings.harness;

import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.storage.KeyValueStore;
import dev.tidings.replica.storage.MemoryStore;
import org.jspecify.annotations.Nullable;

/**
 * A disk in memory that can be full, and slow. A commit is durable when it returns; until then a
 * kill leaves all of it or nothing, and readers see nothing. Confined to the tests' thread, but for
 * {@link #set}.
 */
public final class FaultyDisk implements KeyValueStore {
  private final MemoryStore memory = new MemoryStore();
  private volatile Space space = Space.ENOUGH;
  private Work work = new Work() {};
  private int lives;
  private int snapshots;

  /** What is written now, or could not be written for want of space: a kill may show it or not. */
  private @Nullable Batch open;

  /** How much there is, and whether that can be seen before it is needed. */
  public enum Space {
    ENOUGH,
    TOO_LITTLE,
    TOO_LITTLE_UNNOTICED
  }

  /** What happens while the disk works. */
  interface Work {
    /** Something is about to be read. May let time pass. */
    default void reading() {}

    /** A commit has begun: nothing of it is durable yet. May let time pass, or kill the replica. */
    default void committing() {}

    /**
     * What was committed is durable, and readable; nothing has been told of it yet. May let time
     * pass, or kill the replica.
     */
    default void committed() {}
  }

  public void set(Space space) {
    this.space = space;
  }

  void onWork(Work work) {
    this.work = work;
  }

  /**
   * The replica is killed.
   *
   * @param shows whether what it was about to write has been written
   */
  void crash(boolean shows) {
    lives++;
    Batch last = open;
    open = null;
    if (last != null && shows) {
      last.commit();
    }
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    read(table);
    return memory.get(table, key);
  }

  /** Not what the store reads while it holds a lock. */
  private void read(Table table) {
    if (table == Table.REGISTERS || table == Table.FEEDS) {
      work.reading();
    }
  }

  @Override
  public Batch batch() {
    Batch batch = memory.batch();
    int life = lives;
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
      public long commit() {
        return write(batch, life);
      }

      @Override
      public void close() {
        batch.close();
      }
    };
  }

  private long write(Batch batch, int life) {
    if (life != lives) {
      throw new PowerCut();
    }
    open = batch;
    if (space != Space.ENOUGH) {
      throw new DiskFullException();
    }
    work.committing();
    if (life != lives) {
      throw new PowerCut();
    }
    open = null;
    long number = batch.commit();
    work.committed();
    if (life != lives) {
      throw new PowerCut();
    }
    return number;
  }

  @Override
  public boolean isFull() {
    return space == Space.TOO_LITTLE;
  }

  @Override
  public boolean recover() {
    if (space != Space.ENOUGH) {
      throw new DiskFullException();
    }
    return true;
  }

  @Override
  public Snapshot snapshot() {
    Snapshot snapshot = memory.snapshot();
    snapshots++;
    return new Snapshot() {
      @Override
      public long number() {
        return snapshot.number();
      }

      @Override
      public byte @Nullable [] get(Table table, byte[] key) {
        read(table);
        return snapshot.get(table, key);
      }

      @Override
      public Cursor scan(Table table, byte[] from) {
        read(table);
        return snapshot.scan(table, from);
      }

      @Override
      public void close() {
        snapshot.close();
        snapshots--;
      }
    };
  }

  /** How many snapshots are open: while one is, the disk cannot be opened anew. */
  public int snapshots() {
    return snapshots;
  }

  @Override
  public void close() {
    memory.close();
  }
}
