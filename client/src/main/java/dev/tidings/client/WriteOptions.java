package dev.tidings.client;

import java.time.Duration;
import java.util.List;

/**
 * What a write is to wait for, and under which conditions it is accepted.
 *
 * <pre>{@code
 * session.write(changes, WriteOptions.onlyIf(Condition.absent(lock)).durable(durability));
 * }</pre>
 *
 * @param conditions all have to hold, or nothing is written and {@link
 *     TidingsException.Reason#CONDITION_FAILED} says which did not; at most 10,000
 */
public record WriteOptions(Durability durability, List<Condition> conditions) {
  /** Answered when it is durable at the replica, whatever is there. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(new Durability(1, Duration.ofSeconds(1)), List.of());

  public WriteOptions {
    conditions = List.copyOf(conditions);
  }

  /** {@link #DEFAULT}, under conditions. */
  public static WriteOptions onlyIf(Condition... conditions) {
    return onlyIf(List.of(conditions));
  }

  /** {@link #DEFAULT}, under conditions. */
  public static WriteOptions onlyIf(List<Condition> conditions) {
    return new WriteOptions(DEFAULT.durability, conditions);
  }

  /** The same, but answered when it is durable on so many replicas. */
  public WriteOptions durable(Durability durability) {
    return new WriteOptions(durability, conditions);
  }
}
