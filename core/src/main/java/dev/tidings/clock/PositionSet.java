package dev.tidings.clock;

import java.util.Arrays;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * A set of positions: per origin everything up to some sequence, plus ranges beyond (a version
 * vector with exceptions: Malkhi and Terry, "Concise Version Vectors in WinFS", 2005). Frontiers
 * and dependencies are such sets. Immutable.
 *
 * <p>Inside, each origin has an array of ranges {@code first, last, first, last, …}: ascending, and
 * no two of them touch. Sets have few origins and, but for stalled writes, one range each, so
 * arrays are searched and copied.
 */
public final class PositionSet {
  private static final long[] NO_RANGES = {};

  /** Of 63 bits. */
  private static final int MAX_NUMBER_BYTES = 9;

  public static final PositionSet EMPTY = new PositionSet(new Origin[0], new long[0][]);

  /** Ascending. */
  private final Origin[] origins;

  /** As many as origins, none of them empty. */
  private final long[][] ranges;

  private PositionSet(Origin[] origins, long[][] ranges) {
    this.origins = origins;
    this.ranges = ranges;
  }

  public static PositionSet of(Position position) {
    return ofRange(position.origin(), position.sequence(), position.sequence());
  }

  /** All that the vector knows. */
  public static PositionSet of(VersionVector prefixes) {
    SortedMap<Origin, Long> counts = prefixes.counts();
    return new PositionSet(
        counts.keySet().toArray(Origin[]::new),
        counts.values().stream().map(upTo -> new long[] {1, upTo}).toArray(long[][]::new));
  }

  /**
   * The positions of one origin from {@code first} to {@code last}, both included.
   *
   * @throws IllegalArgumentException unless 1 &lt;= first &lt;= last
   */
  public static PositionSet ofRange(Origin origin, long first, long last) {
    if (first < 1 || last < first || last == Long.MAX_VALUE) {
      throw new IllegalArgumentException(
          "%d to %d is not a range of sequences".formatted(first, last));
    }
    return new PositionSet(new Origin[] {origin}, new long[][] {{first, last}});
  }

  /**
   * The set as bytes. For each origin, ascending: its replica id, its incarnation and how many
   * ranges it has; and for each of these, ascending: how many positions are missing before it, and
   * how many it has beyond its first. All are unsigned numbers of 7 bits to a byte, the lowest
   * first, and each byte but a number's last has its highest bit set (LEB128). A set goes with each
   * request, each write and each entry of a log, so it is to be small, and cheap to read.
   */
  public byte[] toBytes() {
    var bytes = new byte[MAX_NUMBER_BYTES * (3 * origins.length + 2 * rangeCount())];
    int n = 0;
    for (int i = 0; i < origins.length; i++) {
      long[] r = ranges[i];
      n = put(origins[i].replicaId(), bytes, n);
      n = put(origins[i].incarnation(), bytes, n);
      n = put(r.length / 2, bytes, n);
      long last = 0;
      for (int k = 0; k < r.length; k += 2) {
        n = put(r[k] - 1 - last, bytes, n);
        n = put(r[k + 1] - r[k], bytes, n);
        last = r[k + 1];
      }
    }
    return Arrays.copyOf(bytes, n);
  }

  private static int put(long number, byte[] bytes, int at) {
    int n = at;
    long left = number;
    while (left > 0x7f) {
      bytes[n++] = (byte) (left | 0x80);
      left >>>= 7;
    }
    bytes[n++] = (byte) left;
    return n;
  }

  /**
   * The set of such bytes.
   *
   * @throws IllegalArgumentException if no set has these
   */
  public static PositionSet ofBytes(byte[] bytes) {
    return bytes.length == 0 ? EMPTY : new Decoder(bytes).set();
  }

  /** Reads one set. */
  private static final class Decoder {
    private final byte[] bytes;
    private int n;

    Decoder(byte[] bytes) {
      this.bytes = bytes;
    }

    PositionSet set() {
      var origins = new Origin[4];
      var ranges = new long[4][];
      int count = 0;
      while (n < bytes.length) {
        if (count == origins.length) {
          origins = Arrays.copyOf(origins, 2 * count);
          ranges = Arrays.copyOf(ranges, 2 * count);
        }
        origins[count] = new Origin(number(Integer.MAX_VALUE), number(Integer.MAX_VALUE));
        if (count > 0 && origins[count - 1].compareTo(origins[count]) >= 0) {
          throw new IllegalArgumentException("origins are not ascending");
        }
        ranges[count++] = ranges();
      }
      return new PositionSet(Arrays.copyOf(origins, count), Arrays.copyOf(ranges, count));
    }

    private long[] ranges() {
      // Each range takes two bytes or more.
      int count = number((bytes.length - n) / 2);
      if (count == 0) {
        throw new IllegalArgumentException("an origin has no range");
      }
      var r = new long[2 * count];
      long last = 0;
      for (int k = 0; k < r.length; k += 2) {
        // Ranges do not touch, and none has the highest number of all.
        r[k] = last + 1 + number(k == 0 ? 0 : 1, Long.MAX_VALUE - 2 - last);
        r[k + 1] = r[k] + number(0, Long.MAX_VALUE - 1 - r[k]);
        last = r[k + 1];
      }
      return r;
    }

    private int number(int most) {
      return (int) number(0, most);
    }

    private long number(long least, long most) {
      long number = 0;
      for (int shift = 0; shift < 63; shift += 7) {
        if (n == bytes.length) {
          throw new IllegalArgumentException("it ends too early");
        }
        byte next = bytes[n++];
        number |= (next & 0x7fL) << shift;
        if (next >= 0) {
          if (next == 0 && shift > 0) {
            throw new IllegalArgumentException("it has a number with more bytes than that needs");
          }
          if (number < least || number > most) {
            throw new IllegalArgumentException(
                "it has %d where %d to %d may be".formatted(number, least, most));
          }
          return number;
        }
      }
      throw new IllegalArgumentException("it has a number beyond 2^63");
    }
  }

  public boolean isEmpty() {
    return origins.length == 0;
  }

  public boolean contains(Position position) {
    return containsRange(rangesOf(position.origin()), position.sequence(), position.sequence());
  }

  /** Whether every position of the other set is in this one. */
  public boolean containsAll(PositionSet other) {
    for (int i = 0; i < other.origins.length; i++) {
      long[] mine = rangesOf(other.origins[i]);
      long[] wanted = other.ranges[i];
      for (int r = 0; r < wanted.length; r += 2) {
        if (!containsRange(mine, wanted[r], wanted[r + 1])) {
          return false;
        }
      }
    }
    return true;
  }

  public PositionSet with(Position position) {
    int i = indexOf(position.origin());
    if (i >= 0 && ranges[i][ranges[i].length - 1] + 1 == position.sequence()) {
      long[] longer = ranges[i].clone();
      longer[longer.length - 1] = position.sequence();
      long[][] next = ranges.clone();
      next[i] = longer;
      return new PositionSet(origins, next);
    }
    return union(of(position));
  }

  public PositionSet union(PositionSet other) {
    if (other.isEmpty()) {
      return this;
    }
    if (isEmpty()) {
      return other;
    }
    var mergedOrigins = new Origin[origins.length + other.origins.length];
    var mergedRanges = new long[mergedOrigins.length][];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < origins.length || j < other.origins.length) {
      int order =
          i == origins.length
              ? 1
              : j == other.origins.length ? -1 : origins[i].compareTo(other.origins[j]);
      mergedOrigins[n] = order <= 0 ? origins[i] : other.origins[j];
      mergedRanges[n++] =
          order < 0
              ? ranges[i]
              : order > 0 ? other.ranges[j] : unionOfRanges(ranges[i], other.ranges[j]);
      i += order <= 0 ? 1 : 0;
      j += order >= 0 ? 1 : 0;
    }
    return new PositionSet(Arrays.copyOf(mergedOrigins, n), Arrays.copyOf(mergedRanges, n));
  }

  /** This set, and all that the other has of each origin of which some position is in both. */
  public PositionSet unionWhereShared(PositionSet other) {
    PositionSet all = this;
    for (int i = 0; i < origins.length; i++) {
      long[] theirs = other.rangesOf(origins[i]);
      if (isAnyIn(ranges[i], theirs)) {
        all = all.union(new PositionSet(new Origin[] {origins[i]}, new long[][] {theirs}));
      }
    }
    return all;
  }

  /** The positions of this set that are not in the other. */
  public PositionSet minus(PositionSet other) {
    var rest = new TreeMap<Origin, long[]>();
    for (int i = 0; i < origins.length; i++) {
      long[] left = differenceOfRanges(ranges[i], other.rangesOf(origins[i]));
      if (left.length > 0) {
        rest.put(origins[i], left);
      }
    }
    return ofMap(rest);
  }

  /**
   * Up to which sequence the origin's positions are here without a gap; 0 if its first one is not.
   */
  public long upTo(Origin origin) {
    long[] mine = rangesOf(origin);
    return mine.length > 0 && mine[0] == 1 ? mine[1] : 0;
  }

  /** Per origin up to which sequence its positions are here without a gap. */
  public VersionVector prefixes() {
    var prefixes = new TreeMap<Origin, Long>();
    for (Origin origin : origins) {
      long upTo = upTo(origin);
      if (upTo > 0) {
        prefixes.put(origin, upTo);
      }
    }
    return VersionVector.of(prefixes);
  }

  /** How many ranges the set consists of, which is what it costs to send and store. */
  public int rangeCount() {
    int count = 0;
    for (long[] r : ranges) {
      count += r.length / 2;
    }
    return count;
  }

  /**
   * The highest position of the highest origin. Which one it is has no meaning; it is cheap to
   * find.
   */
  public Position last() {
    if (isEmpty()) {
      throw new IllegalStateException("the set is empty");
    }
    int i = origins.length - 1;
    return new Position(origins[i], ranges[i][ranges[i].length - 1]);
  }

  /** Calls the visitor for each range, ascending by origin and sequence. */
  public void forEachRange(RangeVisitor visitor) {
    for (int i = 0; i < origins.length; i++) {
      for (int r = 0; r < ranges[i].length; r += 2) {
        visitor.visit(origins[i], ranges[i][r], ranges[i][r + 1]);
      }
    }
  }

  /** Takes the ranges of a set. */
  @FunctionalInterface
  public interface RangeVisitor {
    /** Both ends are included. */
    void visit(Origin origin, long first, long last);
  }

  private long[] rangesOf(Origin origin) {
    int i = indexOf(origin);
    return i < 0 ? NO_RANGES : ranges[i];
  }

  /** Where the origin is; negative if it is not there. They are few. */
  private int indexOf(Origin origin) {
    int i = origins.length - 1;
    while (i >= 0 && !origins[i].equals(origin)) {
      i--;
    }
    return i;
  }

  private static PositionSet ofMap(SortedMap<Origin, long[]> map) {
    return map.isEmpty()
        ? EMPTY
        : new PositionSet(map.keySet().toArray(Origin[]::new), map.values().toArray(long[][]::new));
  }

  private static boolean containsRange(long[] ranges, long first, long last) {
    int low = 0;
    int high = ranges.length / 2 - 1;
    while (low <= high) {
      int middle = (low + high) >>> 1;
      if (ranges[2 * middle + 1] < first) {
        low = middle + 1;
      } else if (ranges[2 * middle] > first) {
        high = middle - 1;
      } else {
        // Ranges do not touch, so what crosses the end of one is not all here.
        return last <= ranges[2 * middle + 1];
      }
    }
    return false;
  }

  private static boolean isAnyIn(long[] a, long[] b) {
    int i = 0;
    int j = 0;
    while (i < a.length && j < b.length) {
      if (a[i + 1] < b[j]) {
        i += 2;
      } else if (b[j + 1] < a[i]) {
        j += 2;
      } else {
        return true;
      }
    }
    return false;
  }

  private static long[] unionOfRanges(long[] a, long[] b) {
    long[] out = new long[a.length + b.length];
    int n = 0;
    int i = 0;
    int j = 0;
    while (i < a.length || j < b.length) {
      boolean fromA = j >= b.length || (i < a.length && a[i] <= b[j]);
      long first = fromA ? a[i] : b[j];
      long last = fromA ? a[i + 1] : b[j + 1];
      if (fromA) {
        i += 2;
      } else {
        j += 2;
      }
      if (n > 0 && first <= out[n - 1] + 1) {
        out[n - 1] = Math.max(out[n - 1], last);
      } else {
        out[n++] = first;
        out[n++] = last;
      }
    }
    return Arrays.copyOf(out, n);
  }

  private static long[] differenceOfRanges(long[] a, long[] b) {
    long[] out = new long[a.length + b.length];
    int n = 0;
    int j = 0;
    for (int i = 0; i < a.length; i += 2) {
      long first = a[i];
      long last = a[i + 1];
      while (j < b.length && b[j + 1] < first) {
        j += 2;
      }
      for (int k = j; k < b.length && b[k] <= last && first <= last; k += 2) {
        if (b[k] > first) {
          out[n++] = first;
          out[n++] = b[k] - 1;
        }
        first = b[k + 1] + 1;
      }
      if (first <= last) {
        out[n++] = first;
        out[n++] = last;
      }
    }
    return Arrays.copyOf(out, n);
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof PositionSet other
        && Arrays.equals(origins, other.origins)
        && Arrays.deepEquals(ranges, other.ranges);
  }

  @Override
  public int hashCode() {
    return 31 * Arrays.hashCode(origins) + Arrays.deepHashCode(ranges);
  }

  /** As people read it: {@code 1:1-5, 1:7, 2:3}. */
  @Override
  public String toString() {
    var words = new StringBuilder();
    forEachRange(
        (origin, first, last) -> {
          words
              .append(words.isEmpty() ? "" : ", ")
              .append(origin.replicaId())
              .append(':')
              .append(first);
          if (last > first) {
            words.append('-').append(last);
          }
        });
    return words.isEmpty() ? "nothing" : words.toString();
  }
}
