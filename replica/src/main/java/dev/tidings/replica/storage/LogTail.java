package dev.tidings.replica.storage;

import dev.tidings.clock.Position;
import java.util.concurrent.atomic.AtomicReferenceArray;
import org.jspecify.annotations.Nullable;

/**
 * The last small entries of the logs: links send them on as soon as they are durable, and need not
 * search the tables for them. What a log has at a position never changes, so an entry holds for as
 * long as it is kept. Any thread.
 */
final class LogTail {
  /** All together take no more than 4 MiB. */
  static final int MOST_BYTES = 1 << 10;

  static final int ENTRIES = 1 << 12;

  private final AtomicReferenceArray<@Nullable Kept> entries = new AtomicReferenceArray<>(ENTRIES);

  private static final class Kept {
    final Position position;
    final byte[] entry;

    Kept(Position position, byte[] entry) {
      this.position = position;
      this.entry = entry;
    }
  }

  void append(Position position, byte[] entry) {
    if (entry.length <= MOST_BYTES) {
      entries.set(slot(position), new Kept(position, entry));
    }
  }

  /** The log's entry at that position; null if it is not known here. */
  byte @Nullable [] get(Position position) {
    Kept kept = entries.get(slot(position));
    return kept != null && kept.position.equals(position) ? kept.entry : null;
  }

  /** A log's entries follow each other. */
  private static int slot(Position position) {
    return (31 * position.origin().hashCode() + (int) position.sequence()) & (ENTRIES - 1);
  }
}
