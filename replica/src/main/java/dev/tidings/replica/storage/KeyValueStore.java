package dev.tidings.replica.storage;

import org.jspecify.annotations.Nullable;

/**
 * Ordered tables of bytes: the port to the disk. Keys are compared as unsigned bytes. Arrays are
 * handed over, not copied; neither side changes them afterwards.
 *
 * <p>Any thread may read. One thread at a time writes. All methods may block on the disk, and throw
 * {@link StorageException} if it fails.
 */
public interface KeyValueStore extends AutoCloseable {
  /** What is kept apart. */
  enum Table {
    /** Identity and progress. */
    META,
    /** Every origin's writes. */
    LOG,
    /** The newest version of each register. */
    REGISTERS,
    /** The entries of all feeds. */
    FEEDS
  }

  /** The latest value, or null. */
  byte @Nullable [] get(Table table, byte[] key);

  /** A new, empty batch. */
  Batch batch();

  /** Everything as it is now, for as long as the snapshot is open. */
  Snapshot snapshot();

  /** Releases everything; all snapshots must be closed. */
  @Override
  void close();

  /** Changes that happen together. Confined to one thread. */
  interface Batch extends AutoCloseable {
    void put(Table table, byte[] key, byte[] value);

    /** Applies all puts at once; when it returns they survive a crash. */
    void commit();

    @Override
    void close();
  }

  /** A frozen moment. */
  interface Snapshot extends AutoCloseable {
    byte @Nullable [] get(Table table, byte[] key);

    /**
     * Walks the table from the first key that is not below {@code from}. Close it before the
     * snapshot.
     */
    Cursor scan(Table table, byte[] from);

    @Override
    void close();
  }

  /** A walk in ascending order. Confined to one thread. */
  interface Cursor extends AutoCloseable {
    /** Steps to the next entry, at first to the first; false at the end. */
    boolean next();

    byte[] key();

    byte[] value();

    @Override
    void close();
  }
}
