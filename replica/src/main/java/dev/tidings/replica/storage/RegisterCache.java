package dev.tidings.replica.storage;

import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.util.Arrays;
import java.util.concurrent.atomic.AtomicLongArray;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * Small registers that were read or written last: a view need not search the tables for them. Each
 * slot knows which commit has changed any of its registers last, so an entry holds for all views
 * that are not older than that, if it is not older either. Any thread.
 */
final class RegisterCache {
  /** With their keys, so all together take no more than some 40 MB. */
  static final int MOST_BYTES = 512;

  private static final int SLOTS = 1 << 16;

  /** A register of one moment. */
  private static final class Entry {
    final byte[] key;

    /** Null if there is none. */
    final byte @Nullable [] record;

    final long generation;

    Entry(byte[] key, byte @Nullable [] record, long generation) {
      this.key = key;
      this.record = record;
      this.generation = generation;
    }
  }

  private final AtomicReferenceArray<@Nullable Entry> entries = new AtomicReferenceArray<>(SLOTS);

  /** The generation since which what is in a slot has not changed. */
  private final AtomicLongArray changes = new AtomicLongArray(SLOTS);

  /**
   * The register's record as a view has it.
   *
   * @param view what the view reads from
   * @param generation the view's; it has all commits up to this one, and may have the next
   */
  byte @Nullable [] get(Reads view, byte[] key, long generation) {
    int slot = slot(key);
    Entry entry = entries.get(slot);
    // Looked at after the entry, which is put there after the change that it tells of.
    long changed = changes.get(slot);
    if (entry != null
        && changed <= Math.min(entry.generation, generation)
        && Arrays.equals(entry.key, key)) {
      return entry.record;
    }
    byte[] record = view.get(Table.REGISTERS, key);
    if (changed <= generation) {
      keep(slot, new Entry(key, record, generation));
    }
    return record;
  }

  /**
   * Tells of a change before anybody can read it.
   *
   * @param record null if the register is gone
   * @param generation of the commit that changes it
   */
  void changing(byte[] key, byte @Nullable [] record, long generation) {
    int slot = slot(key);
    changes.set(slot, generation);
    keep(slot, new Entry(key, record, generation));
  }

  private void keep(int slot, Entry entry) {
    int bytes = entry.key.length + (entry.record == null ? 0 : entry.record.length);
    if (bytes <= MOST_BYTES) {
      entries.set(slot, entry);
    }
  }

  static int slot(byte[] key) {
    int hash = Arrays.hashCode(key);
    return (hash ^ hash >>> 16) & (SLOTS - 1);
  }
}
