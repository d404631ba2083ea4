package dev.tidings.client;

/**
 * One thing to read. An item is also the handle of its answer: {@link Snapshot#get} takes the item
 * that was asked for, and its type says what comes back.
 *
 * <pre>{@code
 * var color = Item.register(Bytes.of("color"));
 * var likes = Item.counter(Bytes.of("likes"));
 * Snapshot together = session.read(color, likes);
 * long count = together.get(likes).value();
 * }</pre>
 *
 * @param <T> what is read
 */
public sealed interface Item<T> {
  /**
   * An object that may be a map's field, or stand for itself.
   *
   * @param <T> what is read
   */
  sealed interface Simple<T extends Content> extends Item<T> {
    /** The field of that name in a map. */
    default InMap<T> inMap(Bytes map) {
      return new InMap<>(map, this);
    }
  }

  /** A register. */
  record Register(Bytes key) implements Simple<Value> {}

  /** A multi-value register. */
  record Multi(Bytes key) implements Simple<MultiValue> {}

  /** A counter. */
  record Counter(Bytes counter) implements Simple<CounterValue> {}

  /** Part of a set. */
  record Elements(Bytes set, int limit, Bytes from) implements Simple<SetPage> {
    /**
     * @param limit at most so many elements; 0 for as many as the replica gives at once (1000, or
     *     about 1 MiB)
     * @param from the first element, such as the {@link SetPage#next()} of the page before; empty
     *     for the beginning
     */
    public Elements {
      checkLimit(limit);
    }
  }

  /** Part of a feed. */
  record Feed(Bytes feed, int limit, Bytes after) implements Simple<FeedPage> {
    /**
     * @param limit at most so many entries; 0 for as many as the replica gives at once (1000, or
     *     about 1 MiB)
     * @param after the {@link FeedPage#next()} of the page before; empty for the beginning
     */
    public Feed {
      checkLimit(limit);
    }
  }

  /** Registers, in the order of their keys' unsigned bytes. */
  record Range(Bytes from, Bytes to, int limit) implements Item<RangePage> {
    /**
     * @param from the first key; empty for the first of all
     * @param to the first key that is not in it any more; empty for the end of all
     * @param limit at most so many registers; 0 for as many as the replica gives at once (1000, or
     *     about 1 MiB)
     */
    public Range {
      checkLimit(limit);
    }
  }

  /** Part of a map. */
  record Fields(Bytes map, int limit, Bytes from) implements Item<MapPage> {
    /**
     * @param limit at most so many fields; 0 for as many as the replica gives at once (1000, or
     *     about 1 MiB)
     * @param from the {@link MapPage#next()} of the page before; empty for the beginning
     */
    public Fields {
      checkLimit(limit);
    }
  }

  /** A field of a map. */
  record InMap<T extends Content>(Bytes map, Simple<T> item) implements Item<T> {}

  static Register register(Bytes key) {
    return new Register(key);
  }

  static Multi multi(Bytes key) {
    return new Multi(key);
  }

  static Counter counter(Bytes counter) {
    return new Counter(counter);
  }

  /** The first page of a set. */
  static Elements set(Bytes set) {
    return new Elements(set, 0, Bytes.EMPTY);
  }

  /** The first page of a feed. */
  static Feed feed(Bytes feed) {
    return new Feed(feed, 0, Bytes.EMPTY);
  }

  /** The first page of the registers from one key on and below another; see {@link Range}. */
  static Range range(Bytes from, Bytes to) {
    return new Range(from, to, 0);
  }

  /** The first page of the registers whose keys begin so. */
  static Range prefix(Bytes prefix) {
    return new Range(prefix, prefix.afterAllWithThisPrefix(), 0);
  }

  /** The first page of a map. */
  static Fields map(Bytes map) {
    return new Fields(map, 0, Bytes.EMPTY);
  }

  private static void checkLimit(int limit) {
    if (limit < 0) {
      throw new IllegalArgumentException("limit " + limit + " is negative");
    }
  }
}
