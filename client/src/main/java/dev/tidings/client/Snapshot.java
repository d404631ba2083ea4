package dev.tidings.client;

import java.util.List;

/**
 * The answer to a {@link Query}, all from one moment.
 *
 * @param values as many as keys were asked for, in that order
 * @param feeds as many as feeds were asked for, in that order
 */
public record Snapshot(List<Value> values, List<FeedPage> feeds) {
  public Snapshot {
    values = List.copyOf(values);
    feeds = List.copyOf(feeds);
  }
}
