package dev.tidings.client;

import java.util.List;

/**
 * Some entries of a feed, all from one moment.
 *
 * @param entries in version order
 * @param next where the next page begins; empty bytes if this page reached the feed's end
 */
public record FeedPage(List<FeedEntry> entries, Bytes next) implements Content, Page<FeedEntry> {
  public FeedPage {
    entries = List.copyOf(entries);
  }

  /** As {@link #entries()}. */
  @Override
  public List<FeedEntry> contents() {
    return entries;
  }
}
