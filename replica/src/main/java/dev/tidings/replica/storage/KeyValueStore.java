package dev.tidings.replica.storage;

import org.jspecify.annotations.Nullable;

/**
 * Ordered tables of bytes: the port to the disk. Keys are compared as unsigned bytes. Arrays are
 * handed over, not copied; neither side changes them afterwards.
 *
 * <p>Any thread may read, and commit a batch of its own. All methods may block on the disk, and
 * throw {@link StorageException} if it fails, {@link DamagedDataException} if it holds something
 * else than was written.
 */
public interface KeyValueStore extends AutoCloseable {
  /** What is kept apart. */
  enum Table {
    /** Identity, progress, members, and what is known of peers. */
    META,
    /** Every origin's writes. */
    LOG,
    /** The newest version of each register. */
    REGISTERS,
    /** The entries of all feeds. */
    FEEDS,
    /** The parts of multi-value registers, counters and sets. */
    PARTS,
    /** The last request of each session, by the hour. */
    REQUESTS,
    /** Which registers are deleted, by the version of the delete. */
    TOMBSTONES
  }

  /** The latest value, or null. */
  byte @Nullable [] get(Table table, byte[] key);

  /** A new, empty batch. */
  Batch batch();

  /**
   * Whether there is so little space that nothing should be written any more. Cheap enough to ask
   * every few milliseconds.
   */
  boolean isFull();

  /**
   * Makes commits possible again after one has thrown {@link DiskFullException}. All snapshots must
   * be closed: waits a moment for that, during which reads wait too, but never for long, since
   * whoever is to close one may be waiting to read.
   *
   * @return whether it is done; false if a snapshot is still open, and nothing has changed
   * @throws DiskFullException if there is still too little space; nothing has changed
   */
  boolean recover();

  /** Everything as it is now, for as long as the snapshot is open. */
  Snapshot snapshot();

  /** Releases everything; all snapshots must be closed. */
  @Override
  void close();

  /** Changes that happen together. Confined to one thread at a time. */
  interface Batch extends AutoCloseable {
    void put(Table table, byte[] key, byte[] value);

    void delete(Table table, byte[] key);

    /** Removes all keys from {@code from} on that are below {@code to}. */
    void deleteRange(Table table, byte[] from, byte[] to);

    /**
     * Applies all changes at once, in their order; when it returns they survive a crash.
     *
     * @return the number of what is there now: that of a snapshot that has these changes, and none
     *     that came after it returned, is no other. Numbers rise with each commit that changes
     *     anything.
     * @throws DiskFullException if there is no space. Readers see none of it; it may be committed
     *     once more after {@link KeyValueStore#recover}, and a crash may show it or not.
     */
    long commit();

    @Override
    void close();
  }

  /** What can be read. */
  interface Reads {
    byte @Nullable [] get(Table table, byte[] key);

    /**
     * Walks the table from the first key that is not below {@code from}. Close it before what it
     * reads from.
     */
    Cursor scan(Table table, byte[] from);
  }

  /** A frozen moment. */
  interface Snapshot extends Reads, AutoCloseable {
    /** As {@link Batch#commit} returned it, or another where a commit is just being made. */
    long number();

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
