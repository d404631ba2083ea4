package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import com.google.rpc.Code;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.SessionToken;
import io.grpc.Status;
import java.nio.ByteBuffer;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.zip.CRC32C;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;

class SessionTest {
  private static final Bytes KEY = Bytes.of("color");
  private static final Bytes FEED = Bytes.of("ring");
  private static final Origin ONE = new Origin(1, 101);
  private static final Origin TWO = new Origin(2, 102);

  private final FakeCluster cluster = new FakeCluster(2);
  private final FakeReplica one = cluster.replica(1);
  private final FakeReplica two = cluster.replica(2);
  private final Tidings tidings = cluster.connect(one.address(), Duration.ofSeconds(10));
  private final Session session = tidings.session();

  @AfterEach
  void close() {
    tidings.close();
    cluster.close();
  }

  @Test
  void session_reads_what_it_wrote_with_version_and_position() {
    WriteInfo write = session.put(KEY, Bytes.of("blue"));
    assertEquals(new WriteInfo(new Version(1, ONE), new Position(ONE, 1), null), write);
    assertEquals(new Value(Bytes.of("blue"), write, false), session.get(KEY));
  }

  @Test
  void deleted_value_is_absent_but_its_delete_is_known() {
    session.put(KEY, Bytes.of("blue"));
    WriteInfo delete = session.delete(KEY);
    assertEquals(new Value(null, delete, false), session.get(KEY));
    assertNull(session.get(Bytes.of("never")).writtenBy());
  }

  @Test
  void several_keys_and_feeds_are_read_at_once_in_the_order_of_the_query() {
    session.write(
        List.of(
            new Mutation.Put(KEY, Bytes.of("blue")), new Mutation.Append(FEED, Bytes.of("hello"))));
    int before = one.reads();
    Snapshot snapshot =
        session.read(new Query(List.of(Bytes.of("never"), KEY), List.of(Item.feed(FEED)), true));
    assertNull(snapshot.values().get(0).bytes());
    assertEquals(Bytes.of("blue"), snapshot.values().get(1).bytes());
    FeedEntry entry = snapshot.feeds().get(0).entries().get(0);
    assertEquals(Bytes.of("hello"), entry.value());
    assertEquals(PositionSet.EMPTY, entry.writtenBy().dependencies());
    assertEquals(before + 1, one.reads());
  }

  @Test
  void feed_is_read_to_its_end_page_by_page_in_version_order() {
    one.setPageSize(2);
    for (int i = 0; i < 5; i++) {
      session.append(FEED, Bytes.of("entry " + i));
    }
    List<FeedEntry> feed = session.feed(FEED, false);
    assertEquals(
        List.of("entry 0", "entry 1", "entry 2", "entry 3", "entry 4"),
        feed.stream().map(entry -> entry.value().utf8()).toList());
    assertEquals(3, one.reads());
  }

  @Test
  void write_depends_on_what_its_session_has_read() {
    session.append(FEED, Bytes.of("found"));
    Session reader = tidings.session();
    reader.feed(FEED, false);
    reader.append(FEED, Bytes.of("glad"));
    assertEquals(
        PositionSet.of(new Position(ONE, 1)),
        session.feed(FEED, true).get(1).writtenBy().dependencies());
  }

  @Test
  void session_that_moves_is_answered_once_the_replica_shows_what_it_has_seen() {
    session.put(KEY, Bytes.of("blue"));
    two.beforeRead(
        () -> {
          if (two.reads() == 3) {
            two.receiveFrom(one);
          }
        });
    session.moveTo(two.address());
    assertEquals(Bytes.of("blue"), session.get(KEY).bytes());
    assertEquals(3, two.reads());
  }

  @Test
  void replica_that_lags_for_longer_than_the_deadline_is_named_with_what_it_lacks() {
    try (Tidings impatient = cluster.connect(one.address(), Duration.ofSeconds(2))) {
      Session mover = impatient.session();
      mover.put(KEY, Bytes.of("blue"));
      mover.moveTo(two.address());
      TidingsException refusal = assertThrows(TidingsException.class, () -> mover.get(KEY));
      assertEquals(Reason.NOT_YET_VISIBLE, refusal.reason());
      assertEquals("UNAVAILABLE", refusal.code());
      assertFalse(refusal.outcomeUnknown());
      assertTrue(refusal.toString().contains(two.address()), refusal.toString());
      assertTrue(refusal.toString().contains("1 missing"), refusal.toString());
      assertTrue(two.reads() > 1);
    }
  }

  @Test
  void write_that_is_definitely_refused_is_repeated_with_the_same_request_id() {
    one.refuse(FakeReplica.refusal(Code.RESOURCE_EXHAUSTED, "OVERLOADED", "full", 1));
    one.refuse(FakeReplica.refusal(Code.UNAVAILABLE, "SHUTTING_DOWN", "stopping", 1));
    session.put(KEY, Bytes.of("blue"));
    session.put(KEY, Bytes.of("red"));
    assertEquals(
        List.of(1L, 1L, 1L, 2L),
        one.writeRequests().stream().map(r -> r.getRequestId().getNumber()).toList());
    assertEquals(16, one.writeRequests().get(0).getRequestId().getSession().size());
    assertEquals(
        1,
        one.writeRequests().stream()
            .map(ClientWriteRequest::getRequestId)
            .map(id -> id.getSession())
            .distinct()
            .count());
  }

  @Test
  void write_whose_connection_broke_is_repeated_with_the_same_request_id() {
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    session.put(KEY, Bytes.of("blue"));
    assertEquals(
        List.of(1L, 1L),
        one.writeRequests().stream().map(r -> r.getRequestId().getNumber()).toList());
  }

  @Test
  void write_that_may_have_happened_once_may_have_happened_whatever_is_said_of_its_repetition() {
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    one.refuse(FakeReplica.refusal(Code.RESOURCE_EXHAUSTED, "DISK_FULL", "full", 1));
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> session.put(KEY, Bytes.of("blue")));
    assertEquals(Reason.DISK_FULL, refusal.reason());
    assertTrue(refusal.outcomeUnknown());
    assertTrue(refusal.toString().contains("may have happened"), refusal.toString());
  }

  @Test
  void read_whose_connection_broke_is_repeated() {
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    assertNull(session.get(KEY).bytes());
    assertEquals(2, one.reads());
  }

  @Test
  void write_that_never_left_is_known_not_to_have_happened() {
    try (Tidings nowhere = cluster.connect("127.0.0.1:1", Duration.ofMillis(500))) {
      TidingsException refusal =
          assertThrows(TidingsException.class, () -> nowhere.session().put(KEY, Bytes.of("blue")));
      assertEquals(Reason.UNREACHABLE, refusal.reason());
      assertFalse(refusal.outcomeUnknown());
    }
  }

  @Test
  void write_that_commutes_goes_elsewhere_as_the_same_request_and_says_so() {
    List<String> both = List.of(one.address(), two.address());
    try (Tidings several = cluster.connect(both, Duration.ofSeconds(10))) {
      Session mover = several.session();
      mover.increment(KEY, 1);
      two.receiveFrom(one);
      one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
      mover.increment(KEY, 1);
      assertEquals(two.address(), mover.replica());
      ClientWriteRequest first = one.writeRequests().get(1);
      ClientWriteRequest second = two.writeRequests().get(0);
      assertFalse(first.getRequestId().getRetried());
      assertTrue(second.getRequestId().getRetried());
      assertEquals(2, second.getRequestId().getNumber());
      assertEquals(
          first, second.toBuilder().setRequestId(first.getRequestId()).build(), "all the rest");

      // A first try that arrives after the next request must still be known by its id.
      mover.increment(KEY, 1);
      ClientWriteRequest next = two.writeRequests().get(1);
      assertNotEquals(first.getRequestId().getSession(), next.getRequestId().getSession());
      assertEquals(1, next.getRequestId().getNumber());
      assertFalse(next.getRequestId().getRetried());
    }
  }

  @Test
  void read_goes_elsewhere_when_the_replica_fails_and_a_put_does_not() {
    List<String> both = List.of(one.address(), two.address());
    try (Tidings several = cluster.connect(both, Duration.ofSeconds(10))) {
      Session mover = several.session();
      one.refuse(Status.INTERNAL.withDescription("the replica failed").asRuntimeException());
      TidingsException failure =
          assertThrows(TidingsException.class, () -> mover.put(KEY, Bytes.of("blue")));
      assertTrue(failure.outcomeUnknown());
      assertEquals(0, two.writes());
      one.refuse(Status.INTERNAL.withDescription("the replica failed").asRuntimeException());
      assertNull(mover.get(KEY).bytes());
      assertEquals(two.address(), mover.replica());
    }
  }

  @Test
  void session_goes_on_under_a_new_id_after_a_write_of_unknown_outcome() {
    one.refuse(Status.INTERNAL.withDescription("the replica failed").asRuntimeException());
    assertThrows(TidingsException.class, () -> session.put(KEY, Bytes.of("blue")));
    session.put(KEY, Bytes.of("red"));
    assertNotEquals(
        one.writeRequests().get(0).getRequestId().getSession(),
        one.writeRequests().get(1).getRequestId().getSession());
  }

  @Test
  void interrupted_thread_gives_its_request_up_and_stays_interrupted() {
    try (Tidings nowhere = cluster.connect("127.0.0.1:1", Duration.ofSeconds(10))) {
      Session stuck = nowhere.session();
      Thread.currentThread().interrupt();
      TidingsException refusal = assertThrows(TidingsException.class, () -> stuck.get(KEY));
      assertTrue(Thread.interrupted());
      assertEquals("CANCELLED", refusal.code());
      assertEquals("the request to replica 127.0.0.1:1 was interrupted", refusal.getMessage());
      stuck.moveTo(one.address());
      assertNull(stuck.get(KEY).bytes());
    }
  }

  @Test
  void blocking_call_may_be_made_by_what_depends_on_a_future() throws Exception {
    CompletableFuture<Long> count =
        session
            .async()
            .write(new Mutation.Increment(KEY, 1))
            .thenApply(write -> session.counter(KEY));
    assertEquals(1L, count.get(10, TimeUnit.SECONDS));
  }

  @Test
  void refusal_that_repeating_does_not_help_is_thrown_at_once() {
    one.refuse(
        FakeReplica.refusal(
            Code.INVALID_ARGUMENT, "SIZE_LIMIT", "the key has 2000 bytes; at most 1024", 0));
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> session.put(KEY, Bytes.of("blue")));
    assertEquals(Reason.SIZE_LIMIT, refusal.reason());
    assertFalse(refusal.outcomeUnknown());
    assertTrue(refusal.toString().contains("at most 1024"), refusal.toString());
    assertEquals(1, one.writeRequests().size());
  }

  @Test
  void failure_of_the_replica_leaves_a_writes_outcome_open() {
    one.refuse(Status.INTERNAL.withDescription("the replica failed").asRuntimeException());
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> session.put(KEY, Bytes.of("blue")));
    assertEquals(Reason.OTHER, refusal.reason());
    assertTrue(refusal.outcomeUnknown());
  }

  @Test
  void clock_that_was_moved_on_counts_for_the_next_write() {
    session.put(KEY, Bytes.of("blue"));
    session.advanceClock(3);
    assertEquals(4, session.clock());
    assertEquals(5, session.put(KEY, Bytes.of("red")).version().lamportTime());
    assertEquals(5, session.clock());
    assertThrows(IllegalArgumentException.class, () -> session.advanceClock(-1));
    assertThrows(IllegalArgumentException.class, () -> session.advanceClock(Long.MAX_VALUE));
  }

  @Test
  void saved_session_goes_on_where_it_was_under_an_id_of_its_own() {
    session.append(FEED, Bytes.of("lost"));
    session.advanceClock(3);
    Session continued = tidings.session(session.save());
    assertEquals(4, continued.clock());
    assertEquals(one.address(), continued.replica());
    continued.append(FEED, Bytes.of("found"));
    assertEquals(
        PositionSet.of(new Position(ONE, 1)),
        continued.feed(FEED, true).get(1).writtenBy().dependencies());
    assertNotEquals(
        one.writeRequests().get(0).getRequestId().getSession(),
        one.writeRequests().get(1).getRequestId().getSession());
  }

  @Test
  void token_says_its_cluster_clock_and_dependencies() {
    assertTrue(session.contents().isEmpty());
    session.put(KEY, Bytes.of("blue"));
    assertEquals(
        new SessionContents("fake", 1, PositionSet.of(new Position(ONE, 1))),
        session.contents().orElseThrow());
  }

  @Test
  void session_that_is_damaged_or_of_another_cluster_is_refused_at_once() {
    session.put(KEY, Bytes.of("blue"));
    byte[] token = session.save().token().toByteArray();
    token[3] ^= 1;
    var damaged = new SavedSession(one.address(), Bytes.of(token), session.clock());
    TidingsException refusal = assertThrows(TidingsException.class, () -> tidings.session(damaged));
    assertEquals(Reason.SESSION_TOKEN_INVALID, refusal.reason());
    assertEquals("the session token is damaged", refusal.getMessage());

    ByteString contents =
        SessionToken.newBuilder()
            .setFormatVersion(1)
            .setCluster("elsewhere")
            .build()
            .toByteString();
    var crc = new CRC32C();
    crc.update(contents.asReadOnlyByteBuffer());
    byte[] checksum = ByteBuffer.allocate(4).putInt((int) crc.getValue()).array();
    Bytes foreign = new Bytes(contents.concat(ByteString.copyFrom(checksum)));
    refusal =
        assertThrows(
            TidingsException.class,
            () -> tidings.session(new SavedSession(one.address(), foreign, 0)));
    assertEquals(Reason.SESSION_TOKEN_INVALID, refusal.reason());
    assertTrue(
        refusal.toString().contains("the session is of cluster \"elsewhere\""),
        refusal.getMessage());
    assertTrue(refusal.toString().endsWith("of \"fake\""), refusal.toString());
  }

  @Test
  void status_tells_what_is_stalled_and_what_it_waits_for() {
    session.append(FEED, Bytes.of("found"));
    two.receiveFrom(one);
    Session bob = tidings.session();
    bob.moveTo(two.address());
    bob.feed(FEED, false);
    bob.append(FEED, Bytes.of("glad"));
    try (FakeCluster other = new FakeCluster(3)) {
      FakeReplica three = other.replica(3);
      three.receiveFrom(two);
      ReplicaStatus status =
          other.connect(three.address(), Duration.ofSeconds(10)).admin(three.address()).status();
      assertEquals(1, status.stalledNow());
      assertEquals(
          List.of(
              new ReplicaStatus.Stalled(
                  new Position(TWO, 1), new Version(3, TWO), PositionSet.of(new Position(ONE, 1)))),
          status.stalled());
      assertEquals(2, status.peers().size());
    }
  }

  @Test
  void replica_that_is_down_is_said_to_be_down_at_once() {
    one.refuse(Status.UNAVAILABLE.withDescription("connection reset").asRuntimeException());
    TidingsException refusal =
        assertThrows(TidingsException.class, () -> tidings.admin(one.address()).status());
    assertEquals(Reason.UNREACHABLE, refusal.reason());
    assertEquals(0, tidings.admin(one.address()).status().stalledNow());
  }

  @Test
  void addresses_that_are_none_are_refused() {
    for (String address : List.of("", "here", ":8000", "here:", "here:0", "here:70000", "a b:1")) {
      assertThrows(
          IllegalArgumentException.class, () -> session.moveTo(address), "accepted " + address);
    }
    session.moveTo("[::1]:8000");
    assertEquals("[::1]:8000", session.replica());
  }
}
