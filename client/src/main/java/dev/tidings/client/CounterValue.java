package dev.tidings.client;

import java.util.List;

/**
 * What a counter holds.
 *
 * @param value the sum of all increments that the replica shows; 0 where there are none
 * @param changedBy the last changes by each origin that made it so; none where it was never
 *     incremented
 */
public record CounterValue(long value, List<WriteInfo> changedBy) implements Content {
  public CounterValue {
    changedBy = List.copyOf(changedBy);
  }
}
