package dev.tidings.torture;

import dev.tidings.client.Bytes;
import dev.tidings.client.Condition;
import dev.tidings.client.Durability;
import dev.tidings.client.DurableWrite;
import dev.tidings.client.Item;
import dev.tidings.client.Mutation;
import dev.tidings.client.Query;
import dev.tidings.client.Recorder;
import dev.tidings.client.Session;
import dev.tidings.client.Snapshot;
import dev.tidings.client.Tidings;
import dev.tidings.client.TidingsException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.client.Value;
import dev.tidings.client.WriteOptions;
import dev.tidings.history.Outcome;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Queue;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.concurrent.atomic.LongAdder;
import java.util.concurrent.locks.LockSupport;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that read and write at random, values of all types, and move. Every write also appends
 * its id to the ledger of its speaker, a feed, where nothing is ever replaced: so of every write it
 * can be told in the end whether it is there, and how often. Values and ids are written once.
 * Writes that only count go on at other replicas where no answer comes.
 *
 * <p>What is asked is decided by the seed; what is answered, and so when it is asked, is not.
 */
final class Workload {
  private static final int KEYS = 120;
  private static final int MOST_KEYS_TOGETHER = 3;
  private static final double READS = 0.5;
  private static final double GROUPS = 0.3;
  private static final double DELETES = 0.05;

  /** Of the writes, those that only count, so that they may be tried at several replicas. */
  private static final double COUNTING = 0.4;

  /** Of the others, those that change an object too; and of the reads, those of objects. */
  private static final double OBJECTS = 0.4;

  /** Of the writes, those of what was read last, if nobody has written it since. */
  private static final double CONDITIONS = 0.1;

  private static final int OBJECTS_A_TYPE = 30;
  private static final double MOVES = 0.05;

  /** After a request that failed. */
  private static final double MOVES_AWAY = 0.5;

  private static final double ACKS_TWO = 0.2;
  private static final double ACKS_THREE = 0.1;
  private static final Duration ACKS_PATIENCE = Duration.ofSeconds(1);
  private static final Duration DEADLINE = Duration.ofMillis(2_500);
  private static final Duration LAST_PATIENCE = Duration.ofMinutes(1);
  private static final int MOST_THINKING_MICROS = 40_000;

  private final List<String> replicas;
  private final Recorder recorder;
  private final Tidings tidings;
  private final List<Speaker> speakers = new ArrayList<>();
  private final List<Thread> threads = new ArrayList<>();
  private final AtomicBoolean stopping = new AtomicBoolean();

  private final Queue<Attempt> attempts = new ConcurrentLinkedQueue<>();
  private final Set<String> toldOfLoss = ConcurrentHashMap.newKeySet();
  private final Queue<String> failures = new ConcurrentLinkedQueue<>();
  private final Map<Reason, LongAdder> reasons = new ConcurrentHashMap<>();
  private final LongAdder written = new LongAdder();
  private final LongAdder unknown = new LongAdder();
  private final LongAdder refused = new LongAdder();
  private final LongAdder answered = new LongAdder();
  private final LongAdder unanswered = new LongAdder();
  private final LongAdder moves = new LongAdder();

  /**
   * @param replicas their addresses
   * @param recorder records all that is read and written
   */
  Workload(long seed, int sessions, List<String> replicas, Recorder recorder) {
    this.replicas = List.copyOf(replicas);
    this.recorder = recorder;
    this.tidings = Tidings.connect(replicas, DEADLINE);
    var random = new SplittableRandom(seed);
    for (int i = 0; i < sessions; i++) {
      speakers.add(new Speaker(i, random.split()));
    }
  }

  /** Every key that may be written. */
  static List<Bytes> keys() {
    return IntStream.range(0, KEYS).mapToObj(Workload::key).toList();
  }

  private static Query everything() {
    var items = new ArrayList<Item<?>>();
    keys().forEach(key -> items.add(Item.register(key)));
    items.addAll(objects());
    return new Query(items, false);
  }

  private static Bytes key(int number) {
    return Bytes.of("key " + number);
  }

  /** Every object that may be changed, ledgers aside. */
  static List<Item.Simple<?>> objects() {
    return IntStream.range(0, OBJECTS_A_TYPE)
        .boxed()
        .flatMap(
            i ->
                Stream.<Item.Simple<?>>of(
                    Item.counter(name("count", i)),
                    Item.set(name("set", i)),
                    Item.feed(name("wall", i)),
                    Item.multi(name("multi", i))))
        .toList();
  }

  private static Bytes name(String type, int number) {
    return Bytes.of(type + " " + number);
  }

  /** Whether a feed is a ledger. */
  static boolean isLedger(String feed) {
    return feed.startsWith("ledger ");
  }

  static Bytes ledger(int number) {
    return Bytes.of("ledger " + number);
  }

  int ledgers() {
    return speakers.size();
  }

  void start() {
    for (Speaker speaker : speakers) {
      var thread = new Thread(speaker, "session " + speaker.number);
      thread.setDaemon(true);
      thread.start();
      threads.add(thread);
    }
  }

  /** Returns when all have had their last answer, or have given it up. */
  void stop() throws InterruptedException {
    stopping.set(true);
    for (Thread thread : threads) {
      thread.join();
    }
  }

  /** Each session reads once more, at another replica, when all is healed. After the stop. */
  void readOnceMore() {
    speakers.forEach(Speaker::readOnceMore);
  }

  /** Ends the sessions' connections. */
  void disconnect() {
    tidings.close();
  }

  /** All writes. */
  List<Attempt> attempts() {
    return List.copyOf(attempts);
  }

  /** The sessions, by their names in the history, that were told DATA_LOSS. */
  Set<String> toldOfLoss() {
    return toldOfLoss;
  }

  /** What should not have been answered, or should have been. */
  List<String> failures() {
    return List.copyOf(failures);
  }

  /** How much was tried, for people. */
  String counts() {
    return "%,d writes acknowledged, %,d of unknown outcome, %,d refused; %,d reads answered, %,d not; %,d moves"
        .formatted(
            written.sum(),
            unknown.sum(),
            refused.sum(),
            answered.sum(),
            unanswered.sum(),
            moves.sum());
  }

  /** Why requests were not answered, for people. */
  String reasons() {
    return new TreeMap<>(reasons)
        .entrySet().stream()
            .map(entry -> "%s %,d".formatted(entry.getKey(), entry.getValue().sum()))
            .collect(Collectors.joining(", "));
  }

  /** One after another, sessions of one thread. */
  private final class Speaker implements Runnable {
    private final int number;
    private final SplittableRandom random;
    private int lives;
    private String name = "";
    private Session session;
    private long writes;

    /** That a register is as it was read last; null if none was. */
    private @Nullable Condition unchanged;

    /** What it has added, and not removed. */
    private final List<Mutation.Add> added = new ArrayList<>();

    Speaker(int number, SplittableRandom random) {
      this.number = number;
      this.random = random;
      this.session = begin(replicas.get(number % replicas.size()));
    }

    private Session begin(String replica) {
      Session fresh = tidings.session();
      // Who lost what he had seen cannot remove it.
      added.clear();
      unchanged = null;
      lives++;
      name = "s" + number + (lives == 1 ? "" : "." + lives);
      fresh.recordTo(recorder, name);
      fresh.moveTo(replica);
      return fresh;
    }

    @Override
    public void run() {
      try {
        while (!stopping.get()) {
          if (random.nextDouble() < MOVES) {
            move();
          }
          act();
          LockSupport.parkNanos(1_000L * random.nextInt(MOST_THINKING_MICROS));
        }
      } catch (RuntimeException e) {
        failures.add("session %s failed: %s".formatted(name, e));
      }
    }

    private void move() {
      String next = replicas.get(random.nextInt(replicas.size()));
      if (!next.equals(session.replica())) {
        session.moveTo(next);
        moves.increment();
      }
    }

    private void act() {
      Set<Bytes> keys = new LinkedHashSet<>();
      int wanted = random.nextDouble() < GROUPS ? 2 + random.nextInt(MOST_KEYS_TOGETHER - 1) : 1;
      while (keys.size() < wanted) {
        keys.add(key(random.nextInt(KEYS)));
      }
      try {
        if (random.nextDouble() < READS) {
          read(queryOf(keys));
        } else if (random.nextDouble() < CONDITIONS && unchanged != null) {
          write(changing(Set.of(unchanged.key())), List.of(unchanged));
        } else {
          write(random.nextDouble() < COUNTING ? counting() : changing(keys), List.of());
        }
      } catch (TidingsException e) {
        onRefusal(e);
      }
    }

    private Query queryOf(Set<Bytes> keys) {
      var items = new ArrayList<Item<?>>();
      keys.forEach(key -> items.add(Item.register(key)));
      List<Item.Simple<?>> objects = objects();
      for (int i = 0; i < keys.size() && random.nextDouble() < OBJECTS; i++) {
        items.add(objects.get(random.nextInt(objects.size())));
      }
      return new Query(items, false);
    }

    private void read(Query query) {
      try {
        Snapshot seen = session.read(query);
        answered.increment();
        for (Item<?> item : query.items()) {
          if (item instanceof Item.Register register) {
            unchanged = unchanged(register.key(), seen.get(register));
          }
        }
      } catch (TidingsException e) {
        unanswered.increment();
        throw e;
      }
    }

    private static Condition unchanged(Bytes key, Value value) {
      return value.bytes() == null || value.writtenBy() == null
          ? Condition.absent(key)
          : Condition.version(key, value.writtenBy().version());
    }

    /** What counts once, wherever it is tried. */
    private List<Mutation> counting() {
      Bytes id = Bytes.of("s%d-%d".formatted(number, writes + 1));
      return List.of(
          new Mutation.Increment(any("count"), 1 + random.nextInt(3)),
          new Mutation.Add(any("set"), List.of(id)),
          new Mutation.Append(any("wall"), id));
    }

    private List<Mutation> changing(Set<Bytes> keys) {
      Bytes id = Bytes.of("s%d-%d".formatted(number, writes + 1));
      var mutations = new ArrayList<Mutation>();
      for (Bytes key : keys) {
        mutations.add(
            random.nextDouble() < DELETES ? new Mutation.Delete(key) : new Mutation.Put(key, id));
      }
      if (random.nextDouble() < OBJECTS) {
        boolean removes = !added.isEmpty() && random.nextBoolean();
        if (removes) {
          Mutation.Add add = added.remove(random.nextInt(added.size()));
          mutations.add(new Mutation.Remove(add.set(), add.elements()));
        } else {
          mutations.add(new Mutation.MultiPut(any("multi"), id));
        }
      }
      return mutations;
    }

    private Bytes any(String type) {
      return name(type, random.nextInt(OBJECTS_A_TYPE));
    }

    private void write(List<Mutation> changes, List<Condition> conditions) {
      String id = "s%d-%d".formatted(number, ++writes);
      var mutations = new ArrayList<Mutation>(changes);
      mutations.add(new Mutation.Append(ledger(number), Bytes.of(id)));
      double chance = random.nextDouble();
      int acks = chance < ACKS_THREE ? 3 : chance < ACKS_THREE + ACKS_TWO ? 2 : 1;
      long start = nowMicros();
      try {
        DurableWrite done =
            session.write(
                mutations,
                WriteOptions.onlyIf(conditions).durable(new Durability(acks, ACKS_PATIENCE)));
        written.increment();
        attempts.add(
            new Attempt(
                id, number, Outcome.OK, acks, done.durableOn(), done.write(), mutations, start));
        mutations.stream()
            .flatMap(each -> each instanceof Mutation.Add add ? Stream.of(add) : Stream.of())
            .forEach(added::add);
      } catch (TidingsException e) {
        (e.outcomeUnknown() ? unknown : refused).increment();
        Outcome outcome = e.outcomeUnknown() ? Outcome.UNKNOWN : Outcome.ABORTED;
        attempts.add(new Attempt(id, number, outcome, acks, 0, null, mutations, start));
        throw e;
      }
    }

    private void onRefusal(TidingsException e) {
      reasons.computeIfAbsent(e.reason(), reason -> new LongAdder()).increment();
      switch (e.reason()) {
        case NOT_YET_VISIBLE,
            CATCHING_UP,
            OVERLOADED,
            SHUTTING_DOWN,
            DISK_FULL,
            UNREACHABLE,
            NO_ANSWER -> {
          if (random.nextDouble() < MOVES_AWAY) {
            move();
          }
        }
        case CONDITION_FAILED -> unchanged = null;
        default -> {
          if (isLoss(e)) {
            toldOfLoss.add(name);
            session = begin(session.replica());
          } else if (!e.code().equals("CANCELLED")) {
            failures.add("session %s was answered: %s".formatted(name, e.getMessage()));
          }
        }
      }
    }

    /** Of something that it has seen, nobody has a copy any more. */
    private boolean isLoss(TidingsException e) {
      return e.code().equals("DATA_LOSS") && e.reason() != Reason.DATA_DAMAGED;
    }

    /** By itself, so that a replica has the time to find out what is lost. */
    void readOnceMore() {
      int here = replicas.indexOf(session.replica());
      String next = replicas.get((here + 1) % replicas.size());
      try (Tidings one = Tidings.connect(next, DEADLINE)) {
        session = one.session(session.save());
        session.recordTo(recorder, name);
        session.moveTo(next);
        readUntilAnswered();
      }
    }

    private void readUntilAnswered() {
      long end = System.nanoTime() + LAST_PATIENCE.toNanos();
      while (true) {
        try {
          read(everything());
          return;
        } catch (TidingsException e) {
          if (isLoss(e)) {
            toldOfLoss.add(name);
            return;
          }
          if (System.nanoTime() > end) {
            failures.add(
                "session %s cannot read although all is healed: %s"
                    .formatted(name, e.getMessage()));
            return;
          }
        }
      }
    }
  }

  static long nowMicros() {
    return ChronoUnit.MICROS.between(Instant.EPOCH, Instant.now());
  }
}
