package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Part;
import dev.tidings.causal.Session;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.ReadView.FeedSlice;
import dev.tidings.replica.storage.ReadView.Page;
import dev.tidings.replica.storage.Stored;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * The answer to a {@link ReadRequest}.
 *
 * @param session the session after it
 * @param seenBefore whether the session had seen all of it before, and is the same after it
 * @param values as many as items, in their order
 * @param dependencies of the writes that were read, where they were asked for
 * @param moment which one was read, if it is kept
 */
public record ReadResult(
    Session session,
    boolean seenBefore,
    List<Value> values,
    Map<Position, PositionSet> dependencies,
    Optional<Moment> moment) {
  /** The same, with or without its moment's name. */
  ReadResult at(Optional<Moment> kept) {
    return new ReadResult(session, seenBefore, values, dependencies, kept);
  }

  /** The answer to one item. */
  public sealed interface Value {
    /** Whether it, or a field of the map that it is, has another page. */
    default boolean hasMore() {
      return false;
    }

    /**
     * @param stored empty where the key was never written here, or its delete has been forgotten
     * @param neverWritten where it is certain which
     */
    record Register(Optional<Stored> stored, boolean neverWritten) implements Value {}

    record Feed(FeedSlice slice) implements Value {
      @Override
      public boolean hasMore() {
        return slice.next().size() > 0;
      }
    }

    /**
     * @param values by their versions
     * @param changedBy the last update by each origin
     */
    record Multi(List<Stored> values, List<Part.Last> changedBy) implements Value {}

    record Counter(long value, List<Part.Last> changedBy) implements Value {}

    /**
     * @param changedBy the last update of the set by each origin
     */
    record Elements(Page page, List<Part.Last> changedBy) implements Value {
      @Override
      public boolean hasMore() {
        return page.next().size() > 0;
      }
    }

    /**
     * @param next the key from which the next page begins; empty if this one reached the end
     */
    record Range(List<KeyValue> registers, Bytes next) implements Value {
      @Override
      public boolean hasMore() {
        return next.size() > 0;
      }
    }

    /** A register that has a value. */
    record KeyValue(Bytes key, Stored stored) {}

    /**
     * @param next with what the next page begins; empty if this one reached the end
     */
    record Fields(List<Field> fields, Bytes next) implements Value {
      @Override
      public boolean hasMore() {
        return next.size() > 0 || fields.stream().anyMatch(field -> field.value().hasMore());
      }
    }

    record Field(Bytes name, Value value) {}
  }
}
