package dev.tidings.client;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What to watch, from where on, and where.
 *
 * @param selectors one or more; what any of them matches is told
 * @param after tells all that is not in this moment; null to tell what becomes visible from now on
 * @param otherReplicas HOST:PORT of replicas at which the watch goes on when the first does not
 *     answer, or does not keep its moment
 */
public record WatchQuery(
    List<Selector> selectors, @Nullable Moment after, List<String> otherReplicas) {
  public WatchQuery {
    selectors = List.copyOf(selectors);
    otherReplicas = List.copyOf(otherReplicas);
    if (selectors.isEmpty()) {
      throw new IllegalArgumentException("a watch has at least one selector");
    }
    otherReplicas.forEach(Addresses::check);
  }

  /** From now on. */
  public static WatchQuery of(Selector... selectors) {
    return new WatchQuery(List.of(selectors), null, List.of());
  }

  /** The same, after a moment. */
  public WatchQuery after(Moment moment) {
    return new WatchQuery(selectors, moment, otherReplicas);
  }

  /** The same, going on at these if need be. */
  public WatchQuery orAt(String... replicas) {
    return new WatchQuery(selectors, after, List.of(replicas));
  }
}
