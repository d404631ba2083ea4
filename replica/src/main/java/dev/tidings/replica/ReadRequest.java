package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Session;
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
    record Register(Bytes key) implements Item {}

    /**
     * A page of a feed.
     *
     * @param after the cursor of the page before it; empty for the beginning
     * @param limit of entries, 1 or more
     */
    record Feed(Bytes name, Bytes after, int limit) implements Item {}
  }
}
