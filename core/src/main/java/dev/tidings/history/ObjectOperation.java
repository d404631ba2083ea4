package dev.tidings.history;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was done to an object, or seen of it. An object's reading is what the updates that its
 * reader sees come to, some of which undo others: those that they had seen themselves (Burckhardt,
 * Gotsman, Yang and Zawirski, "Replicated data types: specification, verification, optimality",
 * POPL 2014; the types are the observed-remove ones of Shapiro, Preguiça, Baquero and Zawirski, SSS
 * 2011).
 */
public sealed interface ObjectOperation {
  /** What an update does. */
  enum Kind {
    /** Sets a multi-value register, in the place of all values that were there. */
    PUT,
    /** Adds to a counter. */
    INCREMENT,
    /** Adds elements to a set. */
    ADD,
    /** Takes elements out of a set. */
    REMOVE,
    /** Adds an entry to a feed. */
    APPEND,
    /** Takes away all that is there, which nobody does to a feed. */
    CLEAR
  }

  /**
   * A change of an object.
   *
   * @param values of a put or an append the value, of an add or a removal the elements
   * @param by of an increment; else 0
   * @param version null if it is not known
   */
  record Update(
      ObjectName object, Kind kind, List<String> values, long by, @Nullable SeenVersion version)
      implements ObjectOperation {
    public Update {
      values = List.copyOf(values);
      ObjectName.Type type =
          switch (kind) {
            case PUT -> ObjectName.Type.MULTI;
            case INCREMENT -> ObjectName.Type.COUNTER;
            case ADD, REMOVE -> ObjectName.Type.SET;
            case APPEND -> ObjectName.Type.FEED;
            case CLEAR -> object.type();
          };
      boolean valuesFit =
          switch (kind) {
            case PUT, APPEND -> values.size() == 1;
            case ADD, REMOVE -> !values.isEmpty();
            case INCREMENT, CLEAR -> values.isEmpty();
          };
      boolean clearsFeed = kind == Kind.CLEAR && type == ObjectName.Type.FEED;
      if (type != object.type() || !valuesFit || clearsFeed) {
        throw new IllegalArgumentException(
            "%s of %s with %d values".formatted(kind, object, values.size()));
      }
    }
  }

  /** Takes away all that is there in the objects that are a map's fields, except its feeds. */
  record MapDelete(String map, @Nullable SeenVersion version) implements ObjectOperation {}

  /**
   * What was read of an object, or held at the end.
   *
   * @param seen a multi-value register's values, a set's elements, or a feed's entries in their
   *     order
   * @param count of a counter; else 0
   * @param changedBy the last update of the object by each replica that the reader saw; null if
   *     that is not told. A replica's updates of one object are seen in their order
   * @param whole whether all is told that was there
   */
  record Reading(
      ObjectName object,
      List<Seen> seen,
      long count,
      @Nullable List<SeenVersion> changedBy,
      boolean whole)
      implements ObjectOperation {
    public Reading {
      seen = List.copyOf(seen);
      changedBy = changedBy == null ? null : List.copyOf(changedBy);
    }
  }

  /**
   * A value, an element or an entry.
   *
   * @param version of the update that it comes from; null if it is not known
   */
  record Seen(String value, @Nullable SeenVersion version) {}
}
