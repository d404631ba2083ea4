package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Mutation;
import dev.tidings.client.Query;
import dev.tidings.client.Session;
import dev.tidings.client.TidingsException;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;

/**
 * Sessions that read and write keys at random, each by itself, and now and then move to another
 * replica. Every value is written once, so that a reader knows who wrote it. What each session asks
 * is decided by the seed; what it is answered is not.
 */
final class RandomWorkload {
  private static final int MOST_KEYS_TOGETHER = 3;
  private static final double DELETES = 0.05;

  /**
   * What sessions do.
   *
   * @param keys how many
   * @param prefix of every key, so that no other run has written them
   * @param readFraction of the operations, 0 to 1
   * @param groupFraction of the operations that are on several keys together
   * @param moveFraction of the operations before which the session moves
   * @param replicas their addresses
   */
  record Plan(
      int keys,
      String prefix,
      double readFraction,
      double groupFraction,
      double moveFraction,
      long seed,
      List<String> replicas) {
    Bytes key(int number) {
      return Bytes.of(prefix + "k" + number);
    }
  }

  private final Plan plan;
  private final LongAdder asked = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder unknown = new LongAdder();

  RandomWorkload(Plan plan) {
    this.plan = plan;
  }

  /** One session's part, to its end or until the thread is interrupted. Safe for many at once. */
  void run(int number, Session session, long operations) {
    var random = new SplittableRandom(plan.seed()).split();
    for (int i = 0; i < number; i++) {
      random = random.split();
    }
    session.moveTo(plan.replicas().get(number % plan.replicas().size()));
    for (long i = 0; i < operations && !Thread.currentThread().isInterrupted(); i++) {
      if (random.nextDouble() < plan.moveFraction()) {
        session.moveTo(plan.replicas().get(random.nextInt(plan.replicas().size())));
      }
      try {
        act(random, session, "s%d-%d".formatted(number, i));
        answered.increment();
      } catch (TidingsException e) {
        (e.outcomeUnknown() ? unknown : refused).increment();
      }
      asked.increment();
    }
  }

  private void act(SplittableRandom random, Session session, String value) {
    Set<Bytes> keys = new LinkedHashSet<>();
    int wanted =
        random.nextDouble() < plan.groupFraction()
            ? Math.min(plan.keys(), 2 + random.nextInt(MOST_KEYS_TOGETHER - 1))
            : 1;
    while (keys.size() < wanted) {
      keys.add(plan.key(random.nextInt(plan.keys())));
    }
    if (random.nextDouble() < plan.readFraction()) {
      session.read(new Query(List.copyOf(keys), List.of(), false));
      return;
    }
    var mutations = new ArrayList<Mutation>();
    for (Bytes key : keys) {
      mutations.add(
          random.nextDouble() < DELETES
              ? new Mutation.Delete(key)
              : new Mutation.Put(key, Bytes.of(value)));
    }
    session.write(mutations);
  }

  long asked() {
    return asked.sum();
  }

  long answered() {
    return answered.sum();
  }

  /** Writes that did not happen, and reads that were not answered. */
  long refused() {
    return refused.sum();
  }

  /** Writes without an answer. */
  long unknown() {
    return unknown.sum();
  }
}
