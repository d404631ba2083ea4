package dev.tidings.client;

import java.util.List;

/**
 * What a multi-value register holds.
 *
 * @param values all that were put and that no other has replaced here, by their versions: more than
 *     one where they were put concurrently, none where it was never put, or was emptied
 * @param changedBy the last changes by each origin that made it so
 */
public record MultiValue(List<Sibling> values, List<WriteInfo> changedBy) implements Content {
  public MultiValue {
    values = List.copyOf(values);
    changedBy = List.copyOf(changedBy);
  }

  /** One of the values. */
  public record Sibling(Bytes bytes, WriteInfo writtenBy) {}
}
