package dev.tidings.client;

import java.time.Duration;
import java.util.List;

/**
 * What a write is to wait for, under which conditions it is accepted, and what is to be done when
 * its answer does not come.
 *
 * <pre>{@code
 * Bytes lock = Bytes.of("lock");
 * List<Mutation> changes =
 *     List.of(
 *         new Mutation.Put(lock, Bytes.of("alice")),
 *         new Mutation.Append(Bytes.of("log"), Bytes.of("alice has the lock")));
 * var twoReplicas = new Durability(2, Duration.ofSeconds(1));
 * session.write(changes, WriteOptions.onlyIf(Condition.absent(lock)).durable(twoReplicas));
 * }</pre>
 *
 * @param conditions all have to hold, or nothing is written and {@link
 *     TidingsException.Reason#CONDITION_FAILED} says which did not; at most 10,000
 * @param secondWriteAllowed whether another replica may be asked though one may have written it
 *     already. Appends, increments and adds without conditions go on elsewhere anyway, since they
 *     count once everywhere. Anything else is then written twice, under two versions: the second
 *     put replaces what others have put in between, the second removal takes out what others have
 *     added
 */
public record WriteOptions(
    Durability durability, List<Condition> conditions, boolean secondWriteAllowed) {
  /** Answered when it is durable at the replica, whatever is there. */
  public static final WriteOptions DEFAULT =
      new WriteOptions(new Durability(1, Duration.ofSeconds(1)), List.of(), false);

  public WriteOptions {
    conditions = List.copyOf(conditions);
  }

  /** {@link #DEFAULT}, under conditions. */
  public static WriteOptions onlyIf(Condition... conditions) {
    return onlyIf(List.of(conditions));
  }

  /** {@link #DEFAULT}, under conditions. */
  public static WriteOptions onlyIf(List<Condition> conditions) {
    return new WriteOptions(DEFAULT.durability, conditions, false);
  }

  /** The same, but answered when it is durable on so many replicas. */
  public WriteOptions durable(Durability durability) {
    return new WriteOptions(durability, conditions, secondWriteAllowed);
  }

  /** The same, but it may be written twice: see {@link #secondWriteAllowed()}. */
  public WriteOptions allowSecondWrite() {
    return new WriteOptions(durability, conditions, true);
  }
}
