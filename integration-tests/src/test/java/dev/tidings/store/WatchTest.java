package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.put;
import static dev.tidings.harness.TestWatch.EVERYTHING;
import static dev.tidings.harness.TestWatch.feed;
import static dev.tidings.harness.TestWatch.key;
import static dev.tidings.harness.TestWatch.prefix;
import static dev.tidings.harness.TestWatch.range;
import static dev.tidings.harness.TestWatch.request;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.causal.Consistency;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.harness.TestWatch;
import dev.tidings.replica.Retention;
import dev.tidings.replica.Watches;
import dev.tidings.v1.Add;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.InMap;
import dev.tidings.v1.Increment;
import dev.tidings.v1.MapDelete;
import dev.tidings.v1.MultiPut;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import io.grpc.Status;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;

/** What a watch tells, where it begins, and how it ends. */
final class WatchTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final Duration SOME_TIME = Duration.ofSeconds(3);

  /** Logs are cut as soon as all have them. */
  private static final Retention SHORT =
      new Retention(1_000, 1L << 30, Duration.ofDays(365), Duration.ZERO);

  /** What a member lacks is kept for it up to 20,000 bytes only. */
  private static final Retention IMPATIENT =
      new Retention(1_000, 20_000, Duration.ofDays(365), Duration.ZERO);

  private static Cluster cluster(int size, Retention retention) {
    var cluster = new Cluster(size, "", Consistency.CAUSAL);
    cluster.retain(retention);
    cluster.startAll();
    return cluster;
  }

  private static Refusal refusal(Cluster cluster, TestWatch watch) {
    cluster.time().settle();
    return Refusal.of(watch.reply());
  }

  private static Refusal refusal(Cluster cluster, WatchRequest.Builder request) {
    return refusal(cluster, TestWatch.of(cluster, 1, request.build()));
  }

  private static void assertInvalid(Cluster cluster, WatchSelector.Builder selector, String words) {
    Refusal refusal = refusal(cluster, request(selector.build()));
    assertEquals("INVALID_REQUEST", refusal.reason());
    assertTrue(refusal.message().contains(words), refusal::message);
  }

  @Test
  void a_watch_tells_at_once_that_it_has_begun_and_then_every_write_as_it_becomes_visible() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      cluster.session(2).write(put("k", "before"));
      TestWatch watch = TestWatch.ofEverything(cluster, 2);
      assertTrue(watch.hasBegun());
      cluster.session(2).write(put("k", "here"));
      cluster.session(1).write(append("f", "there"));
      cluster.time().settle();
      assertEquals(List.of("k=here"), watch.words());
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(List.of("k=here", "f+there"), watch.words());
    }
  }

  @Test
  void nobody_is_told_an_answer_before_what_it_answers() {
    try (Cluster cluster = Cluster.started(3, "2>3=15s")) {
      TestWatch watch = TestWatch.ofEverything(cluster, 3);
      cluster.session(2).write(append("wall", "lost"));
      cluster.time().settle();
      TestSession bob = cluster.session(1);
      bob.entries("wall");
      bob.write(append("wall", "glad"));
      cluster.session(1).write(append("wall", "independent"));
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals(1, cluster.status(3).getStalledNow());
      assertEquals(List.of("wall+independent"), watch.words());
      cluster.time().advance(Duration.ofSeconds(15));
      assertEquals(List.of("wall+independent", "wall+lost", "wall+glad"), watch.words());
    }
  }

  @Test
  void what_a_write_has_of_the_watched_comes_together_and_the_rest_of_it_not_at_all() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestWatch watch =
          TestWatch.of(cluster, 2, request(key("a"), feed("f"), key("never")).build());
      cluster
          .session(1)
          .write(
              append("f", "1"),
              put("b", "x"),
              append("a", "a feed"),
              put("a", "y"),
              append("f", "2"));
      cluster.session(1).write(put("f", "a register"));
      cluster.session(1).write(delete("a"));
      cluster.time().settle();
      assertEquals(List.of("f+1 a=y f+2", "-a"), watch.words());
    }
  }

  @Test
  void prefixes_and_ranges_are_of_bytes_and_of_any_type_unless_one_is_said() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestWatch prefixed = TestWatch.of(cluster, 1, request(prefix("a/")).build());
      TestWatch ranged = TestWatch.of(cluster, 1, request(range("b", "d")).build());
      TestWatch open = TestWatch.of(cluster, 1, request(range("d", "")).build());
      TestWatch feeds =
          TestWatch.of(
              cluster,
              1,
              request(EVERYTHING.toBuilder().setType(dev.tidings.v1.KeyType.KEY_TYPE_FEED).build())
                  .build());
      TestSession session = cluster.session(1);
      for (String each : List.of("a", "a/", "a/1", "b", "c", "d", "\u00fc")) {
        session.write(put(each, ""));
      }
      session.write(append("a/2", ""));
      session.write(append("c", ""));
      cluster.time().settle();
      assertEquals(List.of("a/=", "a/1=", "a/2+"), prefixed.words());
      assertEquals(List.of("b=", "c=", "c+"), ranged.words());
      assertEquals(List.of("d=", "\u00fc="), open.words());
      assertEquals(List.of("a/2+", "c+"), feeds.words());
    }
  }

  @Test
  void every_type_of_key_can_be_watched_and_a_map_with_all_its_fields() {
    try (Cluster cluster = Cluster.started(2, "")) {
      var k = ByteString.copyFromUtf8("k");
      List<Mutation> mutations =
          List.of(
              put("k", "v"),
              append("k", "v"),
              Mutation.newBuilder()
                  .setMultiPut(MultiPut.newBuilder().setKey(k).setValue(k))
                  .build(),
              Mutation.newBuilder()
                  .setIncrement(Increment.newBuilder().setCounter(k).setBy(1))
                  .build(),
              Mutation.newBuilder().setAdd(Add.newBuilder().setSet(k).addElements(k)).build(),
              Mutation.newBuilder()
                  .setInMap(InMap.newBuilder().setMap(k).setChange(put("other", "v")))
                  .build());
      var watches = new ArrayList<TestWatch>();
      for (int type = 1; type <= mutations.size(); type++) {
        WatchSelector selector = key("k").toBuilder().setTypeValue(type).build();
        watches.add(TestWatch.of(cluster, 2, request(selector).build()));
      }
      TestWatch any =
          TestWatch.of(cluster, 2, request(key("k").toBuilder().clearType().build()).build());
      TestWatch field = TestWatch.of(cluster, 2, request(key("other")).build());
      mutations.forEach(cluster.session(1)::write);
      cluster.time().settle();
      for (int i = 0; i < mutations.size(); i++) {
        assertEquals(1, watches.get(i).writes().size());
        assertEquals(
            mutations.get(i), watches.get(i).writes().get(0).getMutations(0).getMutation());
      }
      assertEquals(mutations.size(), any.writes().size());
      assertEquals(0, field.writes().size());
      cluster.session(2).write(mutations.get(5));
      cluster
          .session(1)
          .write(Mutation.newBuilder().setDeleteMap(MapDelete.newBuilder().setMap(k)).build());
      cluster.time().settle();
      assertEquals(3, watches.get(5).writes().size());
    }
  }

  @Test
  void who_goes_on_after_a_moment_at_any_replica_misses_nothing_and_is_told_nothing_twice() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestWatch first = TestWatch.ofEverything(cluster, 1);
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      session.write(put("k", "2"));
      cluster.time().settle();
      ByteString afterOne = first.reply().messages().get(1).getMoment();
      first.leave();
      session.write(put("k", "3"));

      TestWatch here = TestWatch.ofEverything(cluster, 1, afterOne);
      assertEquals(List.of("k=2", "k=3"), here.words());
      // It does not show anything yet of what the moment holds, and need not to begin.
      TestWatch elsewhere = TestWatch.ofEverything(cluster, 2, afterOne);
      assertTrue(elsewhere.hasBegun());
      assertEquals(List.of(), elsewhere.words());
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals(List.of("k=2", "k=3"), elsewhere.words());
    }
  }

  @Test
  void each_event_says_whether_a_later_version_was_there_already() {
    try (Cluster cluster = Cluster.started(2, "1-2=5s")) {
      TestWatch watch = TestWatch.ofEverything(cluster, 2);
      ByteString beginning = watch.moment();
      cluster.session(1).write(put("k", "lower"), delete("deleted"), append("f", "kept"));
      cluster.session(2).advanceClock(100).write(put("k", "higher"), put("deleted", "no more"));
      cluster.time().advance(Duration.ofSeconds(6));
      assertEquals(List.of(List.of(false, false), List.of(true, true, false)), replaced(watch));
      // Told later, the same.
      assertEquals(
          List.of(List.of(true, true, false), List.of(false, false)),
          replaced(TestWatch.ofEverything(cluster, 2, beginning)));
    }
  }

  private static List<List<Boolean>> replaced(TestWatch watch) {
    return watch.writes().stream()
        .map(write -> write.getMutationsList().stream().map(m -> m.getReplaced()).toList())
        .toList();
  }

  @Test
  void a_watch_begins_at_a_moment_at_least_as_late_as_its_session() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      WatchRequest request = request(EVERYTHING).setSession(session.state()).build();
      TestWatch watch = TestWatch.of(cluster, 2, request);
      assertFalse(watch.hasBegun());
      cluster.time().advance(Duration.ofSeconds(1));
      assertTrue(watch.hasBegun());
      assertEquals(List.of(), watch.words());

      cluster.link(1, 2, Duration.ofMinutes(1), false);
      session.write(put("k", "2"));
      TestWatch early =
          TestWatch.of(cluster, 2, request.toBuilder().setSession(session.state()).build());
      cluster.time().advance(Cluster.READ_WAIT);
      Refusal refusal = refusal(cluster, early);
      assertEquals(Status.Code.UNAVAILABLE, refusal.code());
      assertEquals("NOT_YET_VISIBLE", refusal.reason());
      assertTrue(refusal.retryMillis() > 0);
    }
  }

  @Test
  void a_session_that_takes_in_what_it_was_told_depends_on_it() {
    try (Cluster cluster = Cluster.started(3, "1>3=15s")) {
      TestSession watcher = cluster.session(2);
      watcher.write(put("own", "1"));
      TestWatch watch =
          TestWatch.of(cluster, 2, request(key("k")).setSession(watcher.state()).build());
      cluster.session(1).write(put("k", "seen"));
      cluster.session(1).write(put("unwatched", "not seen"));
      cluster.time().settle();
      // It goes on while it watches; both tokens count.
      watcher.write(put("own", "2"));
      SessionState told = watch.session();
      watcher.setState(
          watcher.state().toBuilder().addAlso(told.getToken()).setClock(told.getClock()).build());
      ClientWriteResponse answer = watcher.write(put("answer", "1"));
      assertTrue(
          answer.getVersion().getLamportTime()
              > watch.writes().get(0).getWrittenBy().getVersion().getLamportTime());

      Reply<ClientReadResponse> read = cluster.session(3).request(TestSession.key("answer"));
      cluster.time().advance(Duration.ofSeconds(5));
      assertFalse(
          read.within(cluster.time(), Duration.ZERO).getResults(0).getRegister().hasValue());
      cluster.converge();
      var register = cluster.session(3).register("answer");
      assertEquals(
          List.of(cluster.origin(1).toString() + ":1", cluster.origin(2).toString() + ":2"),
          dependencies(register.getWrittenBy().getDependencies()));
    }
  }

  private static List<String> dependencies(dev.tidings.v1.PositionSet set) {
    var words = new ArrayList<String>();
    dev.tidings.replica.wire.Wire.fromProto(set)
        .forEachRange((origin, first, last) -> words.add(origin + ":" + last));
    return words;
  }

  @Test
  void a_token_that_is_told_only_after_a_moment_waits_for_nothing() {
    try (Cluster cluster = Cluster.started(2, "1>2=1m")) {
      TestWatch before = TestWatch.ofEverything(cluster, 2);
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      cluster.time().settle();
      TestWatch watch =
          TestWatch.of(
              cluster,
              2,
              request(EVERYTHING).setSession(session.state()).setAfter(before.moment()).build());
      assertTrue(watch.hasBegun());
      cluster.session(2).write(put("other", "1"));
      cluster.time().settle();
      assertEquals(List.of("other=1"), watch.words());
      // What the session has seen is not lost in what it is told.
      session.moveTo(2).setState(watch.session());
      Reply<ClientReadResponse> read = session.request(TestSession.key("k"));
      cluster.time().advance(Cluster.READ_WAIT);
      assertEquals("NOT_YET_VISIBLE", Refusal.of(read).reason());
    }
  }

  @Test
  void a_watcher_of_what_is_never_written_hears_now_and_then_how_far_it_is() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestWatch watch = TestWatch.of(cluster, 1, request(key("never")).build());
      TestSession session = cluster.session(1);
      for (int i = 0; i < 1_000; i++) {
        session.write(put("k", "v" + i));
        cluster.time().advance(Duration.ofMillis(10));
      }
      cluster.time().advance(SOME_TIME);
      int told = watch.reply().messages().size();
      assertTrue(told >= 8 && told <= 13, () -> "told " + told + " times in 10 s");
      TestWatch next = TestWatch.ofEverything(cluster, 1, watch.moment());
      assertEquals(List.of(), next.words());
      int scheduled = cluster.time().scheduled();
      cluster.time().advance(Duration.ofMinutes(1));
      assertTrue(cluster.time().scheduled() <= scheduled, "nothing happens, nothing is said");
      assertEquals(told, watch.reply().messages().size());
    }
  }

  @Test
  void a_watcher_who_takes_nothing_holds_up_nobody_and_is_told_all_of_it_later() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestWatch slow = TestWatch.slow(cluster, 1, request(EVERYTHING).build());
      TestWatch quick = TestWatch.ofEverything(cluster, 1);
      TestSession session = cluster.session(1);
      List<String> written = IntStream.range(0, 600).mapToObj(i -> "k=value " + i).toList();
      for (int i = 0; i < written.size(); i++) {
        session.write(put("k", "value " + i));
      }
      cluster.time().settle();
      assertEquals(written, quick.words());
      // What gRPC holds for a call that is not taken: nothing comes but what it asks for.
      assertFalse(slow.hasBegun());
      slow.take(1);
      cluster.time().settle();
      assertEquals(1, slow.reply().messages().size());
      slow.take(10);
      cluster.time().settle();
      assertTrue(cluster.disk(1).snapshots() <= 1, "besides what all readers share");
      assertEquals(written.subList(0, 10), slow.words());
      slow.take(Integer.MAX_VALUE);
      cluster.time().settle();
      assertEquals(written, slow.words());
      session.write(put("k", "more"));
      cluster.time().settle();
      assertEquals("k=more", slow.words().get(written.size()));
    }
  }

  @Test
  void a_watcher_who_takes_nothing_does_not_keep_a_full_disk_from_being_written_again() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestWatch slow = TestWatch.slow(cluster, 1, request(EVERYTHING).build());
      TestWatch quick = TestWatch.ofEverything(cluster, 1);
      cluster.session(1).write(put("k", "before"));
      cluster.time().settle();
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);
      Reply<ClientWriteResponse> stuck = cluster.session(1).send(put("k", "waits"));
      cluster.time().advance(SOME_TIME);
      assertEquals(List.of("k=before"), quick.words(), "what is not durable is not told");
      cluster.disk(1).set(Space.ENOUGH);
      stuck.within(cluster.time(), SOME_TIME);
      slow.take(Integer.MAX_VALUE);
      cluster.time().settle();
      assertEquals(List.of("k=before", "k=waits"), quick.words());
      assertEquals(List.of("k=before", "k=waits"), slow.words());
    }
  }

  @Test
  void a_moment_whose_log_has_been_cut_is_refused_and_so_is_a_watcher_who_was_too_slow() {
    try (Cluster cluster = cluster(1, SHORT)) {
      TestWatch slow = TestWatch.slow(cluster, 1, request(EVERYTHING).build());
      TestWatch early = TestWatch.ofEverything(cluster, 1);
      ByteString moment = early.moment();
      early.leave();
      TestSession session = cluster.session(1);
      for (int i = 0; i < 500; i++) {
        session.write(put("k", "value " + i));
        if (i == 300) {
          // Of all that is there no more is read for it than it takes.
          slow.take(2);
          cluster.time().settle();
        }
      }
      cluster.time().advance(SOME_TIME);
      Refusal refusal = refusal(cluster, TestWatch.ofEverything(cluster, 1, moment));
      assertEquals(Status.Code.OUT_OF_RANGE, refusal.code());
      assertEquals("MOMENT_NOT_KEPT", refusal.reason());
      slow.take(Integer.MAX_VALUE);
      assertEquals("MOMENT_NOT_KEPT", refusal(cluster, slow).reason());
      assertTrue(slow.words().size() < 5, "nothing is queued for it, and nothing is skipped");

      TestWatch now = TestWatch.ofEverything(cluster, 1);
      session.write(put("k", "goes on"));
      cluster.time().settle();
      assertEquals(List.of("k=goes on"), now.words());
    }
  }

  @Test
  void a_snapshot_from_a_peer_ends_the_watches_that_it_outruns_and_no_others() {
    try (Cluster cluster = cluster(3, IMPATIENT)) {
      cluster.session(1).write(put("before", "1"));
      cluster.converge();
      TestWatch behind = TestWatch.ofEverything(cluster, 3);
      TestWatch elsewhere = TestWatch.ofEverything(cluster, 1);
      for (int other : new int[] {1, 2}) {
        cluster.link(3, other, Duration.ZERO, true);
        cluster.link(other, 3, Duration.ZERO, true);
      }
      TestSession session = cluster.session(1);
      for (int i = 0; i < 400; i++) {
        session.write(put("k", "value " + i));
      }
      cluster.session(3).write(put("own", "1"));
      cluster.time().advance(Duration.ofMinutes(2));
      assertEquals(List.of("own=1"), behind.words());
      for (int other : new int[] {1, 2}) {
        cluster.link(3, other, Duration.ZERO, false);
        cluster.link(other, 3, Duration.ZERO, false);
      }
      cluster.converge();
      assertEquals("MOMENT_NOT_KEPT", refusal(cluster, behind).reason());
      assertEquals(List.of("own=1"), behind.words());
      assertEquals(401, elsewhere.words().size());
      // It has been told all that the snapshot brought, so it may go on there.
      TestWatch moved = TestWatch.ofEverything(cluster, 3, elsewhere.moment());
      session.write(put("k", "goes on"));
      cluster.converge();
      cluster.time().settle();
      assertEquals(List.of("k=goes on"), moved.words());
    }
  }

  @Test
  void a_replica_that_stops_says_so_and_after_it_has_started_again_the_watch_goes_on() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestWatch watch = TestWatch.ofEverything(cluster, 1);
      cluster.session(1).write(put("k", "1"));
      cluster.time().settle();
      cluster.stopServing(1);
      Refusal refusal = refusal(cluster, watch);
      assertEquals(Status.Code.UNAVAILABLE, refusal.code());
      assertEquals("SHUTTING_DOWN", refusal.reason());
      assertEquals("SHUTTING_DOWN", refusal(cluster, TestWatch.ofEverything(cluster, 1)).reason());

      cluster.kill(1);
      cluster.session(2).write(put("k", "2"));
      cluster.start(1);
      TestWatch next = TestWatch.ofEverything(cluster, 1, watch.moment());
      cluster.converge();
      cluster.time().settle();
      assertEquals(List.of("k=2"), next.words());
    }
  }

  @Test
  void a_replica_that_is_removed_ends_its_watches_and_begins_none() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestWatch watch = TestWatch.ofEverything(cluster, 2);
      TestWatch elsewhere = TestWatch.ofEverything(cluster, 1);
      cluster.remove(1, 2).within(cluster.time(), PATIENCE);
      cluster.time().advance(SOME_TIME);
      assertEquals("REPLICA_REMOVED", refusal(cluster, watch).reason());
      assertEquals(
          "REPLICA_REMOVED", refusal(cluster, TestWatch.ofEverything(cluster, 2)).reason());
      // A change of membership is a write, but nobody's business.
      cluster.session(1).write(put("k", "1"));
      cluster.time().settle();
      assertEquals(List.of("k=1"), elsewhere.words());
    }
  }

  @Test
  void a_replica_that_catches_up_serves_no_watch_yet() {
    var cluster = new Cluster(2, "", Consistency.CAUSAL);
    try (cluster) {
      cluster.waitForPeers(Duration.ofMinutes(1));
      cluster.start(1);
      cluster.time().settle();
      Refusal refusal = refusal(cluster, TestWatch.ofEverything(cluster, 1));
      assertEquals(Status.Code.UNAVAILABLE, refusal.code());
      assertEquals("CATCHING_UP", refusal.reason());
    }
  }

  @Test
  void so_many_watches_at_once_are_possible_and_one_that_has_left_makes_room() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.time().advance(Duration.ofMinutes(1));
      int scheduled = cluster.time().scheduled();
      var watches = new ArrayList<TestWatch>();
      for (int i = 0; i < Watches.MOST; i++) {
        watches.add(TestWatch.of(cluster, 1, request(key("k" + i)).build()));
      }
      Refusal refusal = refusal(cluster, TestWatch.ofEverything(cluster, 1));
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.code());
      assertEquals("OVERLOADED", refusal.reason());
      assertTrue(refusal.retryMillis() > 0);
      watches.get(7).leave();
      assertTrue(TestWatch.ofEverything(cluster, 1).hasBegun());
      cluster.session(1).write(put("k42", "1"));
      cluster.time().settle();
      for (int i = 0; i < Watches.MOST; i++) {
        assertEquals(i == 42 ? 1 : 0, watches.get(i).words().size());
      }
      watches.forEach(TestWatch::leave);
      cluster.time().advance(Duration.ofMinutes(1));
      assertEquals(scheduled, cluster.time().scheduled());
    }
  }

  @Test
  void a_moment_that_is_damaged_or_foreign_is_refused_at_once() {
    try (Cluster cluster = Cluster.started(1, "");
        Cluster other = Cluster.started(1, "")) {
      ByteString moment = TestWatch.ofEverything(cluster, 1).moment();
      byte[] damaged = moment.toByteArray();
      damaged[3] ^= 1;
      TestSession session = cluster.session(1);
      session.write(put("k", "1"));
      for (ByteString bytes :
          List.of(
              ByteString.EMPTY,
              ByteString.copyFrom(damaged),
              moment.substring(1),
              session.state().getToken(),
              TestWatch.ofEverything(other, 1).moment())) {
        Refusal refusal = refusal(cluster, request(EVERYTHING).setAfter(bytes));
        assertEquals(Status.Code.INVALID_ARGUMENT, refusal.code());
        assertEquals("MOMENT_INVALID", refusal.reason());
      }
      // Nor is a moment a session.
      session.setState(SessionState.newBuilder().setToken(moment).build());
      Reply<ClientReadResponse> read = session.request(TestSession.key("k"));
      assertEquals("SESSION_TOKEN_INVALID", Refusal.of(read).reason());
      session.setState(SessionState.newBuilder().addAlso(ByteString.EMPTY).build());
      read = session.request(TestSession.key("k"));
      assertEquals("SESSION_TOKEN_INVALID", Refusal.of(read).reason());
    }
  }

  @Test
  void selectors_that_make_no_sense_are_refused() {
    try (Cluster cluster = Cluster.started(1, "")) {
      assertEquals("INVALID_REQUEST", refusal(cluster, request()).reason());
      assertInvalid(cluster, WatchSelector.newBuilder(), "a key, a prefix, a range, or all");
      assertInvalid(cluster, WatchSelector.newBuilder().setAll(false), "all is true");
      assertInvalid(cluster, key("").toBuilder(), "empty");
      assertInvalid(cluster, prefix("").toBuilder(), "empty");
      assertInvalid(cluster, range("b", "b").toBuilder(), "below");
      assertInvalid(cluster, EVERYTHING.toBuilder().setTypeValue(99), "type of key");
      Refusal large = refusal(cluster, request(prefix("x".repeat(1025))));
      assertEquals("SIZE_LIMIT", large.reason());
      assertTrue(large.message().contains("1025") && large.message().contains("1024"));
      Refusal many =
          refusal(
              cluster,
              WatchRequest.newBuilder()
                  .addAllSelectors(java.util.Collections.nCopies(1001, EVERYTHING)));
      assertEquals("SIZE_LIMIT", many.reason());
      assertTrue(many.message().contains("1001") && many.message().contains("1000"));
    }
  }

  @Test
  void a_large_write_is_told_whole_and_the_others_have_their_turn_meanwhile() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestWatch beginning = TestWatch.ofEverything(cluster, 1);
      String large = "x".repeat(3 << 20);
      for (int i = 0; i < 4; i++) {
        cluster.session(1).write(put("a" + i, large), put("b" + i, large));
      }
      TestWatch all = TestWatch.ofEverything(cluster, 1, beginning.moment());
      cluster.time().settle();
      assertEquals(4, beginning.words().size());
      List<WatchResponse> messages =
          all.reply().messages().stream().filter(WatchResponse::hasWrite).toList();
      assertTrue(messages.stream().allMatch(each -> each.getWrite().getMutationsCount() == 2));
    }
  }

  @Test
  void in_an_eventual_cluster_a_watch_tells_writes_as_they_show() {
    try (Cluster cluster = Cluster.started(3, "1>3=15s", Consistency.EVENTUAL)) {
      TestWatch watch =
          TestWatch.of(
              cluster,
              3,
              request(EVERYTHING).setSession(SessionState.getDefaultInstance()).build());
      cluster.session(1).write(append("wall", "lost"));
      cluster.time().settle();
      TestSession bob = cluster.session(2);
      bob.entries("wall");
      bob.write(append("wall", "glad"));
      cluster.time().advance(Duration.ofSeconds(20));
      assertEquals(List.of("wall+glad", "wall+lost"), watch.words());
    }
  }
}
