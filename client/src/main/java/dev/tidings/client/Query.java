package dev.tidings.client;

import java.util.List;

/**
 * What to read together, from one causally consistent moment.
 *
 * @param withDependencies whether to answer what each write that is read depends on; costs the
 *     replica a look into its log for every one
 */
public record Query(List<Bytes> keys, List<FeedRange> feeds, boolean withDependencies) {
  public Query {
    keys = List.copyOf(keys);
    feeds = List.copyOf(feeds);
    if (keys.isEmpty() && feeds.isEmpty()) {
      throw new IllegalArgumentException("a query reads at least one key or feed");
    }
  }

  /** Part of a feed. */
  public record FeedRange(Bytes feed, int limit, Bytes after) {
    /**
     * @param limit at most so many entries; 0 for as many as the replica gives at once
     * @param after the {@link FeedPage#next()} of the page before; empty for the beginning
     */
    public FeedRange {
      if (limit < 0) {
        throw new IllegalArgumentException("limit " + limit + " is negative");
      }
    }

    /** The first page. */
    public static FeedRange first(Bytes feed) {
      return new FeedRange(feed, 0, Bytes.EMPTY);
    }
  }
}
