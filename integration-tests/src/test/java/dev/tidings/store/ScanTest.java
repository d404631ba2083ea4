package dev.tidings.store;

import static dev.tidings.harness.TestSession.add;
import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.counter;
import static dev.tidings.harness.TestSession.increment;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import com.google.protobuf.ByteString;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.FaultyDisk.Space;
import dev.tidings.harness.Refusal;
import dev.tidings.harness.Reply;
import dev.tidings.harness.TestSession;
import dev.tidings.harness.TestWatch;
import dev.tidings.replica.Limits;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.MomentKeeping;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.Position;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.ScanResponse;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** Moments that are named and read again, and reads of many pages from one moment. */
final class ScanTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  /** A client that takes one page at a time. */
  private static final class TestScan
      implements ClientResponseObserver<ClientReadRequest, ScanResponse> {
    private final Cluster cluster;
    private final Reply<ScanResponse> reply = new Reply<>();
    private @Nullable ClientCallStreamObserver<ClientReadRequest> call;

    TestScan(Cluster cluster, int replica, ClientReadRequest.Builder request) {
      this.cluster = cluster;
      CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica)).scan(request.build(), this);
      cluster.time().settle();
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<ClientReadRequest> requests) {
      call = requests;
      requests.disableAutoRequestWithInitial(1);
    }

    @Override
    public void onNext(ScanResponse page) {
      reply.onNext(page);
    }

    @Override
    public void onError(Throwable failure) {
      reply.onError(failure);
    }

    @Override
    public void onCompleted() {
      reply.onCompleted();
    }

    void take(int pages) {
      Objects.requireNonNull(call).request(pages);
      cluster.time().settle();
    }

    void leave() {
      Objects.requireNonNull(call).cancel("left", null);
      cluster.time().settle();
    }

    List<ScanResponse> pages() {
      return reply.messages();
    }

    /** All elements of sets. */
    List<String> elements() {
      return pages().stream()
          .flatMap(page -> page.getResult().getSet().getElementsList().stream())
          .map(ByteString::toStringUtf8)
          .toList();
    }
  }

  private static ReadItem set(String name, int limit) {
    var item = ReadItem.newBuilder();
    item.getSetBuilder().setSet(ByteString.copyFromUtf8(name)).setLimit(limit);
    return item.build();
  }

  private static ClientReadRequest.Builder read(ReadItem... items) {
    return ClientReadRequest.newBuilder().addAllItems(List.of(items));
  }

  private static ClientReadRequest.Builder read(ByteString moment, ReadItem... items) {
    return read(items).setMoment(moment);
  }

  private static Reply<ClientReadResponse> ask(
      Cluster cluster, int replica, ClientReadRequest.Builder request) {
    var reply = new Reply<ClientReadResponse>();
    CausalStoreServiceGrpc.newStub(cluster.clientChannel(replica))
        .clientRead(request.build(), reply);
    return reply;
  }

  private static ClientReadResponse answer(
      Cluster cluster, int replica, ClientReadRequest.Builder request) {
    return ask(cluster, replica, request).within(cluster.time(), PATIENCE);
  }

  /** The name of what replica 1 shows now. */
  private static ByteString keepNow(Cluster cluster) {
    return answer(cluster, 1, read(key("k")).setKeepMoment(MomentKeeping.MOMENT_KEEPING_ALWAYS))
        .getMoment();
  }

  private static String value(ClientReadResponse response) {
    return response.getResults(0).getRegister().getValue().toStringUtf8();
  }

  private static Mutation[] adds(String set, int from, int to) {
    var mutation = Mutation.newBuilder();
    mutation.getAddBuilder().setSet(ByteString.copyFromUtf8(set));
    IntStream.range(from, to)
        .forEach(
            i ->
                mutation.getAddBuilder().addElements(ByteString.copyFromUtf8("%04d".formatted(i))));
    return new Mutation[] {mutation.build()};
  }

  @Test
  void a_scan_tells_every_page_of_every_item_and_all_of_one_moment_whatever_is_written_meanwhile() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestSession session = cluster.session(1);
      session.write(adds("s", 0, 25));
      session.write(put("k", "old"), increment("c", 7));
      var scan = new TestScan(cluster, 1, read(set("s", 10), key("k"), counter("c")));
      session.write(add("s", "0000a"), add("t", "x"));
      session.write(put("k", "new"), increment("c", 1));
      scan.take(10);
      assertTrue(scan.reply.isAnswered());
      assertEquals(
          List.of(0, 0, 0, 1, 2), scan.pages().stream().map(ScanResponse::getItem).toList());
      assertEquals(IntStream.range(0, 25).mapToObj("%04d"::formatted).toList(), scan.elements());
      assertEquals("old", scan.pages().get(3).getResult().getRegister().getValue().toStringUtf8());
      assertEquals(7, scan.pages().get(4).getResult().getCounter().getValue());
      assertTrue(scan.pages().stream().allMatch(page -> page.getMoment().isEmpty()));
    }
  }

  @Test
  void
      a_scan_begins_when_what_its_session_has_seen_is_visible_and_its_session_has_seen_each_page() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      TestSession session = cluster.session(1);
      Position added = session.write(adds("s", 0, 5)).getPosition();
      var scan = new TestScan(cluster, 2, read(set("s", 2)).setSession(session.state()));
      assertTrue(scan.pages().isEmpty());
      cluster.time().advance(Duration.ofSeconds(1));
      scan.take(10);
      assertEquals(5, scan.elements().size());
      // Who goes on from a page alone depends on what it showed.
      TestSession other = cluster.session(2);
      other.setState(scan.pages().get(0).getSession());
      other.write(put("k", "v"));
      assertEquals(TestSession.only(added), other.register("k").getWrittenBy().getDependencies());
    }
  }

  @Test
  void a_page_is_read_only_when_it_can_be_taken() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestSession session = cluster.session(1);
      String large = "x".repeat(100_000);
      for (int i = 0; i < 50; i++) {
        session.write(append("f", large + i));
      }
      var feed = ReadItem.newBuilder();
      feed.getFeedBuilder().setFeed(ByteString.copyFromUtf8("f")).setLimit(1);
      int[] reads = new int[1];
      cluster.onDiskWork(
          new Cluster.DiskWork() {
            @Override
            public void reading(int id) {
              reads[0]++;
            }
          });
      var scan = new TestScan(cluster, 1, read(feed.build()));
      assertEquals(1, scan.pages().size());
      int readAtFirst = reads[0];
      scan.take(100);
      assertEquals(50, scan.pages().size());
      assertTrue(reads[0] >= readAtFirst + 48, () -> readAtFirst + " of " + reads[0]);
      assertTrue(scan.reply.isAnswered());
    }
  }

  @Test
  void a_moment_that_is_named_reads_the_same_again_although_the_session_has_seen_later_ones() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "old"));
      ByteString then = keepNow(cluster);
      session.write(put("k", "new"));
      ClientReadResponse again =
          answer(cluster, 1, read(then, key("k")).setSession(session.state()));
      assertEquals("old", value(again));
      assertEquals(then, again.getMoment());
      // The session does not forget what it has seen.
      session.setState(again.getSession());
      assertEquals("new", session.get("k").orElseThrow());
      var scan = new TestScan(cluster, 1, read(then, key("k")));
      assertEquals("old", scan.pages().get(0).getResult().getRegister().getValue().toStringUtf8());
      assertEquals(then, scan.pages().get(0).getMoment());
      // It is kept after a scan of it.
      assertEquals("old", value(answer(cluster, 1, read(then, key("k")))));
    }
  }

  @Test
  void at_another_replica_a_moment_means_at_least_this() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      cluster.session(1).write(put("k", "old"));
      ByteString then = keepNow(cluster);
      Reply<ClientReadResponse> there = ask(cluster, 2, read(then, key("k")));
      cluster.time().settle();
      assertFalse(there.hasEnded());
      ClientReadResponse response = there.within(cluster.time(), PATIENCE);
      assertEquals("old", value(response));
      assertTrue(response.getMoment().isEmpty());
      cluster.session(2).write(put("k", "new"));
      assertEquals("new", value(answer(cluster, 2, read(then, key("k")))));
    }
  }

  @Test
  void a_watch_after_a_read_tells_exactly_what_the_read_did_not_show() {
    try (Cluster cluster = Cluster.started(2, "1>2=1s")) {
      cluster.session(1).write(put("k", "1"));
      cluster.session(2).write(put("j", "1"));
      ByteString then = keepNow(cluster);
      cluster.session(1).write(put("k", "2"));
      cluster.time().advance(Duration.ofSeconds(3));
      assertEquals(
          List.of("j=1", "k=2"),
          TestWatch.ofEverything(cluster, 1, then).words().stream().sorted().toList());
      assertEquals(
          List.of("j=1", "k=2"),
          TestWatch.ofEverything(cluster, 2, then).words().stream().sorted().toList());
    }
  }

  @Test
  void a_moment_that_nobody_reads_is_not_kept_for_ever_nor_one_that_is_old_nor_over_a_restart() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(put("k", "old"));
      ByteString idle = keepNow(cluster);
      ByteString old = keepNow(cluster);
      for (int minutes = 0; minutes < 56; minutes += 4) {
        cluster.time().advance(Duration.ofMinutes(4));
        assertEquals("old", value(answer(cluster, 1, read(old, key("k")))));
      }
      assertNotKept(cluster, idle);
      cluster.time().advance(Duration.ofMinutes(4).plusSeconds(30));
      assertNotKept(cluster, old);
      ByteString restarted = keepNow(cluster);
      cluster.kill(1);
      cluster.start(1);
      keepNow(cluster);
      assertNotKept(cluster, restarted);
    }
  }

  private static void assertNotKept(Cluster cluster, ByteString moment) {
    Reply<ClientReadResponse> reply = ask(cluster, 1, read(moment, key("k")));
    cluster.time().settle();
    Refusal refusal = Refusal.of(reply);
    assertEquals("MOMENT_NOT_KEPT", refusal.reason());
    assertEquals(Status.Code.OUT_OF_RANGE, refusal.code());
    assertTrue(refusal.message().contains("no longer kept"), refusal::message);
  }

  @Test
  void of_more_than_a_thousand_moments_the_one_that_was_read_longest_ago_makes_room() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(put("k", "old"));
      ByteString first = keepNow(cluster);
      ByteString second = keepNow(cluster);
      for (int i = 0; i < 998; i++) {
        keepNow(cluster);
      }
      assertEquals("old", value(answer(cluster, 1, read(first, key("k")))));
      keepNow(cluster);
      assertNotKept(cluster, second);
      assertEquals("old", value(answer(cluster, 1, read(first, key("k")))));
    }
  }

  @Test
  void scans_that_have_ended_or_whose_client_has_left_keep_nothing() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(adds("s", 0, 10));
      ByteString first = keepNow(cluster);
      for (int i = 0; i < 1_000; i++) {
        var left = new TestScan(cluster, 1, read(set("s", 1)));
        left.leave();
        var scan = new TestScan(cluster, 1, read(set("s", 5)));
        scan.take(5);
        assertTrue(scan.reply.isAnswered());
      }
      assertEquals(
          10,
          answer(cluster, 1, read(first, set("s", 0))).getResults(0).getSet().getElementsCount());
    }
  }

  @Test
  void a_moment_can_be_kept_only_where_there_is_another_page() {
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(adds("s", 0, 10));
      ClientReadRequest.Builder whole = read(set("s", 10));
      ClientReadRequest.Builder part = read(key("k"), set("s", 9));
      whole.setKeepMoment(MomentKeeping.MOMENT_KEEPING_IF_MORE);
      part.setKeepMoment(MomentKeeping.MOMENT_KEEPING_IF_MORE);
      assertTrue(answer(cluster, 1, whole).getMoment().isEmpty());
      assertFalse(answer(cluster, 1, part).getMoment().isEmpty());
    }
  }

  @Test
  void a_moment_is_kept_for_the_rest_of_a_maps_field_too() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Mutation.Builder inMap = Mutation.newBuilder();
      inMap
          .getInMapBuilder()
          .setMap(ByteString.copyFromUtf8("m"))
          .setChange(adds("s", 0, Limits.MAX_PAGE + 1)[0]);
      cluster.session(1).write(inMap.build());
      var map = ReadItem.newBuilder();
      map.getMapBuilder().setMap(ByteString.copyFromUtf8("m"));
      ClientReadRequest.Builder request = read(map.build());
      request.setKeepMoment(MomentKeeping.MOMENT_KEEPING_IF_MORE);
      assertFalse(answer(cluster, 1, request).getMoment().isEmpty());
    }
  }

  @Test
  void a_full_disk_needs_the_space_that_moments_keep() {
    try (Cluster cluster = Cluster.started(1, "")) {
      TestSession session = cluster.session(1);
      session.write(put("k", "old"));
      ByteString then = keepNow(cluster);
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);
      session.send(put("k", "new"));
      cluster.time().settle();
      cluster.disk(1).set(Space.ENOUGH);
      cluster.time().advance(Duration.ofSeconds(2));
      assertNotKept(cluster, then);
    }
  }

  @Test
  void a_bad_moment_is_refused() {
    try (Cluster cluster = Cluster.started(1, "")) {
      Reply<ClientReadResponse> reply =
          ask(cluster, 1, read(ByteString.copyFromUtf8("tomorrow"), key("k")));
      cluster.time().settle();
      assertEquals("MOMENT_INVALID", Refusal.of(reply).reason());
      var scan = new TestScan(cluster, 1, ClientReadRequest.newBuilder());
      assertEquals("INVALID_REQUEST", Refusal.of(scan.reply).reason());
    }
  }
}
