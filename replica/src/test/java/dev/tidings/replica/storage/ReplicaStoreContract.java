package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.wire.EncodedWrite;
import dev.tidings.replica.wire.Wire;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.function.Supplier;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

/** The storage logic, and below it the port's promises, on both of its adapters. */
abstract class ReplicaStoreContract {
  private static final Origin ONE = new Origin(1, 11);
  private static final Origin TWO = new Origin(2, 22);
  private static final long HOUR = 500_000;

  private final List<ReplicaStore> open = new ArrayList<>();

  /** Opens the tables, the same ones each time. */
  abstract KeyValueStore tables();

  /** Opens empty tables. */
  abstract KeyValueStore fresh();

  private ReplicaStore store(String cluster, int id, Consistency consistency) {
    var store = new ReplicaStore(tables(), cluster, id, consistency, new Random(5));
    open.add(store);
    return store;
  }

  private ReplicaStore store() {
    return store("test", 1, Consistency.CAUSAL);
  }

  /** Over empty tables of its own. */
  private ReplicaStore another(int id) {
    var store = new ReplicaStore(fresh(), "test", id, Consistency.CAUSAL, new Random(id));
    open.add(store);
    return store;
  }

  @AfterEach
  void closeAll() {
    open.forEach(ReplicaStore::close);
    open.clear();
  }

  private static Name name(String text) {
    return Name.of(bytes(text));
  }

  private static Bytes bytes(String text) {
    return Bytes.utf8(text);
  }

  private static Write write(Origin origin, long sequence, long lamport, Mutation... mutations) {
    return new Write(
        new Position(origin, sequence),
        new Version(lamport, origin),
        Optional.empty(),
        PositionSet.EMPTY,
        0,
        List.of(mutations));
  }

  private static Mutation put(String key, String value) {
    return new Mutation.Put(bytes(key), bytes(value));
  }

  private static Mutation append(String feed, String value) {
    return new Mutation.Append(bytes(feed), bytes(value));
  }

  private static List<Write> read(List<Bytes> log) {
    return Wire.writes(log.stream().map(Wire::toProto).toList()).stream()
        .map(EncodedWrite::write)
        .toList();
  }

  private static void show(ReplicaStore store, Write... writes) {
    try (ReplicaStore.Commit commit = store.begin()) {
      for (Write write : writes) {
        commit.log(write, null, HOUR);
        commit.show(write, PositionSet.EMPTY);
      }
      commit.sync(store.progress());
    }
  }

  private static Optional<String> get(ReplicaStore store, String key) {
    try (ReadView view = store.view()) {
      return view.register(name(key)).flatMap(Stored::value).map(Bytes::toString);
    }
  }

  private static List<String> entries(ReplicaStore store, String feed) {
    try (ReadView view = store.view()) {
      return view.feed(name(feed), bytes(""), 100, 1 << 20).entries().stream()
          .map(entry -> entry.value().map(Bytes::toString).orElse("none"))
          .toList();
    }
  }

  @Test
  void the_last_writer_by_version_wins_whatever_the_order_and_however_grouped() {
    Write low = write(TWO, 1, 5, put("k", "low"));
    Write high = write(ONE, 1, 6, put("k", "high"));
    Write deletion = write(TWO, 2, 7, new Mutation.Delete(bytes("k")));
    for (long seed = 1; seed <= 40; seed++) {
      String key = "k" + seed;
      var chance = new Random(seed);
      List<Write> order = new ArrayList<>();
      for (Write w : List.of(low, high, deletion)) {
        Mutation m = w.mutations().get(0);
        order.add(
            write(
                w.position().origin(),
                w.position().sequence(),
                w.version().lamportTime(),
                m instanceof Mutation.Put p
                    ? new Mutation.Put(bytes(key), p.value())
                    : new Mutation.Delete(bytes(key))));
      }
      Write last = order.remove(2);
      Collections.shuffle(order, chance);
      ReplicaStore store = store();
      if (chance.nextBoolean()) {
        show(store, order.get(0), order.get(1));
      } else {
        show(store, order.get(0));
        show(store, order.get(1));
      }
      assertEquals(Optional.of("high"), get(store, key), "seed " + seed);
      show(store, last, order.get(0));
      assertEquals(Optional.empty(), get(store, key), "seed " + seed);
      closeAll();
    }
  }

  @Test
  void equal_lamport_times_are_decided_by_the_origin() {
    ReplicaStore store = store();
    show(store, write(TWO, 1, 5, put("k", "of 2")), write(ONE, 1, 5, put("k", "of 1")));
    assertEquals(Optional.of("of 2"), get(store, "k"));
  }

  @Test
  void a_feed_keeps_every_entry_in_version_order_and_late_ones_land_in_the_middle() {
    ReplicaStore store = store();
    show(store, write(ONE, 1, 9, append("f", "nine"), append("f", "nine again")));
    show(store, write(ONE, 2, 300, append("f", "three hundred")));
    show(store, write(TWO, 1, 10, append("f", "ten")));
    show(store, write(TWO, 2, 11, append("ff", "other"), append("", "nameless")));
    assertEquals(List.of("nine", "nine again", "ten", "three hundred"), entries(store, "f"));
    assertEquals(List.of("other"), entries(store, "ff"));
  }

  @Test
  void a_register_and_a_feed_of_one_name_never_collide() {
    ReplicaStore store = store();
    show(store, write(ONE, 1, 1, put("k", "register"), append("k", "feed")));
    assertEquals(Optional.of("register"), get(store, "k"));
    assertEquals(List.of("feed"), entries(store, "k"));
  }

  @Test
  void a_view_stays_as_it_was_while_commits_go_on() {
    ReplicaStore store = store();
    show(store, write(ONE, 1, 1, put("k", "before")));
    try (ReadView before = store.view();
        ReadView same = store.view()) {
      show(store, write(ONE, 2, 2, put("k", "after")));
      assertEquals(
          "before", before.register(name("k")).orElseThrow().value().orElseThrow().toString());
      assertEquals(
          "before", same.register(name("k")).orElseThrow().value().orElseThrow().toString());
      assertEquals(Optional.of("after"), get(store, "k"));
    }
    assertEquals(Optional.of("after"), get(store, "k"));
  }

  @Test
  void progress_log_and_stalled_writes_are_there_after_reopening() {
    Write shown = write(TWO, 1, 1, put("k", "v"));
    Write stalled = write(TWO, 2, 2, put("k", "w"));
    var progress =
        new Progress(17, PositionSet.of(shown.position()), VersionVector.EMPTY.with(TWO, 2));
    ReplicaStore store = store();
    Identity identity = store.identity();
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.log(shown, null, HOUR);
      commit.show(shown, PositionSet.EMPTY);
      commit.log(stalled, null, HOUR);
      commit.sync(progress);
    }
    closeAll();
    ReplicaStore again = store();
    assertEquals(identity, again.identity());
    assertEquals(progress, again.progress());
    assertEquals(List.of(stalled), again.stalledWrites());
    assertEquals(List.of(shown, stalled), read(again.log(TWO, 1, 2, 100, 1 << 20)));
    assertEquals(List.of(shown), read(again.log(TWO, 1, 2, 1, 1 << 20)));
    assertEquals(List.of(stalled), read(again.log(TWO, 2, 2, 100, 1)));
    assertEquals(Optional.of("v"), get(again, "k"));
    try (ReadView view = again.view()) {
      assertEquals(progress.frontier(), view.frontier());
    }
  }

  @Test
  void what_was_not_synced_is_not_there() {
    ReplicaStore store = store();
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.show(write(ONE, 1, 1, put("k", "v")), PositionSet.EMPTY);
    }
    assertEquals(Optional.empty(), get(store, "k"));
  }

  @Test
  void data_of_another_replica_cluster_or_mode_are_refused_with_the_reason() {
    store();
    closeAll();
    for (String expected : List.of("replica id 1, not 2", "cluster test, not other", "CAUSAL")) {
      var e =
          assertThrows(
              UnusableDataException.class,
              () -> {
                Supplier<ReplicaStore> wrong =
                    switch (expected.charAt(0)) {
                      case 'r' -> () -> reopen("test", 2, Consistency.CAUSAL);
                      case 'c' -> () -> reopen("other", 1, Consistency.CAUSAL);
                      default -> () -> reopen("test", 1, Consistency.EVENTUAL);
                    };
                wrong.get();
              });
      assertTrue(String.valueOf(e.getMessage()).contains(expected), e::getMessage);
    }
  }

  private ReplicaStore reopen(String cluster, int id, Consistency consistency) {
    KeyValueStore tables = tables();
    try {
      return new ReplicaStore(tables, cluster, id, consistency, new Random(5));
    } catch (UnusableDataException e) {
      tables.close();
      throw e;
    }
  }

  @Test
  void a_log_entry_that_was_changed_on_disk_is_not_believed() {
    Write write = write(ONE, 1, 1, put("k", "v"));
    show(store(), write);
    closeAll();
    byte[] key = Keys.log(write.position());
    try (KeyValueStore tables = tables();
        Batch batch = tables.batch()) {
      byte[] entry = Objects.requireNonNull(tables.get(Table.LOG, key)).clone();
      entry[entry.length - 1] ^= 1;
      batch.put(Table.LOG, key, entry);
      batch.commit();
    }
    ReplicaStore store = store();
    var e = assertThrows(DamagedDataException.class, () -> store.log(ONE, 1, 1, 1, 1));
    assertTrue(String.valueOf(e.getMessage()).contains("1:1"), e::getMessage);
  }

  @Test
  void the_port_scans_in_unsigned_order_and_snapshots_are_frozen_and_numbered() {
    try (KeyValueStore tables = tables()) {
      long number = 0;
      for (int b : new int[] {200, 3, 127, 128}) {
        try (Batch batch = tables.batch()) {
          batch.put(Table.FEEDS, new byte[] {(byte) b}, new byte[] {1});
          long next = batch.commit();
          assertTrue(next > number);
          number = next;
        }
      }
      try (Snapshot frozen = tables.snapshot()) {
        assertEquals(number, frozen.number());
        try (Batch batch = tables.batch()) {
          batch.put(Table.FEEDS, new byte[] {4}, new byte[] {2});
          batch.put(Table.FEEDS, new byte[] {3}, new byte[] {2});
          assertTrue(batch.commit() > number);
        }
        assertEquals(number, frozen.number());
        var seen = new ArrayList<Integer>();
        try (var cursor = frozen.scan(Table.FEEDS, new byte[] {3})) {
          while (cursor.next()) {
            seen.add(Byte.toUnsignedInt(cursor.key()[0]));
            assertArrayEquals(new byte[] {1}, cursor.value());
          }
        }
        assertEquals(List.of(3, 127, 128, 200), seen);
        assertNull(frozen.get(Table.FEEDS, new byte[] {4}));
      }
      assertArrayEquals(new byte[] {2}, tables.get(Table.FEEDS, new byte[] {3}));
      assertNull(tables.get(Table.LOG, new byte[] {3}));
    }
  }

  @Test
  void frontier_and_data_are_of_one_moment_also_where_a_commit_is_not_told_of_yet() {
    KeyValueStore tables = fresh();
    var reader = new ReplicaStore(tables, "c", 1, Consistency.CAUSAL, new Random(5));
    try (var writer = new ReplicaStore(tables, "c", 1, Consistency.CAUSAL, new Random(5));
        ReplicaStore.Commit commit = writer.begin()) {
      Write write = write(ONE, 1, 1, put("k", "v"));
      commit.log(write, null, HOUR);
      commit.show(write, PositionSet.EMPTY);
      PositionSet shown = PositionSet.of(write.position());
      commit.sync(new Progress(1, shown, shown.prefixes()));
      try (ReadView view = reader.view()) {
        assertEquals(shown, view.frontier());
        assertTrue(view.register(name("k")).isPresent());
      }
    }
  }

  private static Write requested(long sequence, Bytes session, long number) {
    return requested(ONE, sequence, session, number);
  }

  private static Write requested(Origin origin, long sequence, Bytes session, long number) {
    return new Write(
        new Position(origin, sequence),
        new Version(sequence, origin),
        Optional.of(new RequestId(session, number, false)),
        PositionSet.EMPTY,
        0,
        List.of(new Mutation.Put(bytes("k"), bytes("v"))));
  }

  private static void log(ReplicaStore store, Write write, long hour) {
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.log(write, null, hour);
      commit.sync(Progress.NONE);
    }
  }

  private static Optional<Long> lastNumber(ReplicaStore store, Bytes session) {
    try (ReplicaStore.Commit commit = store.begin()) {
      return commit.lastRequest(session).map(Try::number);
    }
  }

  private static int forget(ReplicaStore store, long upToHour) {
    try (ReplicaStore.Commit commit = store.begin()) {
      int count = commit.forgetRequests(upToHour, 10);
      commit.sync(Progress.NONE);
      return count;
    }
  }

  @Test
  void sessions_whose_last_request_came_long_ago_are_forgotten() {
    ReplicaStore store = store();
    Bytes early = bytes("sixteen bytes, 1");
    Bytes late = bytes("sixteen bytes, 2");
    log(store, requested(1, early, 1), HOUR);
    log(store, requested(2, late, 6), HOUR);
    log(store, requested(3, late, 7), HOUR + 1);
    assertEquals(0, forget(store, HOUR - 1));
    assertEquals(Optional.of(1L), lastNumber(store, early));
    assertEquals(1, forget(store, HOUR));
    assertEquals(Optional.empty(), lastNumber(store, early));
    assertEquals(Optional.of(7L), lastNumber(store, late));
    assertEquals(1, forget(store, HOUR + 1));
    assertEquals(Optional.empty(), lastNumber(store, late));
  }

  @Test
  void an_older_request_that_arrives_late_does_not_replace_a_newer_one() {
    ReplicaStore store = store();
    Bytes session = bytes("sixteen bytes, 1");
    log(store, requested(1, session, 5), HOUR);
    log(store, requested(2, session, 3), HOUR);
    assertEquals(Optional.of(5L), lastNumber(store, session));
  }

  private static final Bytes NO_CURSOR = bytes("");

  /** Takes another store's snapshot into this one. */
  private static void merge(ReplicaStore into, ReplicaStore from) {
    Staging staged = into.stage();
    PositionSet theirs;
    try (SnapshotPages pages = from.pages()) {
      theirs = pages.head().frontier();
      for (List<SnapshotPages.Entry> page = pages.next(100);
          !page.isEmpty();
          page = pages.next(100)) {
        staged.add(page);
      }
    }
    Progress progress = into.progress();
    staged.merge(progress.frontier(), theirs);
    PositionSet all = progress.frontier().union(theirs);
    try (ReplicaStore.Commit commit = into.begin()) {
      commit.turnTo(staged);
      commit.sync(new Progress(0, all, all.prefixes()));
    }
  }

  /** Shows them; they are not in the log, as after a snapshot. */
  private static void showAll(ReplicaStore store, List<Write> writes) {
    Progress progress = store.progress();
    PositionSet frontier = progress.frontier();
    try (ReplicaStore.Commit commit = store.begin()) {
      for (Write write : writes) {
        commit.show(write, PositionSet.EMPTY);
        frontier = frontier.with(write.position());
      }
      commit.sync(new Progress(0, frontier, frontier.prefixes()));
    }
  }

  private static String contents(ReplicaStore store) {
    var words = new StringBuilder();
    try (ReadView view = store.view()) {
      for (int k = 0; k < 5; k++) {
        words.append(view.register(name("k" + k)).map(Stored::version)).append(' ');
        words.append(get(store, "k" + k)).append('\n');
      }
      words.append(view.feed(name("f"), NO_CURSOR, 1_000, 1 << 20).entries());
      words.append(view.frontier());
    }
    return words.toString();
  }

  private static List<Write> randomWrites(Random chance) {
    var writes = new ArrayList<Write>();
    for (Origin origin : List.of(ONE, TWO)) {
      for (int sequence = 1; sequence <= 15; sequence++) {
        String key = "k" + chance.nextInt(5);
        writes.add(
            write(
                origin,
                sequence,
                3 * sequence + chance.nextInt(3),
                chance.nextInt(3) == 0
                    ? new Mutation.Delete(bytes(key))
                    : put(key, origin + " " + sequence),
                append("f", origin + " " + sequence)));
      }
    }
    return writes;
  }

  @Test
  void a_merged_snapshot_is_what_showing_the_writes_of_both_would_be() {
    for (long seed = 1; seed <= 20; seed++) {
      var chance = new Random(seed);
      List<Write> writes = randomWrites(chance);
      List<Write> here = writes.stream().filter(w -> chance.nextInt(3) > 0).toList();
      List<Write> there = writes.stream().filter(w -> chance.nextInt(3) > 0).toList();
      ReplicaStore mine = another(1);
      ReplicaStore other = another(2);
      ReplicaStore both = another(3);
      showAll(mine, here);
      showAll(other, there);
      showAll(both, writes.stream().filter(w -> here.contains(w) || there.contains(w)).toList());
      merge(mine, other);
      assertEquals(contents(both), contents(mine), "seed " + seed);
      closeAll();
    }
  }

  @Test
  void a_snapshots_version_wins_over_a_write_that_is_newer_than_what_stood_before_it() {
    ReplicaStore mine = store();
    ReplicaStore other = another(2);
    showAll(mine, List.of(write(TWO, 1, 1, put("k", "old"))));
    showAll(other, List.of(write(TWO, 1, 1, put("k", "old")), write(TWO, 2, 9, put("k", "new"))));
    merge(mine, other);
    show(mine, write(new Origin(3, 33), 1, 5, put("k", "in between")));
    assertEquals(Optional.of("new"), get(mine, "k"));
  }

  @Test
  void two_tries_of_a_request_that_meet_by_a_snapshot_count_once_even_if_the_log_has_been_cut() {
    ReplicaStore mine = another(1);
    ReplicaStore other = another(2);
    showFirst(mine, tried(ONE, false));
    showFirst(other, tried(TWO, true));
    try (ReplicaStore.Commit commit = mine.begin()) {
      commit.cutLog(ONE, 1);
      commit.sync(mine.progress());
    }
    merge(mine, other);
    try (ReadView view = mine.view()) {
      assertEquals(3, view.count(name("c")).value());
      assertEquals(1, view.count(new Name(bytes("m"), bytes("c"))).value());
    }
    assertEquals(1, entries(mine, "f").size());
  }

  private static Write tried(Origin origin, long sequence, boolean retried, Mutation... mutations) {
    return new Write(
        new Position(origin, sequence),
        new Version(sequence, origin),
        Optional.of(new RequestId(SESSION, 3, retried)),
        PositionSet.EMPTY,
        0,
        List.of(mutations));
  }

  private static final Bytes SESSION = bytes("sixteen bytes id");

  private static void take(ReplicaStore store, long hour, Write... writes) {
    for (Write write : writes) {
      PositionSet frontier = store.progress().frontier().with(write.position());
      try (ReplicaStore.Commit commit = store.begin()) {
        commit.log(write, null, hour);
        commit.show(write, frontier);
        commit.sync(new Progress(0, frontier, frontier.prefixes()));
      }
    }
  }

  private static List<Bytes> elements(ReplicaStore store) {
    try (ReadView view = store.view()) {
      return view.elements(name("s"), NO_CURSOR, 10, 1_000).names();
    }
  }

  private static Mutation remove(Write add) {
    var removed = new Mutation.Removed(bytes("x"), List.of(add.position()));
    return new Mutation.Remove(bytes("s"), List.of(removed), false);
  }

  /** By logs, one after the other, every one of these ends without the element. */
  @Test
  void adds_that_are_one_are_undone_together_also_if_one_side_of_a_snapshot_had_seen_only_one() {
    var add = new Mutation.Add(bytes("s"), List.of(bytes("x")));
    Write a = tried(ONE, 1, false, add);
    Write b = tried(TWO, 1, true, add);
    Write undone = write(TWO, 2, 3, remove(b));
    Write again = write(TWO, 2, 2, add);
    Write undoneAgain = write(TWO, 3, 4, remove(again));
    Write[][][] cases = {
      {{a, b}, {b, undone}, {}},
      {{b, undone}, {a, b}, {}},
      {{a, b}, {b, again}, {undoneAgain}},
      {{b, again}, {a, b}, {undoneAgain}},
      {{a}, {b, undone}, {}},
      {{b, again, undoneAgain}, {a, b}, {}},
      {{b, undone}, {}, {a}}
    };
    for (int i = 0; i < cases.length; i++) {
      ReplicaStore mine = another(1);
      ReplicaStore other = another(2);
      take(mine, HOUR, cases[i][0]);
      take(other, HOUR, cases[i][1]);
      merge(mine, other);
      take(mine, HOUR, cases[i][2]);
      assertEquals(List.of(), elements(mine), "case " + i);
    }
  }

  @Test
  void what_a_write_undoes_is_behind_the_rest_which_has_its_place_wherever_it_is_tried() {
    ReplicaStore store = store();
    Mutation deletion = new Mutation.MapDelete(bytes("m"));
    List<Mutation> asked = List.of(deletion, append("f", "v"));
    for (int fields = 0; fields < 3; fields++) {
      try (ReplicaStore.Commit commit = store.begin()) {
        List<Mutation> filled = commit.data().fill(asked, 10).mutations();
        assertEquals(asked, filled.subList(0, 2));
        assertEquals(2 + fields, filled.size());
      }
      show(
          store,
          write(
              ONE,
              fields + 1,
              fields + 1,
              new Mutation.InMap(bytes("m"), put("field " + fields, "v"))));
    }
  }

  @Test
  void a_retried_request_is_forgotten_in_its_time_though_the_session_goes_on() {
    ReplicaStore store = store();
    var increment = new Mutation.Increment(bytes("c"), 1);
    take(store, HOUR, tried(ONE, 1, true, increment));
    take(store, HOUR + 5, requested(2, SESSION, 9));
    assertEquals(Optional.of(9L), lastNumber(store, SESSION));
    assertEquals(4, requestEntries(store), "the session, two hours, and what is added");
    assertEquals(1, forget(store, HOUR + 4));
    assertEquals(Optional.of(9L), lastNumber(store, SESSION));
    assertEquals(2, requestEntries(store));
    forget(store, HOUR + 5);
    assertEquals(0, requestEntries(store));
  }

  private static int requestEntries(ReplicaStore store) {
    int count = 0;
    try (SnapshotPages pages = store.pages()) {
      for (List<SnapshotPages.Entry> page = pages.next(100);
          !page.isEmpty();
          page = pages.next(100)) {
        page.forEach(SnapshotPages.Entry::check);
        count += (int) page.stream().filter(entry -> entry.table() == Table.REQUESTS).count();
      }
    }
    return count;
  }

  @Test
  void a_write_that_a_snapshot_has_brought_and_a_log_brings_too_is_one_try() {
    ReplicaStore mine = store();
    ReplicaStore other = another(2);
    Write a = tried(TWO, 1, true, new Mutation.Increment(bytes("c"), 1));
    take(other, HOUR, a);
    merge(mine, other);
    log(mine, a, HOUR + 1);
    assertEquals(3, requestEntries(mine), "one hour, the session, and what is added");
    take(mine, HOUR + 1, tried(ONE, 1, false, new Mutation.Increment(bytes("c"), 1)));
    try (ReadView view = mine.view()) {
      assertEquals(1, view.count(name("c")).value());
    }
  }

  @Test
  void a_request_that_its_replica_had_forgotten_and_accepts_again_is_another_one() {
    ReplicaStore store = store();
    var increment = new Mutation.Increment(bytes("c"), 1);
    take(store, HOUR, tried(ONE, 1, false, increment), tried(TWO, 1, true, increment));
    try (ReadView view = store.view()) {
      assertEquals(1, view.count(name("c")).value());
    }
    take(store, HOUR, tried(ONE, 2, false, increment));
    try (ReadView view = store.view()) {
      assertEquals(2, view.count(name("c")).value());
    }
  }

  @Test
  void of_a_session_only_so_many_retried_requests_are_remembered() {
    ReplicaStore store = store();
    try (ReplicaStore.Commit commit = store.begin()) {
      for (int number = 1; number <= Requests.MAX_TRIES; number++) {
        assertFalse(commit.remembersTooMany(SESSION));
        commit.log(
            new Write(
                new Position(ONE, number),
                new Version(number, ONE),
                Optional.of(new RequestId(SESSION, number, true)),
                PositionSet.EMPTY,
                0,
                List.of(put("k", "v"))),
            null,
            HOUR);
      }
      assertTrue(commit.remembersTooMany(SESSION));
    }
  }

  @Test
  void a_try_that_was_held_before_a_snapshot_came_is_known_after_it() {
    ReplicaStore mine = another(4);
    ReplicaStore other = another(3);
    Write stalled = tried(ONE, false);
    Write again = tried(TWO, true);
    try (ReplicaStore.Commit commit = mine.begin()) {
      commit.log(stalled, null, HOUR);
      commit.sync(
          new Progress(0, PositionSet.EMPTY, PositionSet.of(stalled.position()).prefixes()));
    }
    showAll(other, List.of(write(new Origin(3, 33), 1, 1, put("k", "v"))));
    merge(mine, other);
    try (ReplicaStore.Commit commit = mine.begin()) {
      commit.show(stalled, mine.progress().frontier());
      commit.log(again, null, HOUR);
      commit.show(again, mine.progress().frontier());
      commit.sync(mine.progress());
    }
    try (ReadView view = mine.view()) {
      assertEquals(3, view.count(name("c")).value());
    }
    assertEquals(1, entries(mine, "f").size());
  }

  private static Write tried(Origin origin, boolean retried) {
    return tried(
        origin,
        1,
        retried,
        put("k", "v"),
        new Mutation.Increment(bytes("c"), 3),
        new Mutation.InMap(bytes("m"), new Mutation.Increment(bytes("c"), 1)),
        append("f", "once"));
  }

  @Test
  void what_was_deleted_and_forgotten_on_either_side_does_not_come_back_by_a_merge() {
    Write old = write(ONE, 1, 1, put("k", "old"), put("other", "kept"));
    Write gone = write(TWO, 1, 2, new Mutation.Delete(bytes("k")));
    for (boolean forgottenHere : new boolean[] {true, false}) {
      ReplicaStore mine = another(1);
      ReplicaStore other = another(2);
      ReplicaStore forgetful = forgottenHere ? mine : other;
      ReplicaStore behind = forgottenHere ? other : mine;
      showAll(forgetful, List.of(old, gone));
      showAll(behind, List.of(old));
      try (ReplicaStore.Commit commit = forgetful.begin()) {
        assertEquals(1, commit.collectTombstones(tombstone -> true, Long.MAX_VALUE, 10));
        commit.sync(forgetful.progress());
      }
      try (ReadView view = forgetful.view()) {
        assertEquals(Optional.empty(), view.register(name("k")));
        assertTrue(view.hasForgottenDeletes());
      }
      merge(mine, other);
      assertEquals(Optional.empty(), get(mine, "k"));
      assertEquals(Optional.of("kept"), get(mine, "other"));
    }
  }

  private static void showFirst(ReplicaStore store, Write write) {
    PositionSet frontier = PositionSet.of(write.position());
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.log(write, null, HOUR);
      commit.show(write, frontier);
      commit.sync(new Progress(0, frontier, frontier.prefixes()));
    }
  }

  @Test
  void a_sessions_last_request_is_known_after_a_merge_whichever_side_had_it() {
    Bytes session = bytes("sixteen bytes, 1");
    for (long here : new long[] {3, 5}) {
      ReplicaStore mine = another(1);
      ReplicaStore other = another(2);
      showFirst(mine, requested(ONE, 1, session, here));
      showFirst(other, requested(TWO, 1, session, 8 - here));
      merge(mine, other);
      assertEquals(Optional.of(5L), lastNumber(mine, session));
    }
  }

  @Test
  void a_round_reads_what_the_one_before_it_has_changed_also_while_that_is_written() {
    Bytes session = bytes("sixteen bytes, 1");
    Bytes element = bytes("e");
    Write one =
        new Write(
            new Position(ONE, 1),
            new Version(1, ONE),
            Optional.of(new RequestId(session, 7, false)),
            PositionSet.EMPTY,
            0,
            List.of(
                put("k", "first"),
                new Mutation.Increment(bytes("c"), 2),
                new Mutation.Add(bytes("s"), List.of(element))));
    Write two = write(ONE, 2, 2, put("k", "second"), new Mutation.Increment(bytes("c"), 3));
    PositionSet afterOne = PositionSet.of(one.position());
    PositionSet afterTwo = afterOne.with(two.position());
    ReplicaStore store = store();
    try (ReplicaStore.Commit first = store.begin()) {
      first.log(one, null, HOUR);
      first.show(one, afterOne);
      try (ReplicaStore.Commit second = first.next()) {
        assertThrows(IllegalStateException.class, second::next, "two on their way");
        assertEquals(Optional.of(7L), second.lastRequest(session).map(Try::number));
        assertEquals(
            Optional.of(bytes("first")), second.data().register(name("k")).flatMap(Stored::value));
        var removal = new Mutation.Remove(bytes("s"), List.of(), true);
        var removed = new Mutation.Removed(element, List.of(one.position()));
        assertEquals(
            List.of(new Mutation.Remove(bytes("s"), List.of(removed), false)),
            second.data().fill(List.of(removal), 10).mutations());
        second.log(two, null, HOUR);
        second.show(two, afterTwo);
        assertEquals(Optional.empty(), get(store, "k"));
        first.sync(new Progress(1, afterOne, afterOne.prefixes()));
        assertEquals(Optional.of("first"), get(store, "k"));
        assertEquals(Optional.of(7L), second.lastRequest(session).map(Try::number));
        second.sync(new Progress(2, afterTwo, afterTwo.prefixes()));
      }
    }
    assertEquals(Optional.of("second"), get(store, "k"));
    try (ReadView view = store.view()) {
      assertEquals(5, view.count(name("c")).value());
    }
    assertEquals(List.of(one, two), List.of(store.log(one.position()), store.log(two.position())));
  }

  @Test
  void a_tombstone_is_kept_while_it_is_needed_or_young_or_not_the_newest() {
    ReplicaStore store = store();
    Write deletion =
        write(ONE, 1, 5, new Mutation.Delete(bytes("a")), new Mutation.Delete(bytes("b")));
    Write again = write(ONE, 2, 6, put("b", "again"));
    show(store, deletion);
    try (ReplicaStore.Commit commit = store.begin()) {
      assertEquals(0, commit.collectTombstones(tombstone -> false, 10, 10));
      assertEquals(0, commit.collectTombstones(tombstone -> true, -1, 10));
      commit.log(again, null, HOUR);
      commit.show(again, PositionSet.EMPTY);
      assertEquals(2, commit.collectTombstones(tombstone -> true, 0, 10));
      commit.sync(store.progress());
    }
    assertEquals(Optional.of("again"), get(store, "b"));
    try (ReadView view = store.view()) {
      assertEquals(Optional.empty(), view.register(name("a")));
    }
    try (ReplicaStore.Commit commit = store.begin()) {
      assertEquals(0, commit.collectTombstones(tombstone -> true, 0, 10));
    }
  }

  @Test
  void what_is_cut_off_a_log_is_gone_and_said_to_be_so_and_the_rest_is_there_after_opening_again() {
    ReplicaStore store = store();
    var writes = new ArrayList<Write>();
    for (int sequence = 1; sequence <= 10; sequence++) {
      writes.add(write(ONE, sequence, sequence, put("k", "v" + sequence)));
    }
    show(store, writes.toArray(Write[]::new));
    long all = store.logEnd(new Position(ONE, 10));
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.cutLog(ONE, 6);
      commit.sync(store.progress());
    }
    for (int opened = 0; opened < 2; opened++) {
      ReplicaStore now = store;
      assertEquals(6, now.logStart().upTo(ONE));
      LogCutException cut =
          assertThrows(LogCutException.class, () -> now.log(ONE, 6, 10, 100, 1 << 20));
      assertEquals(6, cut.keptAfter());
      assertEquals(writes.subList(6, 10), read(now.log(ONE, 7, 10, 100, 1 << 20)));
      assertEquals(all, now.logEnd(new Position(ONE, 10)));
      closeAll();
      store = store();
    }
    assertEquals(Optional.of("v10"), get(store, "k"));
  }

  @Test
  void a_snapshot_that_was_never_whole_leaves_nothing_behind() {
    ReplicaStore store = store();
    show(store, write(ONE, 1, 1, put("k", "v")));
    var entry =
        new SnapshotPages.Entry(
            Table.REGISTERS,
            bytes("k"),
            Bytes.of(
                new Stored(new Version(9, TWO), new Position(TWO, 1), Optional.of(bytes("staged")))
                    .encode()));
    store.stage().add(List.of(entry));
    assertEquals(Optional.of("v"), get(store, "k"));
    closeAll();
    ReplicaStore again = store();
    Staging staged = again.stage();
    try (ReplicaStore.Commit commit = again.begin()) {
      commit.turnTo(staged);
      commit.sync(again.progress());
    }
    assertEquals(Optional.empty(), get(again, "k"));
  }
}
