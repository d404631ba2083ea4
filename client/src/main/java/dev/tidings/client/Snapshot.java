package dev.tidings.client;

import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** The answer to a {@link Query}, all from one moment. */
public final class Snapshot {
  private final List<Object> results;
  private final Map<Item<?>, Object> byItem = new HashMap<>();
  private final Optional<Moment> moment;

  /**
   * @param results as many as the query has items, in that order, each of its item's type
   */
  Snapshot(Query query, List<Object> results, Optional<Moment> moment) {
    this.results = List.copyOf(results);
    this.moment = moment;
    for (int i = 0; i < results.size(); i++) {
      // Equal items read the same: it is one moment.
      byItem.put(query.items().get(i), results.get(i));
    }
  }

  /**
   * What an item of the query holds.
   *
   * @param item the one of the query, or an equal one
   * @throws IllegalArgumentException if the query has no such item
   */
  @SuppressWarnings("unchecked")
  public <T> T get(Item<T> item) {
    Object result = byItem.get(item);
    if (result == null) {
      throw new IllegalArgumentException(item + " was not asked for");
    }
    return (T) result;
  }

  /**
   * Which moment this is, if its replica keeps it; see {@link Query#at}. A watch after it tells all
   * that this does not show.
   */
  public Optional<Moment> moment() {
    return moment;
  }

  /** All registers' values, in the query's order. */
  public List<Value> values() {
    return all(Value.class);
  }

  /** All feeds' pages, in the query's order. */
  public List<FeedPage> feeds() {
    return all(FeedPage.class);
  }

  private <T> List<T> all(Class<T> type) {
    return results.stream().filter(type::isInstance).map(type::cast).toList();
  }
}
