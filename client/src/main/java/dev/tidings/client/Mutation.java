package dev.tidings.client;

import java.util.List;

/**
 * One change of one object. The type is part of the key: a register, a counter and a feed of one
 * name never collide. Keys, names and elements have 1 to 1024 bytes, values up to 4 MiB, unless the
 * replica was started with other limits; what it does not take, it refuses with {@link
 * TidingsException.Reason#SIZE_LIMIT} or {@link TidingsException.Reason#INVALID_REQUEST}, the whole
 * write together.
 *
 * <p>A change that undoes or replaces what is there (all but {@link Put}, {@link Delete}, {@link
 * Append}, {@link Increment} and {@link Add}) undoes what the replica that accepts it shows at that
 * moment. What is concurrent stays, everywhere.
 */
public sealed interface Mutation {
  /** Whether it counts once everywhere, even if several replicas accept one request for it. */
  default boolean commutes() {
    return this instanceof Append
        || this instanceof Increment
        || this instanceof Add
        || (this instanceof InMap inMap && inMap.change().commutes());
  }

  /** A change of an object that may be a map's field, or stand for itself. */
  sealed interface Simple extends Mutation {
    /** The same change of the field of that name in a map. */
    default InMap inMap(Bytes map) {
      return new InMap(map, this);
    }
  }

  /** Sets a register; of concurrent writes the one with the higher version wins everywhere. */
  record Put(Bytes key, Bytes value) implements Simple {}

  /** Makes a register absent. */
  record Delete(Bytes key) implements Simple {}

  /** Adds an entry to a feed; every entry is kept. */
  record Append(Bytes feed, Bytes value) implements Simple {}

  /** Sets a multi-value register, in the place of all values that the replica shows. */
  record MultiPut(Bytes key, Bytes value) implements Simple {}

  /** Takes all values that the replica shows out of a multi-value register. */
  record MultiDelete(Bytes key) implements Simple {}

  /**
   * Adds to a counter, which begins at 0.
   *
   * @param by any number, negative too. Refused where the sum would leave 64 bits; sums of
   *     concurrent increments that leave them wrap around
   */
  record Increment(Bytes counter, long by) implements Simple {}

  /** Takes all increments that the replica shows back. */
  record DeleteCounter(Bytes counter) implements Simple {}

  /**
   * Adds elements to a set; an add wins over a concurrent removal.
   *
   * @param elements 1 to 10,000
   */
  record Add(Bytes set, List<Bytes> elements) implements Simple {
    public Add {
      elements = List.copyOf(elements);
      checkNotEmpty(elements);
    }
  }

  /**
   * Takes elements out of a set, as far as the replica shows them.
   *
   * @param elements 1 to 10,000
   */
  record Remove(Bytes set, List<Bytes> elements) implements Simple {
    public Remove {
      elements = List.copyOf(elements);
      checkNotEmpty(elements);
    }
  }

  /** Takes all elements that the replica shows out of a set; refused if these are over 10,000. */
  record RemoveAll(Bytes set) implements Simple {}

  /**
   * Changes a field of a map. A field has a type of its own: a map may have a register and a
   * counter of one name.
   */
  record InMap(Bytes map, Simple change) implements Mutation {}

  /**
   * Deletes all fields of a map that the replica shows, except its feeds; refused if these are over
   * 10,000.
   */
  record DeleteMap(Bytes map) implements Mutation {}

  private static void checkNotEmpty(List<Bytes> elements) {
    if (elements.isEmpty()) {
      throw new IllegalArgumentException("a set is changed by 1 element or more");
    }
  }
}
