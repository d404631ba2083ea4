package dev.tidings.client.cli;

import dev.tidings.client.Bytes;
import dev.tidings.client.Condition;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Query;
import dev.tidings.client.Session;
import dev.tidings.client.Snapshot;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.Value;
import dev.tidings.client.WriteInfo;
import dev.tidings.client.WriteOptions;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.concurrent.atomic.LongAdder;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that read and write at random, each by itself, and now and then move to another replica.
 * Every value is written once, so that a reader knows who wrote it, and no element is added twice.
 * What each session asks is decided by the seed, and of all types also by what it has read; what it
 * is answered is not.
 */
final class RandomWorkload {
  private static final int MOST_KEYS_TOGETHER = 3;
  private static final double DELETES = 0.05;
  private static final double REMOVALS = 0.3;
  private static final double CONDITIONS = 0.3;
  private static final double MAP_DELETES = 0.01;
  private static final int MAPS = 3;
  private static final int MOST_ADDED_AT_ONCE = 9;

  /** What keys stand for. */
  enum Types {
    /** Registers alone, without conditions. */
    REGISTERS,
    /** Objects of all types, every third a map's field; and conditions. */
    ALL
  }

  /** What a key stands for. */
  private enum Type {
    REGISTER,
    SET,
    COUNTER,
    MULTI,
    FEED
  }

  private static final List<Type> TYPES = List.of(Type.values());

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
      Types types,
      int keys,
      String prefix,
      double readFraction,
      double groupFraction,
      double moveFraction,
      long seed,
      List<String> replicas) {
    /** All that is written, to be read whole. */
    List<Item<?>> items() {
      return IntStream.range(0, keys).<Item<?>>mapToObj(this::item).toList();
    }

    private Item<?> item(int number) {
      Item.Simple<?> item =
          switch (type(number)) {
            case REGISTER -> Item.register(name(number));
            case SET -> Item.set(name(number));
            case COUNTER -> Item.counter(name(number));
            case MULTI -> Item.multi(name(number));
            case FEED -> Item.feed(name(number));
          };
      @Nullable Bytes map = map(number);
      return map == null ? item : item.inMap(map);
    }

    private Type type(int number) {
      return types == Types.REGISTERS ? Type.REGISTER : TYPES.get(number % TYPES.size());
    }

    private Bytes name(int number) {
      return Bytes.of(prefix + "k" + number);
    }

    /** Whose field the key is; null for none. */
    private @Nullable Bytes map(int number) {
      return types == Types.ALL && number % MAPS == 0
          ? Bytes.of(prefix + "m" + number / MAPS % MAPS)
          : null;
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
    var actor = new Actor(session, random);
    for (long i = 0; i < operations && !Thread.currentThread().isInterrupted(); i++) {
      if (random.nextDouble() < plan.moveFraction()) {
        session.moveTo(plan.replicas().get(random.nextInt(plan.replicas().size())));
      }
      try {
        actor.act("s%d-%d".formatted(number, i));
        answered.increment();
      } catch (TidingsException e) {
        LongAdder sort =
            e.outcomeUnknown()
                ? unknown
                : e.reason() == Reason.CONDITION_FAILED ? answered : refused;
        sort.increment();
      }
      asked.increment();
    }
  }

  /** A session, and what it remembers. */
  private final class Actor {
    private final Session session;
    private final SplittableRandom random;

    /** The conditions that held when it last read or wrote a register. */
    private final Map<Integer, Condition> known = new HashMap<>();

    /** An element that it has added, by set. */
    private final Map<Integer, Bytes> added = new HashMap<>();

    Actor(Session session, SplittableRandom random) {
      this.session = session;
      this.random = random;
    }

    void act(String value) {
      Set<Integer> keys = new LinkedHashSet<>();
      int wanted =
          random.nextDouble() < plan.groupFraction()
              ? Math.min(plan.keys(), 2 + random.nextInt(MOST_KEYS_TOGETHER - 1))
              : 1;
      while (keys.size() < wanted) {
        keys.add(random.nextInt(plan.keys()));
      }
      if (random.nextDouble() < plan.readFraction()) {
        read(keys);
      } else {
        write(keys, Bytes.of(value));
      }
    }

    private void read(Set<Integer> keys) {
      List<Item<?>> items = new ArrayList<>();
      keys.forEach(key -> items.add(plan.item(key)));
      Snapshot snapshot = session.read(new Query(items, false));
      for (int key : keys) {
        if (plan.type(key) == Type.REGISTER) {
          Value value = (Value) snapshot.get(plan.item(key));
          @Nullable WriteInfo write = value.writtenBy();
          known.put(key, condition(key, value.bytes() == null ? null : write));
        }
      }
    }

    private void write(Set<Integer> keys, Bytes value) {
      @Nullable Bytes map = plan.map(keys.iterator().next());
      if (map != null && random.nextDouble() < MAP_DELETES) {
        session.write(new Mutation.DeleteMap(map));
        return;
      }
      List<Mutation> mutations = new ArrayList<>();
      List<Condition> conditions = new ArrayList<>();
      Set<Integer> deleted = new HashSet<>();
      for (int key : keys) {
        Mutation.Simple change = change(key, value);
        @Nullable Bytes in = plan.map(key);
        mutations.add(in == null ? change : change.inMap(in));
        if (change instanceof Mutation.Delete) {
          deleted.add(key);
        }
        @Nullable Condition condition = known.get(key);
        if (plan.types() == Types.ALL && condition != null && random.nextDouble() < CONDITIONS) {
          conditions.add(condition);
        }
      }
      WriteInfo write = session.write(mutations, WriteOptions.onlyIf(conditions)).write();
      for (int key : keys) {
        if (plan.type(key) == Type.REGISTER) {
          known.put(key, condition(key, deleted.contains(key) ? null : write));
        }
      }
    }

    /** That a register is as a write has left it; null for absent. */
    private Condition condition(int key, @Nullable WriteInfo write) {
      Bytes name = plan.name(key);
      Condition condition =
          write == null ? Condition.absent(name) : Condition.version(name, write.version());
      @Nullable Bytes map = plan.map(key);
      return map == null ? condition : condition.inMap(map);
    }

    private Mutation.Simple change(int key, Bytes value) {
      Bytes name = plan.name(key);
      boolean deletes = random.nextDouble() < DELETES;
      return switch (plan.type(key)) {
        case REGISTER -> deletes ? new Mutation.Delete(name) : new Mutation.Put(name, value);
        case MULTI -> deletes ? new Mutation.MultiDelete(name) : new Mutation.MultiPut(name, value);
        case COUNTER ->
            deletes
                ? new Mutation.DeleteCounter(name)
                : new Mutation.Increment(name, 1 + random.nextInt(MOST_ADDED_AT_ONCE));
        case SET -> deletes ? new Mutation.RemoveAll(name) : changeOfSet(key, name, value);
        case FEED -> new Mutation.Append(name, value);
      };
    }

    private Mutation.Simple changeOfSet(int key, Bytes name, Bytes value) {
      if (random.nextDouble() < REMOVALS) {
        @Nullable Bytes before = added.remove(key);
        if (before != null) {
          return new Mutation.Remove(name, List.of(before));
        }
      }
      added.put(key, value);
      return new Mutation.Add(name, List.of(value));
    }
  }

  long asked() {
    return asked.sum();
  }

  /** Conditions that did not hold are an answer. */
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
