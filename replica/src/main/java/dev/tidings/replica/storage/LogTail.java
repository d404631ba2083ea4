package dev.tidings.replica.storage;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import java.nio.ByteBuffer;
import org.jspecify.annotations.Nullable;

/**
 * The last entries of the logs, 4 MiB of them: links send them on and watches tell them as soon as
 * they are durable, or some seconds later over slow links, and need not search the tables for them.
 * They lie in the order in which they came, each with the place of the one before it that has its
 * hash. Entries as objects would outlast a collection of young garbage or two and then die, the
 * worst that garbage can do. What a log has at a position never changes, so an entry holds for as
 * long as it is kept. Any thread.
 */
final class LogTail {
  /** A larger entry is not kept. */
  static final int MOST_BYTES = 16 << 10;

  private static final int CHUNK_BITS = 16;
  private static final int CHUNK_BYTES = 1 << CHUNK_BITS;

  /** The oldest is taken for what comes next. */
  static final int CHUNKS = 64;

  private static final int HASHES = 1 << 13;

  // Of an entry, with its bytes after these.
  private static final int BEFORE = 0;
  private static final int SEQUENCE = BEFORE + Long.BYTES;
  private static final int REPLICA_ID = SEQUENCE + Long.BYTES;
  private static final int INCARNATION = REPLICA_ID + Integer.BYTES;
  private static final int LENGTH = INCARNATION + Integer.BYTES;
  private static final int BYTES = LENGTH + Integer.BYTES;

  private final @Nullable ByteBuffer[] chunks = new @Nullable ByteBuffer[CHUNKS];

  /** By hash, the place of the entry that came last. Places go up for ever; 0 is none. */
  private final long[] last = new long[HASHES];

  private long end = (long) CHUNKS << CHUNK_BITS;

  synchronized void append(Position position, byte[] entry) {
    if (entry.length > MOST_BYTES) {
      return;
    }
    if (offset(end) + BYTES + entry.length > CHUNK_BYTES) {
      end += CHUNK_BYTES - offset(end);
    }
    ByteBuffer chunk = chunk(end);
    if (chunk == null) {
      chunk = ByteBuffer.allocate(CHUNK_BYTES);
      chunks[index(end)] = chunk;
    }
    int at = offset(end);
    int hash = hash(position);
    chunk.putLong(at + BEFORE, last[hash]);
    chunk.putLong(at + SEQUENCE, position.sequence());
    chunk.putInt(at + REPLICA_ID, position.origin().replicaId());
    chunk.putInt(at + INCARNATION, position.origin().incarnation());
    chunk.putInt(at + LENGTH, entry.length);
    chunk.put(at + BYTES, entry);
    last[hash] = end;
    end += BYTES + entry.length;
  }

  /** The log's entry at that position; null if it is not known here. */
  synchronized byte @Nullable [] get(Position position) {
    Origin origin = position.origin();
    long place = last[hash(position)];
    while (place >>> CHUNK_BITS > (end >>> CHUNK_BITS) - CHUNKS) {
      ByteBuffer chunk = chunk(place);
      if (chunk == null) {
        return null;
      }
      int at = offset(place);
      if (chunk.getLong(at + SEQUENCE) == position.sequence()
          && chunk.getInt(at + REPLICA_ID) == origin.replicaId()
          && chunk.getInt(at + INCARNATION) == origin.incarnation()) {
        var entry = new byte[chunk.getInt(at + LENGTH)];
        chunk.get(at + BYTES, entry);
        return entry;
      }
      place = chunk.getLong(at + BEFORE);
    }
    return null;
  }

  private @Nullable ByteBuffer chunk(long place) {
    return chunks[index(place)];
  }

  private static int index(long place) {
    return (int) (place >>> CHUNK_BITS) & (CHUNKS - 1);
  }

  private static int offset(long place) {
    return (int) place & (CHUNK_BYTES - 1);
  }

  /** Entries that follow each other have hashes that do. */
  private static int hash(Position position) {
    return (31 * position.origin().hashCode() + (int) position.sequence()) & (HASHES - 1);
  }
}
