package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.rpc.Code;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.v1.WatchRequest;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class WatchTest {
  private static final Bytes KEY = Bytes.of("color");
  private static final Bytes FEED = Bytes.of("ring");
  private static final Origin ONE = new Origin(1, 101);
  private static final WatchQuery ALL = WatchQuery.of(new Selector.Everything());
  private static final Duration NO_TIME = Duration.ZERO;
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final FakeCluster cluster = new FakeCluster(2);
  private final FakeReplica one = cluster.replica(1);
  private final FakeReplica two = cluster.replica(2);
  private final Tidings tidings = cluster.connect(one.address(), Duration.ofSeconds(10));
  private final Session writer = tidings.session();

  private static StatusRuntimeException notKept() {
    return FakeReplica.refusal(Code.OUT_OF_RANGE, "MOMENT_NOT_KEPT", "cut", 0);
  }

  private static StatusRuntimeException stops() {
    return FakeReplica.refusal(Code.UNAVAILABLE, "SHUTTING_DOWN", "stopping", 1);
  }

  @AfterEach
  void close() {
    tidings.close();
    cluster.close();
  }

  private static String value(Optional<WatchedWrite> write) {
    Mutation.Put put = (Mutation.Put) write.orElseThrow().changes().get(0).mutation();
    return put.value().utf8();
  }

  private static String next(Watch watch) {
    return value(watch.next(PATIENCE));
  }

  @Test
  void it_tells_what_is_written_after_it_has_begun_and_only_what_is_asked_for() {
    writer.put(KEY, Bytes.of("before"));
    try (Watch watch = tidings.watch(WatchQuery.of(new Selector.Feed(FEED)))) {
      watch.begin();
      writer.put(KEY, Bytes.of("blue"));
      WriteInfo write =
          writer.write(
              List.of(
                  new Mutation.Append(FEED, Bytes.of("one")),
                  new Mutation.Put(KEY, Bytes.of("red")),
                  new Mutation.Append(FEED, Bytes.of("two"))));
      WatchedWrite told = watch.next();
      assertEquals(write, told.write());
      assertEquals(
          List.of(
              new WatchedWrite.Change(new Mutation.Append(FEED, Bytes.of("one")), false),
              new WatchedWrite.Change(new Mutation.Append(FEED, Bytes.of("two")), false)),
          told.changes());
      assertEquals(Optional.of(told.moment()), watch.moment());
      assertEquals(Optional.empty(), watch.next(NO_TIME));
    }
  }

  @Test
  void a_moment_goes_through_text_and_a_watch_goes_on_after_it_elsewhere() {
    Moment moment;
    try (Watch watch = tidings.watch(ALL)) {
      watch.begin();
      writer.put(KEY, Bytes.of("blue"));
      moment = watch.next().moment();
    }
    writer.put(KEY, Bytes.of("red"));
    two.receiveFrom(one);
    try (Tidings elsewhere = cluster.connect(two.address(), PATIENCE);
        Watch watch = elsewhere.watch(ALL.after(Moment.parse(moment.toString())))) {
      assertEquals("red", next(watch));
    }
    assertThrows(IllegalArgumentException.class, () -> Moment.parse("no moment!"));
  }

  @Test
  void it_connects_again_whatever_breaks_and_goes_on_after_what_it_has_told() {
    try (Watch watch = tidings.watch(ALL)) {
      watch.begin();
      writer.put(KEY, Bytes.of("blue"));
      assertEquals("blue", next(watch));
      for (StatusRuntimeException broken :
          List.of(
              stops(),
              Status.UNAVAILABLE.asRuntimeException(),
              Status.INTERNAL.asRuntimeException())) {
        one.endWatches(broken);
        one.refuse(FakeReplica.refusal(Code.UNAVAILABLE, "CATCHING_UP", "soon", 1));
        assertEquals(Optional.empty(), watch.next(NO_TIME));
        writer.put(KEY, Bytes.of("after " + broken.getStatus().getCode()));
        assertEquals("after " + broken.getStatus().getCode(), next(watch));
      }
    }
  }

  @Test
  void while_it_has_no_connection_nothing_is_missed() {
    try (Watch watch = tidings.watch(ALL)) {
      Moment begin = watch.begin();
      one.endWatches(stops());
      writer.put(KEY, Bytes.of("blue"));
      assertEquals("blue", next(watch));
      List<WatchRequest> requests = one.watchRequests();
      assertFalse(requests.get(0).hasAfter());
      assertEquals(begin.bytes().toByteString(), requests.get(1).getAfter());
    }
  }

  @Test
  void it_goes_on_at_any_replica_that_is_known() {
    List<String> both = List.of(one.address(), two.address());
    try (Tidings known = cluster.connect(both, Duration.ofSeconds(10));
        Watch watch = known.watch(ALL)) {
      watch.begin();
      one.endWatches(stops());
      two.receiveFrom(one);
      Session other = known.session();
      other.moveTo(two.address());
      other.put(KEY, Bytes.of("red"));
      assertEquals("red", next(watch));
      assertEquals(two.address(), watch.replica());
    }
  }

  @Test
  void it_goes_on_at_another_replica_when_one_does_not_answer() {
    try (Watch watch = tidings.watch(ALL.orAt(two.address(), one.address()))) {
      watch.begin();
      writer.put(KEY, Bytes.of("blue"));
      assertEquals("blue", next(watch));
      two.receiveFrom(one);
      one.endWatches(stops());
      Session other = tidings.session();
      other.moveTo(two.address());
      other.put(KEY, Bytes.of("red"));
      assertEquals("red", next(watch));
      assertEquals(two.address(), watch.replica());
    }
  }

  @Test
  void
      a_moment_that_one_replica_does_not_keep_may_be_kept_by_another_and_else_the_caller_is_told() {
    try (Watch watch = tidings.watch(ALL.orAt(two.address()))) {
      watch.begin();
      one.endWatches(notKept());
      Session other = tidings.session();
      other.moveTo(two.address());
      other.put(KEY, Bytes.of("red"));
      assertEquals("red", next(watch));
      one.refuse(notKept());
      two.endWatches(notKept());
      TidingsException refusal = assertThrows(TidingsException.class, watch::next);
      assertEquals(Reason.MOMENT_NOT_KEPT, refusal.reason());
    }
  }

  @Test
  void a_moment_that_no_replica_keeps_is_told_though_each_has_said_where_the_watch_begins() {
    try (Watch watch = tidings.watch(ALL.orAt(two.address()))) {
      watch.begin();
      one.endWatches(notKept());
      one.endGreetedWatches(notKept());
      two.endGreetedWatches(notKept());
      TidingsException refusal = assertThrows(TidingsException.class, () -> watch.next(PATIENCE));
      assertEquals(Reason.MOMENT_NOT_KEPT, refusal.reason());
    }
  }

  @Test
  void what_can_never_be_answered_is_told_at_once() {
    one.refuse(FakeReplica.refusal(Code.INVALID_ARGUMENT, "MOMENT_INVALID", "foreign", 0));
    try (Watch watch = tidings.watch(ALL)) {
      TidingsException refusal = assertThrows(TidingsException.class, watch::next);
      assertEquals(Reason.MOMENT_INVALID, refusal.reason());
    }
    one.refuse(Status.UNIMPLEMENTED.asRuntimeException());
    try (Watch watch = tidings.watch(ALL)) {
      TidingsException refusal = assertThrows(TidingsException.class, watch::next);
      assertEquals("UNIMPLEMENTED", refusal.code());
    }
  }

  @Test
  void a_watch_that_cannot_begin_in_the_time_of_a_request_says_why() {
    try (Tidings nowhere = cluster.connect("127.0.0.1:1", Duration.ofMillis(300));
        Watch watch = nowhere.watch(ALL)) {
      TidingsException refusal = assertThrows(TidingsException.class, watch::begin);
      assertEquals(Reason.UNREACHABLE, refusal.reason());
    }
  }

  @Test
  void what_a_session_is_told_its_next_write_depends_on_and_a_saved_one_too() {
    Session watcher = tidings.session();
    Watch watch = watcher.watch(WatchQuery.of(new Selector.Register(KEY)));
    watch.begin();
    writer.put(Bytes.of("unwatched"), Bytes.of("x"));
    writer.put(KEY, Bytes.of("blue"));
    watcher.put(Bytes.of("own"), Bytes.of("y"));
    assertEquals("blue", next(watch));
    PositionSet both = PositionSet.of(new Position(ONE, 2)).with(new Position(ONE, 3));
    assertEquals(both, watcher.contents().orElseThrow().dependencies());

    Session later = tidings.session(watcher.save());
    assertEquals(both, later.contents().orElseThrow().dependencies());
    later.get(Bytes.of("never"));
    assertEquals(both, later.contents().orElseThrow().dependencies());
    assertEquals(List.of(), later.save().told());

    watcher.append(FEED, Bytes.of("answer"));
    assertEquals(both, tidings.session().feed(FEED, true).get(0).writtenBy().dependencies());
    assertEquals(
        PositionSet.of(new Position(ONE, 4)), watcher.contents().orElseThrow().dependencies());
  }

  @Test
  void closing_wakes_who_waits_and_ends_the_call() throws Exception {
    Watch watch = tidings.watch(ALL);
    watch.begin();
    assertEquals(1, one.openWatches());
    assertClosedBy(watch, watch::close);
    assertEquals(0, one.openWatches());
    assertEquals(Reason.CLOSED, assertThrows(TidingsException.class, watch::next).reason());
  }

  @Test
  void closing_wakes_who_waits_to_connect() throws Exception {
    Watch watch = tidings.watch(ALL);
    for (int i = 0; i < 100; i++) {
      one.refuse(FakeReplica.refusal(Code.UNAVAILABLE, "CATCHING_UP", "soon", 900));
    }
    assertClosedBy(watch, watch::close);
  }

  @Test
  void closing_all_connections_closes_their_watches() throws Exception {
    Watch watch = tidings.watch(ALL);
    watch.begin();
    assertClosedBy(watch, tidings::close);
  }

  private static void assertClosedBy(Watch watch, Runnable action)
      throws InterruptedException, ExecutionException, TimeoutException {
    Callable<TidingsException> wait = () -> assertThrows(TidingsException.class, watch::next);
    var waiting = new FutureTask<>(wait);
    var thread = new Thread(waiting, "waits for a watch");
    thread.start();
    while (thread.getState() == Thread.State.NEW || thread.getState() == Thread.State.RUNNABLE) {
      Thread.onSpinWait();
    }
    action.run();
    assertEquals(Reason.CLOSED, waiting.get(PATIENCE.toSeconds(), TimeUnit.SECONDS).reason());
  }

  @Test
  void an_interrupt_ends_the_wait_and_stays_set() {
    try (Watch watch = tidings.watch(ALL)) {
      watch.begin();
      Thread.currentThread().interrupt();
      assertThrows(TidingsException.class, watch::next);
      assertTrue(Thread.interrupted());
    }
  }
}
