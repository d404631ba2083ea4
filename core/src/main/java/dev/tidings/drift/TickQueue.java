package dev.tidings.drift;

import java.util.Arrays;

/**
 * The next tick of each of many hosts, earliest first, and the lower host first where two are due
 * at once. A calendar (Brown, "Calendar Queues", CACM 1988): time is cut into slices, ticks are
 * dropped into theirs unsorted, and a slice is sorted when its time comes; so a tick costs about
 * the same however many hosts there are. Hosts are numbers from 0.
 */
final class TickQueue {
  static final int HOST_BITS = 23;

  private static final int HOST_MASK = (1 << HOST_BITS) - 1;

  /** So many ticks of a slice are still sorted within a cache. */
  private static final int TICKS_IN_SLICE = 4096;

  /** A larger array is not kept: with many hosts in step each slice would grow one in its turn. */
  private static final int MAX_KEPT = 4 * TICKS_IN_SLICE;

  private static final long[] NONE = {};
  private static final int MAX_SLICES = 1 << 20;
  private static final double NANOS_PER_SECOND = 1e9;

  private final int sliceBits;
  private final int sliceMask;
  private final long[][] slices;
  private final int[] sizes;
  private int size;

  /** The slice whose time has come, sorted: time within the slice and host in one number each. */
  private long[] due = NONE;

  private int duePosition;
  private int dueSize;
  private long slice = -1;
  private long tickNanos;
  private int tickHost;

  /**
   * @param longestNanos how far ahead a tick may be at most
   * @param ticksPerSecond of all hosts together
   * @param maxTicksPerSecond of the fastest host
   */
  TickQueue(long longestNanos, double ticksPerSecond, double maxTicksPerSecond) {
    double wanted =
        Math.min(1 / maxTicksPerSecond, TICKS_IN_SLICE / ticksPerSecond) * NANOS_PER_SECOND;
    int bits = 63 - Long.numberOfLeadingZeros(Math.max(1, (long) wanted));
    while ((longestNanos >>> bits) + 3 > MAX_SLICES) {
      bits++;
    }
    sliceBits = bits;
    int count = Math.max(4, Integer.highestOneBit((int) ((longestNanos >>> bits) + 2)) << 1);
    sliceMask = count - 1;
    slices = new long[count][];
    Arrays.fill(slices, NONE);
    sizes = new int[count];
  }

  /** No tick earlier than the one that was taken last may be added. */
  void add(long dueNanos, int host) {
    long target = dueNanos >>> sliceBits;
    long key = ((dueNanos - (target << sliceBits)) << HOST_BITS) | host;
    if (target == slice) {
      insert(key);
    } else {
      if (target - Math.max(slice, 0) >= slices.length) {
        throw new IllegalArgumentException("the tick at " + dueNanos + " ns is too far ahead");
      }
      int place = (int) target & sliceMask;
      long[] ticks = slices[place];
      if (sizes[place] == ticks.length) {
        ticks = Arrays.copyOf(ticks, Math.max(4, ticks.length * 2));
        slices[place] = ticks;
      }
      ticks[sizes[place]++] = key;
    }
    size++;
  }

  private void insert(long key) {
    if (duePosition > 0 && dueSize == due.length) {
      System.arraycopy(due, duePosition, due, 0, dueSize - duePosition);
      dueSize -= duePosition;
      duePosition = 0;
    }
    if (dueSize == due.length) {
      due = Arrays.copyOf(due, Math.max(4, due.length * 2));
    }
    int place = -Arrays.binarySearch(due, duePosition, dueSize, key) - 1;
    System.arraycopy(due, place, due, place + 1, dueSize - place);
    due[place] = key;
    dueSize++;
  }

  /** Takes the next tick, if it is due before {@code endNanos}; else says false. */
  boolean next(long endNanos) {
    while (duePosition == dueSize) {
      if (size == 0 || (slice + 1) << sliceBits >= endNanos) {
        return false;
      }
      open(slice + 1);
    }
    long key = due[duePosition];
    long nanos = (slice << sliceBits) + (key >>> HOST_BITS);
    if (nanos >= endNanos) {
      return false;
    }
    duePosition++;
    size--;
    tickNanos = nanos;
    tickHost = (int) key & HOST_MASK;
    return true;
  }

  private void open(long next) {
    int place = (int) next & sliceMask;
    long[] ticks = slices[place];
    slices[place] = due.length > MAX_KEPT ? NONE : due;
    due = ticks;
    duePosition = 0;
    dueSize = sizes[place];
    sizes[place] = 0;
    slice = next;
    Arrays.sort(due, 0, dueSize);
  }

  /** When the tick that was taken is due. */
  long nanos() {
    return tickNanos;
  }

  /** Whose tick it is. */
  int host() {
    return tickHost;
  }
}
