package dev.tidings.client;

import java.util.ArrayList;
import java.util.List;

/**
 * What to read together, from one causally consistent moment.
 *
 * @param items 1 to 10,000
 * @param withDependencies whether to answer what each write that is read depends on; costs the
 *     replica a look into its log for every one
 */
public record Query(List<Item<?>> items, boolean withDependencies) {
  public Query {
    items = List.copyOf(items);
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a query reads at least one item");
    }
  }

  /** These items, without dependencies. */
  public static Query of(Item<?>... items) {
    return new Query(List.of(items), false);
  }

  /** Registers, and parts of feeds. */
  public Query(List<Bytes> keys, List<Item.Feed> feeds, boolean withDependencies) {
    this(items(keys, feeds), withDependencies);
  }

  private static List<Item<?>> items(List<Bytes> keys, List<Item.Feed> feeds) {
    var items = new ArrayList<Item<?>>();
    keys.forEach(key -> items.add(Item.register(key)));
    items.addAll(feeds);
    return items;
  }
}
