package dev.tidings.replica;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.CausalReplica;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Effect;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Session;
import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.LiveData;
import dev.tidings.replica.storage.MemoryStore;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.SnapshotPages;
import dev.tidings.replica.storage.Staging;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Predicate;
import java.util.stream.Collectors;
import org.junit.jupiter.api.Test;

/**
 * What objects come to, whatever the order in which writes arrive: compared with their meaning,
 * looked up in all writes that are visible.
 */
final class DataTypesTest {
  private static final int SEEDS = 150;
  private static final int STEPS = 80;
  private static final List<String> KEYS = List.of("a", "b");
  private static final List<String> ELEMENTS = List.of("x", "x\0", "x\0\1", "\1");
  private static final List<String> MAPS = List.of("", "m", "m\0");

  @Test
  void objects_are_what_all_visible_writes_mean() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      try (var run = new Run(seed, Consistency.CAUSAL)) {
        run.go();
      }
    }
  }

  @Test
  void whoever_has_seen_all_writes_shows_the_same_in_an_eventual_cluster_too() {
    for (int seed = 1; seed <= SEEDS; seed++) {
      try (var run = new Run(seed, Consistency.EVENTUAL)) {
        run.go();
      }
    }
  }

  /**
   * Somebody undoes what they have seen where it has been undone already: without whoever did that,
   * it would still be there beside what undoes it.
   */
  @Test
  void what_undoes_depends_on_who_undid_before() {
    Bytes key = Bytes.utf8("k");
    Bytes element = Bytes.utf8("x");
    var value = new Mutation.MultiPut(key, Optional.of(element), List.of());
    var noValue = new Mutation.MultiPut(key, Optional.empty(), List.of());
    var remove = new Mutation.Remove(key, List.of(new Mutation.Removed(element, List.of())), false);
    var field = new Mutation.InMap(key, new Mutation.Put(element, element));
    assertDependsOnBoth(value, noValue, value);
    assertDependsOnBoth(new Mutation.Add(key, List.of(element)), remove, remove);
    assertDependsOnBoth(field, new Mutation.MapDelete(key), new Mutation.MapDelete(key));
  }

  private static void assertDependsOnBoth(Mutation makes, Mutation undoes, Mutation undoesAgain) {
    var chance = new Random(1);
    var one = new Node(1, Consistency.CAUSAL, chance);
    var two = new Node(2, Consistency.CAUSAL, chance);
    var three = new Node(3, Consistency.CAUSAL, chance);
    Write made = one.write(Session.NEW, request(1), List.of(makes));
    var seen = new Session(made.version().lamportTime(), PositionSet.of(made.position()));
    two.receive(made);
    Write undone = two.write(seen, request(2), List.of(undoes));
    three.receive(made);
    three.receive(undone);
    Write again = three.write(seen, request(3), List.of(undoesAgain));
    assertTrue(again.dependencies().contains(made.position()));
    assertTrue(again.dependencies().contains(undone.position()), again::toString);
  }

  private static RequestId request(int session) {
    return new RequestId(Bytes.utf8("session " + session), 1, false);
  }

  /** An accepted write, and what its replica showed before. */
  private record Accepted(Write write, List<Mutation> asked, PositionSet seen) {
    Bytes request() {
      return write.requestId().orElseThrow().session();
    }
  }

  private static final class Node {
    final ReplicaStore store;
    final CausalReplica core;
    ReplicaStore.Commit commit;
    final List<Write> log = new ArrayList<>();

    Node(int id, Consistency consistency, Random chance) {
      store = new ReplicaStore(new MemoryStore(), "test", id, consistency, chance);
      core =
          new CausalReplica(
              store.identity().origin(), consistency, 1_000, Progress.NONE, List.of(), 0);
      commit = store.begin();
    }

    Write write(Session session, RequestId id, List<Mutation> asked) {
      LiveData.Filled filled = commit.data().fill(asked, 100);
      List<Effect> effects =
          core.onClientWrite(
              session.afterRead(
                  filled.observed(), 0, core.progress().frontier(), PositionSet.EMPTY),
              Optional.of(id),
              filled.mutations(),
              0);
      carryOut(effects);
      Write write = ((Effect.Logged) effects.get(0)).write();
      log.add(write);
      return write;
    }

    void receive(Write write) {
      carryOut(core.onReplicatedWrite(write, 0, 0));
    }

    private void carryOut(List<Effect> effects) {
      for (Effect effect : effects) {
        if (effect instanceof Effect.Logged e) {
          commit.log(e.write(), null, 0);
        } else if (effect instanceof Effect.BecameVisible e) {
          commit.show(e.write(), core.progress().frontier());
        }
      }
    }

    void sync() {
      commit.sync(core.progress());
      commit.close();
      commit = store.begin();
    }

    void takeSnapshot(Node from) {
      sync();
      Staging staged = store.stage();
      try (SnapshotPages pages = from.store.pages()) {
        List<SnapshotPages.Entry> page = pages.next(200);
        while (!page.isEmpty()) {
          page.forEach(SnapshotPages.Entry::check);
          staged.add(page);
          page = pages.next(200);
        }
        PositionSet theirs = pages.head().frontier();
        staged.merge(core.progress().frontier(), theirs);
        VersionVector before = core.progress().held();
        List<Effect> effects = core.onSnapshot(theirs, pages.head().lamportTime(), 0);
        commit.turnTo(staged);
        core.progress()
            .held()
            .counts()
            .forEach(
                (origin, upTo) -> {
                  if (before.upTo(origin) < upTo) {
                    commit.cutLog(origin, upTo);
                  }
                });
        carryOut(effects);
      }
      sync();
    }

    String show() {
      var items = new ArrayList<ReadRequest.Item>();
      for (String map : MAPS) {
        for (String key : KEYS) {
          var name = new Name(Bytes.utf8(map), Bytes.utf8(key));
          items.add(new ReadRequest.Item.Register(name));
          items.add(new ReadRequest.Item.Multi(name));
          items.add(new ReadRequest.Item.Counter(name));
          items.add(new ReadRequest.Item.Elements(name, Name.NONE, 100));
          items.add(new ReadRequest.Item.Feed(name, Name.NONE, 100));
        }
      }
      ReadResult result;
      try (ReadView view = store.view()) {
        result =
            Reader.read(
                view,
                new ReadRequest(
                    Session.NEW, items, false, Optional.empty(), ReadRequest.Keeping.NO),
                Consistency.CAUSAL,
                PositionSet.EMPTY,
                Limits.DEFAULT);
      }
      return result.values().stream().map(DataTypesTest::words).collect(Collectors.joining(" "));
    }
  }

  private static String words(ReadResult.Value value) {
    if (value instanceof ReadResult.Value.Register register) {
      return register.stored().flatMap(s -> s.value()).map(Bytes::toString).orElse("-");
    }
    if (value instanceof ReadResult.Value.Multi multi) {
      return multi.values().stream().map(s -> s.value().orElseThrow().toString()).toList() + "";
    }
    if (value instanceof ReadResult.Value.Counter counter) {
      return counter.value() + "";
    }
    if (value instanceof ReadResult.Value.Feed feed) {
      return feed.slice().entries().stream().map(s -> s.value().orElseThrow().toString()).toList()
          + "";
    }
    return ((ReadResult.Value.Elements) value)
            .page().names().stream().map(DataTypesTest::printable).toList()
        + "";
  }

  private static String printable(Bytes bytes) {
    return new String(bytes.array(), java.nio.charset.StandardCharsets.UTF_8)
        .replace("\0", "0")
        .replace("\1", "1");
  }

  private static final class Run implements AutoCloseable {
    final int seed;
    final Random chance;
    final Consistency consistency;
    final List<Node> nodes = new ArrayList<>();
    final List<Accepted> all = new ArrayList<>();
    final Map<Integer, Session> sessions = new HashMap<>();
    int values;
    int requests;

    Run(int seed, Consistency consistency) {
      this.seed = seed;
      this.chance = new Random(seed);
      this.consistency = consistency;
      for (int id = 1; id <= 3; id++) {
        nodes.add(new Node(id, consistency, chance));
      }
    }

    void go() {
      for (int step = 0; step < STEPS; step++) {
        Node node = any();
        switch (chance.nextInt(12)) {
          case 0, 1, 2, 3 -> write(node);
          case 4 -> node.sync();
          case 5 -> {
            Node other = any();
            if (other != node && consistency == Consistency.CAUSAL && chance.nextInt(2) == 0) {
              other.sync();
              node.takeSnapshot(other);
            }
          }
          default -> deliver(any(), node);
        }
        if (consistency == Consistency.CAUSAL) {
          check(node);
        }
      }
      for (Node from : nodes) {
        for (Node to : nodes) {
          while (deliver(from, to)) {}
        }
      }
      for (Node node : nodes) {
        assertEquals(all.size(), size(node.core.progress().frontier()), "seed " + seed);
        check(node);
      }
    }

    private static long size(PositionSet set) {
      var size = new long[1];
      set.forEachRange((origin, first, last) -> size[0] += last - first + 1);
      return size[0];
    }

    private Node any() {
      return nodes.get(chance.nextInt(nodes.size()));
    }

    private void write(Node node) {
      var asked = new ArrayList<Mutation>();
      Mutation mutation = mutation();
      String map = MAPS.get(chance.nextInt(MAPS.size()));
      if (map.isEmpty()) {
        asked.add(mutation);
      } else if (chance.nextInt(8) == 0) {
        asked.add(new Mutation.MapDelete(Bytes.utf8(map)));
      } else {
        asked.add(new Mutation.InMap(Bytes.utf8(map), mutation));
      }
      if (chance.nextInt(4) == 0) {
        Bytes feed = Bytes.utf8(KEYS.get(chance.nextInt(KEYS.size())));
        if (!map.isEmpty() || !mutation.key().equals(feed)) {
          asked.add(new Mutation.Append(feed, Bytes.utf8("v" + ++values)));
        }
      }
      // Sessions come and go, and some move.
      int s = chance.nextInt(6);
      Session session = sessions.getOrDefault(s, Session.NEW);
      if (!node.core.isVisible(session.dependencies())) {
        session = Session.NEW;
      }
      requests++;
      Bytes id = Bytes.utf8("%016d".formatted(requests));
      Write write = write(node, session, new RequestId(id, 1, false), asked);
      if (asked.stream().allMatch(Run::mayBeRetried)) {
        for (Node other : nodes) {
          // No answer came; it is tried again elsewhere, unless that one has it.
          if (other != node && chance.nextInt(4) == 0) {
            other.sync();
            if (other.commit.lastRequest(id).isEmpty()
                && other.core.isVisible(session.dependencies())) {
              write = write(other, session, new RequestId(id, 1, true), asked);
            }
          }
        }
      }
      sessions.put(s, session.afterWrite(write.position(), write.version()));
    }

    private Write write(Node node, Session session, RequestId id, List<Mutation> asked) {
      PositionSet seen = node.core.progress().frontier();
      Write write = node.write(session, id, asked);
      all.add(new Accepted(write, asked, seen));
      return write;
    }

    /** What counts once; and a map's deletion, which may well happen twice. */
    private static boolean mayBeRetried(Mutation mutation) {
      Mutation change = mutation instanceof Mutation.InMap field ? field.change() : mutation;
      return change instanceof Mutation.Append
          || change instanceof Mutation.Increment
          || change instanceof Mutation.Add
          || change instanceof Mutation.MapDelete;
    }

    private Mutation mutation() {
      Bytes key = Bytes.utf8(KEYS.get(chance.nextInt(KEYS.size())));
      Bytes element = Bytes.utf8(ELEMENTS.get(chance.nextInt(ELEMENTS.size())));
      Bytes value = Bytes.utf8("v" + ++values);
      return switch (chance.nextInt(14)) {
        case 12, 13 -> new Mutation.Append(key, value);
        case 0 -> new Mutation.Put(key, value);
        case 1 -> new Mutation.Delete(key);
        case 2, 3 -> new Mutation.MultiPut(key, Optional.of(value), List.of());
        case 4 -> new Mutation.MultiPut(key, Optional.empty(), List.of());
        case 5, 6 -> new Mutation.Increment(key, chance.nextInt(9) - 3);
        case 7 -> new Mutation.CounterDelete(key, List.of());
        case 8, 9 ->
            new Mutation.Add(
                key, List.of(element, Bytes.utf8(ELEMENTS.get(chance.nextInt(ELEMENTS.size())))));
        case 10 ->
            new Mutation.Remove(key, List.of(new Mutation.Removed(element, List.of())), false);
        default -> new Mutation.Remove(key, List.of(), true);
      };
    }

    /** The next write of one's log that the other does not hold; or one again that it does. */
    private boolean deliver(Node from, Node to) {
      if (from == to || from.log.isEmpty()) {
        return false;
      }
      int held = (int) to.core.progress().held().upTo(from.log.get(0).position().origin());
      if (held > 0 && chance.nextInt(5) == 0) {
        to.receive(from.log.get(chance.nextInt(held)));
      }
      if (held == from.log.size()) {
        return false;
      }
      to.receive(from.log.get(held));
      return true;
    }

    private void check(Node node) {
      node.sync();
      assertEquals(
          expected(node.core.progress().frontier()),
          node.show(),
          () -> "seed " + seed + " at " + node.store.identity().origin() + story());
    }

    private String story() {
      return all.stream()
          .map(a -> "\n" + a.write().position() + " saw " + a.seen() + ": " + a.write().mutations())
          .collect(Collectors.joining());
    }

    private String expected(PositionSet frontier) {
      List<Accepted> visible =
          all.stream().filter(a -> frontier.contains(a.write().position())).toList();
      var words = new ArrayList<String>();
      for (String map : MAPS) {
        for (String key : KEYS) {
          words.add(register(visible, map, key));
          words.add(multi(visible, map, key) + "");
          words.add(counter(visible, map, key) + "");
          words.add(set(visible, map, key) + "");
          words.add(feed(visible, map, key) + "");
        }
      }
      return String.join(" ", words);
    }

    /** What a write asks for this object, a map's deletion included. */
    private static Optional<Mutation> change(Accepted accepted, String map, String key) {
      for (Mutation asked : accepted.asked()) {
        Bytes its = asked instanceof Mutation.InMap field ? field.map() : Bytes.utf8("");
        Mutation change = asked instanceof Mutation.InMap field ? field.change() : asked;
        boolean isIt =
            change instanceof Mutation.MapDelete
                ? change.key().equals(Bytes.utf8(map))
                : its.equals(Bytes.utf8(map)) && change.key().equals(Bytes.utf8(key));
        if (isIt) {
          return Optional.of(change);
        }
      }
      return Optional.empty();
    }

    /** Whether a visible write undoes it, or another try of the same request. */
    private static boolean isUndone(
        Accepted it, List<Accepted> visible, Predicate<Accepted> undoes) {
      return visible.stream()
          .filter(same -> same.request().equals(it.request()))
          .map(same -> same.write().position())
          .anyMatch(
              position ->
                  visible.stream()
                      .filter(other -> !other.write().position().equals(position))
                      .filter(undoes)
                      .anyMatch(other -> other.seen().contains(position)));
    }

    /** Of several tries of a request, whether it is the one of the lowest version. */
    private static boolean isFirst(Accepted it, List<Accepted> visible) {
      return visible.stream()
          .filter(same -> same.request().equals(it.request()))
          .noneMatch(same -> same.write().version().compareTo(it.write().version()) < 0);
    }

    private static List<String> feed(List<Accepted> visible, String map, String key) {
      var byVersion = new TreeMap<Version, String>();
      for (Accepted each : visible) {
        if (change(each, map, key).orElse(null) instanceof Mutation.Append append
            && isFirst(each, visible)) {
          byVersion.put(each.write().version(), append.value().toString());
        }
      }
      return List.copyOf(byVersion.values());
    }

    private static String register(List<Accepted> visible, String map, String key) {
      var byVersion = new TreeMap<Version, String>();
      for (Accepted each : visible) {
        for (Mutation mutation : each.write().mutations()) {
          Bytes its = mutation instanceof Mutation.InMap field ? field.map() : Bytes.utf8("");
          Mutation change = mutation instanceof Mutation.InMap field ? field.change() : mutation;
          if (its.equals(Bytes.utf8(map)) && change.key().equals(Bytes.utf8(key))) {
            if (change instanceof Mutation.Put put) {
              byVersion.put(each.write().version(), put.value().toString());
            } else if (change instanceof Mutation.Delete) {
              byVersion.put(each.write().version(), "-");
            }
          }
        }
      }
      return byVersion.isEmpty() ? "-" : byVersion.lastEntry().getValue();
    }

    private static List<String> multi(List<Accepted> visible, String map, String key) {
      var byVersion = new TreeMap<Version, String>();
      for (Accepted each : visible) {
        if (change(each, map, key).orElse(null) instanceof Mutation.MultiPut put
            && put.value().isPresent()
            && !isUndone(
                each,
                visible,
                other ->
                    change(other, map, key)
                        .filter(
                            c -> c instanceof Mutation.MultiPut || c instanceof Mutation.MapDelete)
                        .isPresent())) {
          byVersion.put(each.write().version(), put.value().get().toString());
        }
      }
      return List.copyOf(byVersion.values());
    }

    private static long counter(List<Accepted> visible, String map, String key) {
      long sum = 0;
      for (Accepted each : visible) {
        if (change(each, map, key).orElse(null) instanceof Mutation.Increment increment
            && isFirst(each, visible)
            && !isUndone(
                each,
                visible,
                other ->
                    change(other, map, key)
                        .filter(
                            c ->
                                c instanceof Mutation.CounterDelete
                                    || c instanceof Mutation.MapDelete)
                        .isPresent())) {
          sum += increment.by();
        }
      }
      return sum;
    }

    private static List<String> set(List<Accepted> visible, String map, String key) {
      var elements = new TreeSet<String>();
      for (String element : ELEMENTS) {
        List<Accepted> adds =
            visible.stream()
                .filter(
                    each ->
                        change(each, map, key).orElse(null) instanceof Mutation.Add add
                            && add.elements().contains(Bytes.utf8(element)))
                .toList();
        for (Accepted add : adds) {
          boolean isUndone =
              isUndone(
                  add,
                  visible,
                  other -> change(other, map, key).filter(c -> removes(c, element)).isPresent());
          // Of one replica's adds of an element the last stands for all.
          boolean isLast =
              adds.stream()
                  .filter(same -> same.request().equals(add.request()))
                  .allMatch(same -> isLastOfItsOrigin(same, adds));
          if (!isUndone && isLast) {
            elements.add(element);
          }
        }
      }
      return elements.stream().map(e -> printable(Bytes.utf8(e))).toList();
    }

    private static boolean isLastOfItsOrigin(Accepted it, List<Accepted> adds) {
      Position position = it.write().position();
      return adds.stream()
          .map(other -> other.write().position())
          .noneMatch(
              other ->
                  other.origin().equals(position.origin())
                      && other.sequence() > position.sequence());
    }

    private static boolean removes(Mutation mutation, String element) {
      return mutation instanceof Mutation.MapDelete
          || (mutation instanceof Mutation.Remove remove
              && (remove.all()
                  || remove.removed().stream()
                      .anyMatch(r -> r.element().equals(Bytes.utf8(element)))));
    }

    @Override
    public void close() {
      nodes.forEach(
          node -> {
            node.commit.close();
            node.store.close();
          });
    }
  }
}
