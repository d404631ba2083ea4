package dev.tidings.client;

import java.util.List;

/**
 * Some fields of a map, all from one moment.
 *
 * @param fields registers first, then multi-value registers, counters, sets and feeds, each by the
 *     bytes of their names. Those without content are not there: a counter at 0 has none
 * @param next where the next page begins; empty bytes if this page reached the map's end
 */
public record MapPage(List<MapField> fields, Bytes next) implements Page<MapField> {
  public MapPage {
    fields = List.copyOf(fields);
  }

  /** As {@link #fields()}. */
  @Override
  public List<MapField> contents() {
    return fields;
  }
}
