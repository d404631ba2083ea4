package dev.tidings.client;

import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to read together, from one causally consistent moment.
 *
 * @param items 1 to 10,000
 * @param withDependencies whether to answer what each write that is read depends on; costs the
 *     replica a look into its log for every one
 * @param moment which moment; null for what the replica shows when it is asked
 * @param keeping whether the replica is to keep the moment, to be read again: {@link
 *     Snapshot#moment()} is its name
 */
public record Query(
    List<Item<?>> items, boolean withDependencies, @Nullable Moment moment, Keeping keeping) {
  /** Whether a replica is to keep a moment. */
  public enum Keeping {
    NO,
    ALWAYS,
    /** If an item has another page. */
    IF_MORE
  }

  public Query {
    items = List.copyOf(items);
    if (items.isEmpty()) {
      throw new IllegalArgumentException("a query reads at least one item");
    }
  }

  /** Of what the replica shows when it is asked, which it need not keep. */
  public Query(List<Item<?>> items, boolean withDependencies) {
    this(items, withDependencies, null, Keeping.NO);
  }

  /**
   * The same, of a moment that was kept, even if the session has seen later ones. At another
   * replica than the one that keeps it, and if it is a watch's, one that is at least as late is
   * read; the answer has no {@link Snapshot#moment()} then. A moment is kept for five minutes after
   * it was last read, and for an hour at most; {@link TidingsException.Reason#MOMENT_NOT_KEPT} says
   * that it is not any more. A {@link Recorder} takes no notice.
   */
  public Query at(Moment past) {
    return new Query(items, withDependencies, past, keeping);
  }

  /** The same, of a moment that is to be kept. */
  public Query keeping(Keeping whether) {
    return new Query(items, withDependencies, moment, whether);
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
