package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.ClusterHistory;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.harness.TestWatch;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import dev.tidings.v1.WatchedMutation;
import dev.tidings.v1.WatchedWrite;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/**
 * Watchers that take what they like, leave in the middle and go on at any replica, while sessions
 * write, read and move over random links and replicas are killed: over all their watches together,
 * each is told what it watches exactly once, whole, and after all that it depends on.
 */
final class RandomWatchesTest {
  private static final int SEEDS = 40;
  private static final int REPLICAS = 3;
  private static final int SESSIONS = 5;
  private static final int WATCHERS = 4;
  private static final int KEYS = 4;
  private static final int STEPS = 150;
  private static final int LAST_WRITES = 10;

  private record Filter(WatchSelector selector, Predicate<Mutation> matches) {}

  private static final List<Filter> FILTERS =
      List.of(
          new Filter(TestWatch.EVERYTHING, m -> true),
          new Filter(TestWatch.feed("f"), Mutation::hasAppend),
          new Filter(TestWatch.range("k1", "k3"), m -> Set.of("k1", "k2").contains(key(m))),
          new Filter(TestWatch.key("k0"), m -> key(m).equals("k0")));

  private static String key(Mutation m) {
    return switch (m.getKindCase()) {
      case PUT -> m.getPut().getKey().toStringUtf8();
      case DELETE -> m.getDelete().getKey().toStringUtf8();
      default -> m.getAppend().getFeed().toStringUtf8();
    };
  }

  @Test
  void over_all_its_watches_a_watcher_is_told_everything_once_and_after_what_it_depends_on() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      new Run(seed).run();
    }
  }

  private static final class Run {
    private final String name;
    private final Random chance;
    private final Cluster cluster;
    private final Map<Position, List<Mutation>> written = new HashMap<>();
    private final List<Watcher> watchers = new ArrayList<>();
    private int values;

    Run(long seed) {
      name = "seed " + seed;
      chance = new Random(seed);
      cluster = Cluster.started(REPLICAS, ClusterHistory.randomDelays(REPLICAS, chance));
    }

    void run() {
      try (cluster) {
        for (int i = 0; i < WATCHERS; i++) {
          watchers.add(new Watcher(name + ", watcher " + i, FILTERS.get(i)));
        }
        watchers.forEach(watcher -> watcher.begin(replica()));
        var sessions = new ArrayList<TestSession>();
        for (int s = 0; s < SESSIONS; s++) {
          sessions.add(cluster.session(replica()));
        }
        for (int step = 0; step < STEPS; step++) {
          step(sessions.get(chance.nextInt(SESSIONS)));
        }
        for (int id = 1; id <= REPLICAS; id++) {
          link(id, id % REPLICAS + 1, false);
        }
        // From here on nobody but the writes themselves wakes them.
        watchers.forEach(Watcher::takeAll);
        for (int i = 0; i < LAST_WRITES; i++) {
          write(sessions.get(chance.nextInt(SESSIONS)));
          cluster.time().advance(Duration.ofMillis(chance.nextInt(700)));
        }
        cluster.converge();
        cluster.time().settle();
        check();
      }
    }

    private int replica() {
      return 1 + chance.nextInt(REPLICAS);
    }

    private void step(TestSession session) {
      switch (chance.nextInt(12)) {
        case 0, 1, 2, 3 -> write(session);
        case 4, 5 -> read(session);
        case 6 -> session.moveTo(replica());
        case 7 -> watchers.get(chance.nextInt(WATCHERS)).goOn();
        case 8 -> watchers.get(chance.nextInt(WATCHERS)).take(1 + chance.nextInt(5));
        case 9 -> {
          int from = replica();
          link(from, from % REPLICAS + 1, chance.nextBoolean());
        }
        default -> {
          cluster.time().advance(Duration.ofMillis(chance.nextInt(700)));
          if (chance.nextInt(6) == 0) {
            int victim = replica();
            cluster.kill(victim);
            cluster.start(victim);
          }
        }
      }
    }

    private void link(int from, int to, boolean cut) {
      cluster.link(from, to, Duration.ofMillis(chance.nextInt(1_500)), cut);
      cluster.link(to, from, Duration.ofMillis(chance.nextInt(1_500)), cut);
    }

    private void read(TestSession session) {
      Reply<ClientReadResponse> reply = session.request(ClusterHistory.items(0, KEYS));
      cluster.time().waitFor(Cluster.READ_WAIT.plusMillis(1), reply::hasEnded);
      if (reply.isAnswered()) {
        session.setState(reply.messages().get(0).getSession());
      }
    }

    private void write(TestSession session) {
      var mutations = new ArrayList<Mutation>();
      for (int k = chance.nextInt(KEYS); k < KEYS; k += 1 + chance.nextInt(KEYS)) {
        values++;
        mutations.add(chance.nextInt(8) == 0 ? delete("k" + k) : put("k" + k, "value " + values));
        if (chance.nextInt(3) == 0) {
          mutations.add(append("f", "entry " + values));
        }
      }
      Reply<ClientWriteResponse> reply = session.send(mutations.toArray(Mutation[]::new));
      cluster.time().waitFor(Cluster.READ_WAIT.plusMillis(1), reply::hasEnded);
      if (reply.isAnswered()) {
        ClientWriteResponse answer = reply.messages().get(0);
        session.setState(answer.getSession());
        written.put(Wire.fromProto(answer.getPosition()), mutations);
      }
    }

    private void check() {
      PositionSet frontier = cluster.frontier(1);
      assertFalse(written.isEmpty());
      frontier.forEachRange(
          (origin, first, last) -> {
            for (long s = first; s <= last; s++) {
              assertTrue(written.containsKey(new Position(origin, s)), name);
            }
          });
      watchers.forEach(Watcher::check);
    }

    /** One that goes on after the last moment that it was told. */
    private final class Watcher {
      private final String name;
      private final Filter filter;
      private final List<WatchedWrite> told = new ArrayList<>();
      private @Nullable TestWatch watch;
      private ByteString moment = ByteString.EMPTY;

      Watcher(String name, Filter filter) {
        this.name = name;
        this.filter = filter;
      }

      void begin(int replica) {
        watch = TestWatch.ofEverything(cluster, replica);
        cluster.time().settle();
        goOn();
      }

      /** Leaves, and goes on elsewhere. */
      void goOn() {
        if (watch != null) {
          watch.leave();
          for (WatchResponse message : watch.reply().messages()) {
            moment = message.getMoment();
            if (message.hasWrite()) {
              told.add(message.getWrite());
            }
          }
        }
        var request = TestWatch.request(filter.selector).setAfter(moment).build();
        watch = TestWatch.slow(cluster, replica(), request);
        take(chance.nextInt(10));
      }

      void take(int messages) {
        if (watch != null && !watch.reply().hasEnded() && messages > 0) {
          watch.take(messages);
          cluster.time().settle();
        }
      }

      /** To the end, at one replica. */
      void takeAll() {
        goOn();
        take(Integer.MAX_VALUE - 10);
      }

      void check() {
        told.addAll(Objects.requireNonNull(watch).writes());
        Map<Position, List<Mutation>> seen = new HashMap<>();
        PositionSet so = PositionSet.EMPTY;
        for (WatchedWrite write : told) {
          Position position = Wire.fromProto(write.getWrittenBy().getPosition());
          List<Mutation> mutations =
              write.getMutationsList().stream().map(WatchedMutation::getMutation).toList();
          assertEquals(
              null, seen.put(position, mutations), () -> name + " was told twice: " + position);
          PositionSet needs = Wire.fromProto(write.getWrittenBy().getDependencies());
          if (filter.selector.getAll()) {
            PositionSet missing = needs.minus(so);
            assertTrue(missing.isEmpty(), () -> name + ": " + position + " before " + missing);
          }
          so = so.with(position);
        }
        Map<Position, List<Mutation>> expected = new HashMap<>();
        written.forEach(
            (position, mutations) -> {
              List<Mutation> watched = mutations.stream().filter(filter.matches).toList();
              if (!watched.isEmpty()) {
                expected.put(position, watched);
              }
            });
        assertEquals(expected, seen, name);
      }
    }
  }
}
