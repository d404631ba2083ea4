package dev.tidings.clock;

import java.util.Arrays;
import java.util.Collections;
import java.util.Map;
import java.util.SortedMap;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * The vector time of an event: per host, how many of its events lie in the event's past, itself
 * included (Fidge 1988, Mattern 1989). Unlike a Lamport time it tells concurrent events from
 * ordered ones. Immutable.
 *
 * <p>Entries are kept in chunks of neighbouring host ids, and a clock shares with the one that it
 * was made from the chunks in which they do not differ: of thousands of hosts an event costs the
 * few chunks that it changes.
 */
public final class VectorClock {
  /** How two events stand to each other. */
  public enum Order {
    EQUAL,
    /** Happens before. */
    BEFORE,
    /** Happens after. */
    AFTER,
    CONCURRENT
  }

  /** Takes one entry. */
  @FunctionalInterface
  public interface EntryVisitor {
    /**
     * @param events how many events of the host are known, 1 or more
     */
    void entry(int hostId, long events);
  }

  public static final VectorClock ZERO = new VectorClock(new int[0], new long[0][]);

  private static final int CHUNK_BITS = 4;
  private static final int CHUNK = 1 << CHUNK_BITS;
  private static final int IN_CHUNK = CHUNK - 1;

  /** Ascending; chunk c has hosts 16c to 16c + 15. Chunks that would be all zero are not there. */
  private final int[] chunkIds;

  private final long[][] chunks;

  private VectorClock(int[] chunkIds, long[][] chunks) {
    this.chunkIds = chunkIds;
    this.chunks = chunks;
  }

  /**
   * @param events per host id its number of events, 0 or more
   */
  public static VectorClock of(Map<Integer, Long> events) {
    var sorted = new TreeMap<>(events);
    sorted.forEach(
        (host, count) -> {
          if (count < 0) {
            throw new IllegalArgumentException("host " + host + " has " + count + " events");
          }
        });
    sorted.values().removeIf(count -> count == 0);
    int[] ids = sorted.keySet().stream().mapToInt(id -> id >> CHUNK_BITS).distinct().toArray();
    var chunks = new long[ids.length][CHUNK];
    sorted.forEach(
        (host, count) ->
            chunks[Arrays.binarySearch(ids, host >> CHUNK_BITS)][host & IN_CHUNK] = count);
    return new VectorClock(ids, chunks);
  }

  /** The number of the host's events that are known; 0 for none. */
  public long of(int hostId) {
    int place = Arrays.binarySearch(chunkIds, hostId >> CHUNK_BITS);
    return place < 0 ? 0 : chunks[place][hostId & IN_CHUNK];
  }

  /** The next event of a host (Mattern's rule 1): its own entry rises by one. */
  public VectorClock tick(int hostId) {
    int place = Arrays.binarySearch(chunkIds, hostId >> CHUNK_BITS);
    if (place >= 0) {
      long[][] next = chunks.clone();
      next[place] = next[place].clone();
      next[place][hostId & IN_CHUNK]++;
      return new VectorClock(chunkIds, next);
    }
    int at = -place - 1;
    int[] ids = new int[chunkIds.length + 1];
    System.arraycopy(chunkIds, 0, ids, 0, at);
    System.arraycopy(chunkIds, at, ids, at + 1, chunkIds.length - at);
    ids[at] = hostId >> CHUNK_BITS;
    long[][] next = new long[ids.length][];
    System.arraycopy(chunks, 0, next, 0, at);
    System.arraycopy(chunks, at, next, at + 1, chunks.length - at);
    next[at] = new long[CHUNK];
    next[at][hostId & IN_CHUNK] = 1;
    return new VectorClock(ids, next);
  }

  /**
   * What a receiver knows after a message (Mattern's rule 2, before its own tick): the larger entry
   * for each host.
   */
  public VectorClock merge(VectorClock message) {
    int[] ids = new int[chunkIds.length + message.chunkIds.length];
    long[][] merged = new long[ids.length][];
    int size = 0;
    int mine = 0;
    int theirs = 0;
    while (mine < chunkIds.length || theirs < message.chunkIds.length) {
      long myId = mine < chunkIds.length ? chunkIds[mine] : Long.MAX_VALUE;
      long theirId = theirs < message.chunkIds.length ? message.chunkIds[theirs] : Long.MAX_VALUE;
      ids[size] = (int) Math.min(myId, theirId);
      if (myId < theirId) {
        merged[size++] = chunks[mine++];
      } else if (theirId < myId) {
        merged[size++] = message.chunks[theirs++];
      } else {
        merged[size++] = larger(chunks[mine++], message.chunks[theirs++]);
      }
    }
    return size == chunkIds.length
        ? new VectorClock(chunkIds, Arrays.copyOf(merged, size))
        : new VectorClock(Arrays.copyOf(ids, size), Arrays.copyOf(merged, size));
  }

  /** One of the two where it has all the larger entries. */
  private static long[] larger(long[] a, long[] b) {
    if (a == b) {
      return a;
    }
    boolean isA = true;
    boolean isB = true;
    for (int i = 0; i < CHUNK; i++) {
      isA &= a[i] >= b[i];
      isB &= b[i] >= a[i];
    }
    if (isA || isB) {
      return isA ? a : b;
    }
    long[] larger = new long[CHUNK];
    for (int i = 0; i < CHUNK; i++) {
      larger[i] = Math.max(a[i], b[i]);
    }
    return larger;
  }

  /** How this event stands to the other one: e happens before f exactly if V(e) < V(f). */
  public Order compare(VectorClock other) {
    boolean within = isWithin(other);
    boolean contains = other.isWithin(this);
    if (within) {
      return contains ? Order.EQUAL : Order.BEFORE;
    }
    return contains ? Order.AFTER : Order.CONCURRENT;
  }

  private boolean isWithin(VectorClock other) {
    for (int i = 0; i < chunks.length; i++) {
      int place = Arrays.binarySearch(other.chunkIds, chunkIds[i]);
      if (place < 0 || larger(other.chunks[place], chunks[i]) != other.chunks[place]) {
        return false;
      }
    }
    return true;
  }

  /** Shows all entries, ascending by host id; none of them is 0. */
  public void forEach(EntryVisitor visitor) {
    forEachChange(ZERO, visitor);
  }

  /** Shows the entries that differ from those of an earlier clock, ascending by host id. */
  public void forEachChange(VectorClock earlier, EntryVisitor visitor) {
    for (int i = 0; i < chunks.length; i++) {
      int place = Arrays.binarySearch(earlier.chunkIds, chunkIds[i]);
      long @Nullable [] before = place < 0 ? null : earlier.chunks[place];
      if (before == chunks[i]) {
        continue;
      }
      for (int j = 0; j < CHUNK; j++) {
        if (chunks[i][j] != (before == null ? 0 : before[j])) {
          visitor.entry((chunkIds[i] << CHUNK_BITS) + j, chunks[i][j]);
        }
      }
    }
  }

  /** Ascending by host id; no entry is 0. */
  public SortedMap<Integer, Long> events() {
    var events = new TreeMap<Integer, Long>();
    forEach(events::put);
    return Collections.unmodifiableSortedMap(events);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof VectorClock other
        && Arrays.equals(chunkIds, other.chunkIds)
        && Arrays.deepEquals(chunks, other.chunks);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(chunkIds) + Arrays.deepHashCode(chunks);
  }

  @Override
  public String toString() {
    return events().toString();
  }
}
