package dev.tidings.replica.storage;

import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Small registers that were read last: a view need not search the tables for them. Of each hash of
 * keys it is known which commit has changed any of them last, so an entry holds for all views that
 * are not older than that, if it is not older either. Any thread.
 */
final class RegisterCache {
  /** With their keys, so all together take no more than some 80 MB. */
  static final int MOST_BYTES = 512;

  private static final int HASH_BITS = 16;
  private static final int HASHES = 1 << HASH_BITS;

  /** Entries whose hashes differ in their lowest bits only share so many slots. */
  private static final int WAYS = 4;

  private final AtomicReferenceArray<@Nullable Entry> entries = new AtomicReferenceArray<>(HASHES);

  /** By hash, the commit since which nothing has changed. */
  private final AtomicLongArray changes = new AtomicLongArray(HASHES);

  /** A register of one moment. */
  private static final class Entry {
    final byte[] key;
    final byte @Nullable [] record;
    final long generation;

    /** What the record says, once anybody wanted to know. */
    private @Nullable Stored decoded;

    /**
     * @param record null if there is no such register
     */
    Entry(byte[] key, byte @Nullable [] record, long generation) {
      this.key = key;
      this.record = record;
      this.generation = generation;
    }

    Optional<Stored> stored() {
      // Who sees it half done does it again; it comes out the same.
      Stored known = decoded;
      if (known == null && record != null) {
        known = Stored.decode(record);
        decoded = known;
      }
      return Optional.ofNullable(known);
    }
  }

  /**
   * The register as a view has it.
   *
   * @param view what the view reads from
   * @param generation the view's; it has all commits up to this one, and may have the next
   */
  Optional<Stored> get(Reads view, byte[] key, long generation) {
    int hash = hash(key);
    int slot = slot(hash, key);
    Entry entry = entries.get(slot);
    // Looked at after the entry, which is put there after the change that it tells of.
    long changed = changes.get(hash);
    if (entry != null
        && changed <= Math.min(entry.generation, generation)
        && Arrays.equals(entry.key, key)) {
      return entry.stored();
    }
    var read = new Entry(key, view.get(Table.REGISTERS, key), generation);
    if (changed <= generation) {
      keep(slot, read);
    }
    return read.stored();
  }

  /**
   * Tells of a change before anybody can read it.
   *
   * @param record null if the register is gone
   * @param generation of the commit that changes it
   */
  void changing(byte[] key, byte @Nullable [] record, long generation) {
    int hash = hash(key);
    changes.set(hash, generation);
    int slot = slot(hash, key);
    Entry old = entries.get(slot);
    // What nobody has read is not kept: others may be, and much is only written.
    if (old != null && Arrays.equals(old.key, key)) {
      keep(slot, new Entry(key, record, generation));
    }
  }

  private void keep(int slot, Entry entry) {
    int bytes = entry.key.length + (entry.record == null ? 0 : entry.record.length);
    if (bytes <= MOST_BYTES) {
      entries.set(slot, entry);
    }
  }

  /** Keys that are numbered would lie in few places side by side without the factor (Knuth). */
  static int hash(byte[] key) {
    return (Arrays.hashCode(key) * 0x9E3779B9) >>> (Integer.SIZE - HASH_BITS);
  }

  /** Where the key is; else a free slot where it may be, or its own, if there is none. */
  private int slot(int hash, byte[] key) {
    int free = -1;
    for (int way = 0; way < WAYS; way++) {
      int slot = hash ^ way;
      Entry entry = entries.get(slot);
      if (entry == null) {
        free = free < 0 ? slot : free;
      } else if (Arrays.equals(entry.key, key)) {
        return slot;
      }
    }
    return free < 0 ? hash : free;
  }
}
