package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Session;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.Kind;
import dev.tidings.replica.storage.Name;
import java.util.List;
import java.util.Optional;

/**
 * What a client wants to read, all from one moment.
 *
 * @param withDependencies also answer what each write that is read depends on
 * @param moment which moment; empty for what is readable now
 * @param keeping whether the moment is to be kept, to be read again
 */
public record ReadRequest(
    Session session,
    List<Item> items,
    boolean withDependencies,
    Optional<Moment> moment,
    Keeping keeping) {
  private static final int SHORT = 10;

  public ReadRequest {
    items = List.copyOf(items);
  }

  /** Whether a moment is to be kept. */
  public enum Keeping {
    NO,
    ALWAYS,
    /** If there is another page of an item. */
    IF_MORE
  }

  /** Whether it is of few entries, each found by its key. */
  public boolean isShort() {
    if (items.size() > SHORT || withDependencies) {
      return false;
    }
    for (Item item : items) {
      if (!(item instanceof Item.Register || item instanceof Item.Counter)) {
        return false;
      }
    }
    return true;
  }

  /** What must be visible, where the moment itself is not kept. */
  PositionSet needs() {
    return moment
        .map(it -> it.positions().union(session.dependencies()))
        .orElse(session.dependencies());
  }

  /** The same, of a session that has seen this. */
  public ReadRequest in(Session seen) {
    return new ReadRequest(seen, items, withDependencies, moment, keeping);
  }

  /** The same of other items, at a moment that is kept. */
  public ReadRequest next(Session after, List<Item> others, Moment kept) {
    return new ReadRequest(after, others, withDependencies, Optional.of(kept), Keeping.NO);
  }

  /** One thing to read. */
  public sealed interface Item {
    /** The next page; empty if this was the last, or it is not read in pages. */
    default Optional<Item> after(ReadResult.Value page) {
      return Optional.empty();
    }

    /** A register. */
    record Register(Name name) implements Item {}

    /**
     * A page of a feed.
     *
     * @param after the cursor of the page before it; empty for the beginning
     * @param limit of entries, 1 or more
     */
    record Feed(Name name, Bytes after, int limit) implements Item {
      @Override
      public Optional<Item> after(ReadResult.Value page) {
        Bytes next = ((ReadResult.Value.Feed) page).slice().next();
        return next.size() == 0 ? Optional.empty() : Optional.of(new Feed(name, next, limit));
      }
    }

    /** A multi-value register. */
    record Multi(Name name) implements Item {}

    record Counter(Name name) implements Item {}

    /**
     * A page of a set.
     *
     * @param from the next of the page before it; empty for the beginning
     * @param limit of elements, 1 or more
     */
    record Elements(Name name, Bytes from, int limit) implements Item {
      @Override
      public Optional<Item> after(ReadResult.Value page) {
        Bytes next = ((ReadResult.Value.Elements) page).page().next();
        return next.size() == 0 ? Optional.empty() : Optional.of(new Elements(name, next, limit));
      }
    }

    /**
     * Registers that are no map's fields, in the order of their keys.
     *
     * @param from the first key; empty for the beginning
     * @param to the first key that is not read; empty for the end
     * @param limit of registers, 1 or more
     */
    record Range(Bytes from, Bytes to, int limit) implements Item {
      @Override
      public Optional<Item> after(ReadResult.Value page) {
        Bytes next = ((ReadResult.Value.Range) page).next();
        return next.size() == 0 ? Optional.empty() : Optional.of(new Range(next, to, limit));
      }
    }

    /**
     * A page of a map.
     *
     * @param from the next of the page before it; empty for the beginning
     * @param limit of fields, 1 or more
     */
    record Fields(Bytes map, Bytes from, int limit) implements Item {
      /** Whether the bytes are where a page may begin: empty, or a kind and a name. */
      public static boolean isCursor(Bytes from) {
        return from.size() == 0 || (from.array()[0] >= 0 && from.array()[0] < Kind.values().length);
      }

      @Override
      public Optional<Item> after(ReadResult.Value page) {
        Bytes next = ((ReadResult.Value.Fields) page).next();
        return next.size() == 0 ? Optional.empty() : Optional.of(new Fields(map, next, limit));
      }
    }
  }
}
