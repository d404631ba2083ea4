package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Session;
import dev.tidings.replica.storage.Kind;
import dev.tidings.replica.storage.Name;
import java.util.List;

/**
 * What a client wants to read, all from one moment.
 *
 * @param withDependencies also answer what each write that is read depends on
 */
public record ReadRequest(Session session, List<Item> items, boolean withDependencies) {
  public ReadRequest {
    items = List.copyOf(items);
  }

  /** One thing to read. */
  public sealed interface Item {
    /** A register. */
    record Register(Name name) implements Item {}

    /**
     * A page of a feed.
     *
     * @param after the cursor of the page before it; empty for the beginning
     * @param limit of entries, 1 or more
     */
    record Feed(Name name, Bytes after, int limit) implements Item {}

    /** A multi-value register. */
    record Multi(Name name) implements Item {}

    record Counter(Name name) implements Item {}

    /**
     * A page of a set.
     *
     * @param from the next of the page before it; empty for the beginning
     * @param limit of elements, 1 or more
     */
    record Elements(Name name, Bytes from, int limit) implements Item {}

    /**
     * Registers that are no map's fields, in the order of their keys.
     *
     * @param from the first key; empty for the beginning
     * @param to the first key that is not read; empty for the end
     * @param limit of registers, 1 or more
     */
    record Range(Bytes from, Bytes to, int limit) implements Item {}

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
    }
  }
}
