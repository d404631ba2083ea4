package dev.tidings.client;

import java.util.List;

/**
 * Some elements of a set, all from one moment.
 *
 * @param elements ascending by their unsigned bytes
 * @param next with which element the next page begins; empty bytes if this page reached the set's
 *     end
 * @param changedBy the last changes by each origin that made the set so, whatever the page shows
 */
public record SetPage(List<Bytes> elements, Bytes next, List<WriteInfo> changedBy)
    implements Content, Page<Bytes> {
  public SetPage {
    elements = List.copyOf(elements);
    changedBy = List.copyOf(changedBy);
  }

  /** As {@link #elements()}. */
  @Override
  public List<Bytes> contents() {
    return elements;
  }
}
