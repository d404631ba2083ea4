package dev.tidings.drift;

/**
 * Messages under way, first those that arrive first; of those that arrive at once first those of
 * the lower sender, and of one sender's in the order of sending. Times are nanoseconds after the
 * run's beginning, hosts are numbers from 0.
 */
abstract class Flights {
  /** A recipient: all hosts but the sender. */
  static final int EVERYONE = -1;

  /** What {@link #arrivalNanos} says where there is none. */
  static final long NEVER = Long.MAX_VALUE;

  private static final int FIELDS = 5;
  private static final int ARRIVAL = 0;
  private static final int STAMP = 1;
  private static final int SENT = 2;
  private static final int FROM_AND_TARGET = 3;
  private static final int TICK_AND_TO = 4;
  private static final long LOW = 0xffffffffL;

  /** As many messages as a power of two, with all fields of a message side by side. */
  long[] fields = new long[16 * FIELDS];

  private Flights() {}

  /** For messages that are added in the order of their arrival. */
  static Flights inOrder() {
    return new Ring();
  }

  /** For messages that are added in any order. */
  static Flights inAnyOrder() {
    return new Heap();
  }

  abstract void add(
      long arrivalNanos, long stamp, long sentNanos, long fromAndTarget, long tickAndTo);

  /** When the first one arrives; {@link #NEVER} if there is none. */
  abstract long arrivalNanos();

  /** Takes the first one away. */
  abstract void remove();

  /** Where the first one's fields begin. */
  abstract int first();

  abstract boolean isEmpty();

  /** Adds the first one of others. */
  void addFirstOf(Flights others) {
    int at = others.first();
    add(
        others.fields[at + ARRIVAL],
        others.fields[at + STAMP],
        others.fields[at + SENT],
        others.fields[at + FROM_AND_TARGET],
        others.fields[at + TICK_AND_TO]);
  }

  long stamp() {
    return fields[first() + STAMP];
  }

  long sentNanos() {
    return fields[first() + SENT];
  }

  long fromAndTarget() {
    return fields[first() + FROM_AND_TARGET];
  }

  int from() {
    return from(fromAndTarget());
  }

  int to() {
    return (int) fields[first() + TICK_AND_TO];
  }

  /** The number of the sending among the sender's events, from 0. */
  int tick() {
    return (int) (fields[first() + TICK_AND_TO] >>> 32);
  }

  static long pack(int high, int low) {
    return ((long) high << 32) | (low & LOW);
  }

  static int from(long fromAndTarget) {
    return (int) (fromAndTarget >>> 32);
  }

  static int target(long fromAndTarget) {
    return (int) fromAndTarget;
  }

  private static final class Ring extends Flights {
    private int head;
    private int size;

    @Override
    void add(long arrivalNanos, long stamp, long sentNanos, long fromAndTarget, long tickAndTo) {
      int capacity = fields.length / FIELDS;
      if (size == capacity) {
        long[] larger = new long[Math.multiplyExact(fields.length, 2)];
        int tail = (capacity - head) * FIELDS;
        System.arraycopy(fields, head * FIELDS, larger, 0, tail);
        System.arraycopy(fields, 0, larger, tail, fields.length - tail);
        fields = larger;
        head = 0;
        capacity *= 2;
      }
      int at = ((head + size) & (capacity - 1)) * FIELDS;
      size++;
      fields[at + ARRIVAL] = arrivalNanos;
      fields[at + STAMP] = stamp;
      fields[at + SENT] = sentNanos;
      fields[at + FROM_AND_TARGET] = fromAndTarget;
      fields[at + TICK_AND_TO] = tickAndTo;
    }

    @Override
    long arrivalNanos() {
      return size == 0 ? NEVER : fields[head * FIELDS + ARRIVAL];
    }

    @Override
    void remove() {
      head = (head + 1) & (fields.length / FIELDS - 1);
      size--;
    }

    @Override
    int first() {
      return head * FIELDS;
    }

    @Override
    boolean isEmpty() {
      return size == 0;
    }
  }

  /** A binary heap. */
  private static final class Heap extends Flights {
    private int size;

    @Override
    void add(long arrivalNanos, long stamp, long sentNanos, long fromAndTarget, long tickAndTo) {
      if ((size + 1) * FIELDS > fields.length) {
        fields = java.util.Arrays.copyOf(fields, Math.multiplyExact(fields.length, 2));
      }
      int hole = size++;
      while (hole > 0) {
        int parent = (hole - 1) / 2;
        int at = parent * FIELDS;
        if (!isBefore(arrivalNanos, fromAndTarget, tickAndTo, at)) {
          break;
        }
        System.arraycopy(fields, at, fields, hole * FIELDS, FIELDS);
        hole = parent;
      }
      int at = hole * FIELDS;
      fields[at + ARRIVAL] = arrivalNanos;
      fields[at + STAMP] = stamp;
      fields[at + SENT] = sentNanos;
      fields[at + FROM_AND_TARGET] = fromAndTarget;
      fields[at + TICK_AND_TO] = tickAndTo;
    }

    private boolean isBefore(long arrival, long fromAndTarget, long tickAndTo, int at) {
      if (arrival != fields[at + ARRIVAL]) {
        return arrival < fields[at + ARRIVAL];
      }
      int from = from(fromAndTarget);
      int otherFrom = from(fields[at + FROM_AND_TARGET]);
      return from != otherFrom ? from < otherFrom : tickAndTo < fields[at + TICK_AND_TO];
    }

    private boolean isBefore(int a, int b) {
      int at = a * FIELDS;
      return isBefore(
          fields[at + ARRIVAL], fields[at + FROM_AND_TARGET], fields[at + TICK_AND_TO], b * FIELDS);
    }

    @Override
    long arrivalNanos() {
      return size == 0 ? NEVER : fields[ARRIVAL];
    }

    @Override
    void remove() {
      size--;
      int last = size;
      int hole = 0;
      while (true) {
        int child = 2 * hole + 1;
        if (child >= size) {
          break;
        }
        if (child + 1 < size && isBefore(child + 1, child)) {
          child++;
        }
        if (isBefore(last, child)) {
          break;
        }
        System.arraycopy(fields, child * FIELDS, fields, hole * FIELDS, FIELDS);
        hole = child;
      }
      System.arraycopy(fields, last * FIELDS, fields, hole * FIELDS, FIELDS);
    }

    @Override
    int first() {
      return 0;
    }

    @Override
    boolean isEmpty() {
      return size == 0;
    }
  }
}
