package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.put;
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
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.BackupRequest;
import dev.tidings.v1.BackupResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.PositionSet;
import dev.tidings.v1.Register;
import dev.tidings.v1.RestoreRequest;
import dev.tidings.v1.RestoreResponse;
import dev.tidings.v1.SessionState;
import dev.tidings.v1.SnapshotEntry;
import dev.tidings.v1.SnapshotPage;
import dev.tidings.v1.SnapshotTable;
import io.grpc.Status;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Random;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

/** A backup is one moment of one replica; restored, it is the beginning of a new cluster. */
final class BackupTest {
  private static final Duration PATIENCE = Duration.ofSeconds(30);
  private static final int KEYS = 12;

  /** So large that all keys together take several pages. */
  private static final String PADDING = "x".repeat(150_000);

  /** A backup that comes page by page, when it is asked for more. */
  private static final class Taken
      implements ClientResponseObserver<BackupRequest, BackupResponse> {
    private final Reply<BackupResponse> reply = new Reply<>();
    private @Nullable ClientCallStreamObserver<BackupRequest> call;

    static Taken of(Cluster cluster, int replica) {
      var taken = new Taken();
      AdminServiceGrpc.newStub(cluster.clientChannel(replica))
          .backup(BackupRequest.getDefaultInstance(), taken);
      return taken;
    }

    @Override
    public void beforeStart(ClientCallStreamObserver<BackupRequest> requests) {
      call = requests;
      requests.disableAutoRequestWithInitial(0);
    }

    @Override
    public void onNext(BackupResponse message) {
      reply.onNext(message);
    }

    @Override
    public void onError(Throwable failure) {
      reply.onError(failure);
    }

    @Override
    public void onCompleted() {
      reply.onCompleted();
    }

    ClientCallStreamObserver<BackupRequest> call() {
      return Objects.requireNonNull(call);
    }

    /** Takes the rest of it. */
    List<BackupResponse> complete(Cluster cluster) {
      call().request(Integer.MAX_VALUE);
      cluster.time().until("the backup is complete", PATIENCE, reply::hasEnded);
      assertTrue(reply.isAnswered(), () -> String.valueOf(reply.failure()));
      return reply.messages();
    }
  }

  private static List<BackupResponse> backup(Cluster cluster, int replica) {
    return Taken.of(cluster, replica).complete(cluster);
  }

  private static List<RestoreRequest> requests(List<BackupResponse> backup) {
    return backup.stream()
        .map(
            message ->
                message.hasHeader()
                    ? RestoreRequest.newBuilder().setHeader(message.getHeader()).build()
                    : RestoreRequest.newBuilder().setPage(message.getPage()).build())
        .toList();
  }

  private static Reply<RestoreResponse> restore(
      Cluster cluster, int replica, List<RestoreRequest> backup) {
    var reply = new Reply<RestoreResponse>();
    StreamObserver<RestoreRequest> requests =
        AdminServiceGrpc.newStub(cluster.clientChannel(replica)).restore(reply);
    backup.forEach(requests::onNext);
    requests.onCompleted();
    return reply;
  }

  private static Refusal refusal(Cluster cluster, int replica, List<RestoreRequest> backup) {
    Reply<RestoreResponse> reply = restore(cluster, replica, backup);
    cluster.time().settle();
    return Refusal.of(reply);
  }

  /** A new cluster of three, as the backup's is called. */
  private static Cluster fresh(List<BackupResponse> backup) {
    var cluster = new Cluster(3, "1-2=1s,2-3=1s,1-3=2s", Consistency.CAUSAL);
    cluster.belongTo(backup.get(0).getHeader().getCluster());
    cluster.waitForPeers(Duration.ofSeconds(30));
    cluster.startAll();
    cluster.time().advance(Duration.ofSeconds(5));
    return cluster;
  }

  private static Map<String, Register> registers(Cluster cluster, int replica) {
    var all = new TreeMap<String, Register>();
    for (int i = 0; i < KEYS; i++) {
      all.put("a" + i, cluster.session(replica).register("a" + i));
      all.put("b" + i, cluster.session(replica).register("b" + i));
    }
    return all;
  }

  private static int number(@Nullable Register register) {
    return register != null && register.hasValue()
        ? Integer.parseInt(register.getValue().toStringUtf8().split(" ", 2)[0])
        : 0;
  }

  /** Value and write, without what may be long, or forgotten. */
  private static String brief(Register register) {
    return "%d by %s %s"
        .formatted(
            number(register),
            register.getWrittenBy().getVersion(),
            register.getWrittenBy().getPosition().getSequence());
  }

  /** Writes some a, and then the b that depends on it. */
  private static void writePair(Cluster cluster, Random chance, int number) {
    int key = chance.nextInt(KEYS);
    TestSession session = cluster.session(1 + chance.nextInt(3));
    session.send(put("a" + key, number + " " + PADDING));
    cluster.time().settle();
    TestSession reader = cluster.session(session.replica());
    reader.read(key("a" + key));
    reader.send(put("b" + key, number + ""), append("feed", "entry " + number));
    cluster.time().settle();
  }

  @Test
  void a_backup_taken_under_writes_becomes_the_beginning_of_a_new_cluster() {
    var chance = new Random(7);
    List<BackupResponse> backup;
    Map<String, Register> moment;
    List<String> feed;
    ClientWriteResponse recognised;
    SessionState within;
    SessionState beyond;
    try (Cluster cluster = Cluster.started(3, "1-2=1s,2-3=1s,1-3=2s")) {
      Reply<ClientWriteResponse> first =
          cluster.session(2).sendNext(put("mine", "1"), append("feed", "first"));
      recognised = first.within(cluster.time(), PATIENCE);
      TestSession deleter = cluster.session(1);
      deleter.write(put("deleted", "once"));
      deleter.write(delete("deleted"));
      for (int i = 1; i <= 60; i++) {
        writePair(cluster, chance, i);
        cluster.time().advance(Duration.ofMillis(chance.nextInt(300)));
      }
      TestSession witness = cluster.session(2);
      witness.read(key("a0"), key("b0"));
      within = witness.state();

      Taken taken = Taken.of(cluster, 2);
      cluster.time().settle();
      moment = registers(cluster, 2);
      feed = cluster.session(2).entries("feed");
      for (int i = 61; i <= 120; i++) {
        writePair(cluster, chance, i);
        cluster.time().advance(Duration.ofMillis(chance.nextInt(100)));
        if (i % 20 == 0) {
          taken.call().request(1);
        }
      }
      TestSession later = cluster.session(2);
      later.write(put("later", "1"));
      beyond = later.state();
      assertFalse(moment.equals(registers(cluster, 2)), "nothing was written meanwhile");
      backup = taken.complete(cluster);
      assertTrue(backup.size() >= 5, "a header and pages: " + backup.size());
    }
    long lamportTime = backup.get(1).getPage().getHead().getLamportTime();

    try (Cluster cluster = fresh(backup)) {
      RestoreResponse restored =
          restore(cluster, 3, requests(backup)).within(cluster.time(), PATIENCE);
      assertTrue(restored.getLamportTime() > lamportTime);
      cluster.time().advance(Duration.ofMinutes(1));
      for (int life = 0; life < 2; life++) {
        for (int id = 1; id <= 3; id++) {
          for (Map.Entry<String, Register> now : registers(cluster, id).entrySet()) {
            Register then = Objects.requireNonNull(moment.get(now.getKey()));
            assertEquals(
                brief(then),
                brief(now.getValue()),
                "%s at replica %d, life %d".formatted(now.getKey(), id, life));
          }
          assertEquals(feed, cluster.session(id).entries("feed"));
          Register deleted = cluster.session(id).register("deleted");
          assertFalse(deleted.hasValue());
          assertTrue(deleted.hasWrittenBy(), "the delete itself is known");
          assertEquals(Optional.empty(), cluster.session(id).get("later"));
          assertEquals(3, cluster.replicas(id));
        }
        for (int i = 0; i < KEYS; i++) {
          assertTrue(number(moment.get("a" + i)) >= number(moment.get("b" + i)), "causally closed");
        }
        for (int id = 1; id <= 3; id++) {
          cluster.kill(id);
        }
        cluster.startAll();
        cluster.time().advance(Duration.ofMinutes(1));
      }

      // What clients of the old cluster know.
      TestSession old = cluster.session(1);
      old.setState(within);
      old.read(key("a0"));
      TestSession lost = cluster.session(1);
      lost.setState(beyond);
      var read = lost.request(key("a0"));
      cluster.time().advance(Duration.ofSeconds(5));
      assertEquals("WRITE_LOST", Refusal.of(read).reason());

      // What is written now.
      for (int id = 1; id <= 3; id++) {
        ClientWriteResponse written = cluster.session(id).write(put("a" + id, "new"));
        assertTrue(written.getVersion().getLamportTime() > lamportTime);
      }
      cluster.time().advance(Duration.ofMinutes(1));
      for (int id = 1; id <= 3; id++) {
        for (int by = 1; by <= 3; by++) {
          assertEquals(Optional.of("new"), cluster.session(id).get("a" + by));
        }
        cluster.session(id).write(put("deleted", "again"));
      }
    }

    try (Cluster cluster = fresh(backup)) {
      restore(cluster, 1, requests(backup)).within(cluster.time(), PATIENCE);
      cluster.time().advance(Duration.ofMinutes(1));
      // The first session of every cluster has the same id.
      assertEquals(
          recognised.getPosition(),
          cluster
              .session(2)
              .sendNext(put("mine", "2"))
              .within(cluster.time(), PATIENCE)
              .getPosition());
      assertEquals(Optional.of("1"), cluster.session(2).get("mine"));
    }
  }

  @Test
  void a_backup_is_restored_only_where_nothing_is() {
    List<BackupResponse> backup;
    try (Cluster cluster = Cluster.started(3, "")) {
      cluster.session(1).write(put("k", "old"));
      cluster.converge();
      backup = backup(cluster, 1);
      Refusal own = refusal(cluster, 1, requests(backup));
      assertEquals(Status.Code.FAILED_PRECONDITION, own.code());
      assertEquals("NOT_EMPTY", own.reason());
      assertTrue(own.message().startsWith("replica 1 has data already"), own.message());
    }
    try (Cluster cluster = fresh(backup)) {
      cluster.link(2, 3, Duration.ofHours(1), false);
      cluster.session(2).write(put("k", "new"));
      cluster.time().advance(Duration.ofMillis(500));
      Refusal others = refusal(cluster, 3, requests(backup));
      assertEquals("NOT_EMPTY", others.reason());
      assertTrue(others.message().startsWith("replica 2 has data already"), others.message());
    }
    var alone = new Cluster(3, "", Consistency.CAUSAL);
    try (alone) {
      alone.belongTo(backup.get(0).getHeader().getCluster());
      alone.start(1);
      alone.start(2);
      alone.time().advance(Duration.ofSeconds(5));
      Refusal early = refusal(alone, 1, requests(backup));
      assertEquals("CATCHING_UP", early.reason());
      assertTrue(early.message().startsWith("replica 3 has not answered yet"), early.message());
      alone.start(3);
      alone.time().advance(Duration.ofSeconds(5));
      restore(alone, 1, requests(backup)).within(alone.time(), PATIENCE);
    }
  }

  @Test
  void a_backup_of_another_cluster_mode_or_format_is_refused_at_once() {
    List<BackupResponse> backup;
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(put("k", "old"));
      backup = backup(cluster, 1);
    }
    var another = new Cluster(1, "", Consistency.CAUSAL);
    another.belongTo("another");
    another.startAll();
    try (Cluster cluster = another) {
      Refusal refusal = refusal(cluster, 1, requests(backup));
      assertEquals("CLUSTER_MISMATCH", refusal.reason());
      assertEquals(
          "the backup is of cluster \"%s\", and this replica belongs to \"another\""
              .formatted(backup.get(0).getHeader().getCluster()),
          refusal.message());
      var header = requests(backup).get(0).toBuilder();
      header.getHeaderBuilder().setCluster("another");
      RestoreRequest ours = header.build();
      header.getHeaderBuilder().setFormatVersion(9);
      assertEquals(
          "the backup has format 9; this replica reads format " + Wire.FORMAT_VERSION,
          refusal(cluster, 1, List.of(header.build())).message());
      header
          .getHeaderBuilder()
          .setFormatVersion(Wire.FORMAT_VERSION)
          .setConsistency(dev.tidings.v1.Consistency.CONSISTENCY_EVENTUAL);
      assertEquals("CLUSTER_MISMATCH", refusal(cluster, 1, List.of(header.build())).reason());

      // And what is no backup at all leaves nothing behind.
      RestoreRequest page = requests(backup).get(1);
      for (List<RestoreRequest> bad :
          List.of(
              List.<RestoreRequest>of(),
              List.of(RestoreRequest.getDefaultInstance()),
              List.of(page),
              List.of(ours, ours),
              List.of(ours, page, page),
              List.of(ours, page),
              List.of(ours, withoutHead(page)),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_REGISTERS, "k", "?")),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_FEEDS, "k", "")),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_PARTS, "k", "")),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_REQUESTS, "k", "")),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_TOMBSTONES, "k", "")),
              List.of(ours, withEntry(page, SnapshotTable.SNAPSHOT_TABLE_UNSPECIFIED, "k", "")))) {
        assertEquals("INVALID_REQUEST", refusal(cluster, 1, bad).reason(), bad.toString());
      }
      assertEquals(PositionSet.getDefaultInstance(), cluster.status(1).getFrontier());
      var whole = new ArrayList<>(requests(backup));
      whole.set(0, ours);
      restore(cluster, 1, whole).within(cluster.time(), PATIENCE);
      assertEquals(Optional.of("old"), cluster.session(1).get("k"));
    }
  }

  private static RestoreRequest withoutHead(RestoreRequest page) {
    return RestoreRequest.newBuilder().setPage(page.getPage().toBuilder().clearHead()).build();
  }

  private static RestoreRequest withEntry(
      RestoreRequest page, SnapshotTable table, String key, String value) {
    return RestoreRequest.newBuilder()
        .setPage(
            SnapshotPage.newBuilder()
                .setHead(page.getPage().getHead())
                .addEntries(
                    SnapshotEntry.newBuilder()
                        .setTable(table)
                        .setKey(ByteString.copyFromUtf8(key))
                        .setValue(ByteString.copyFromUtf8(value)))
                .setLast(true))
        .build();
  }

  @Test
  void a_restore_whose_client_leaves_or_whose_disk_is_full_changes_nothing_and_may_be_repeated() {
    List<BackupResponse> backup;
    try (Cluster cluster = Cluster.started(1, "")) {
      cluster.session(1).write(put("k", PADDING), append("feed", PADDING));
      backup = backup(cluster, 1);
    }
    try (Cluster cluster = fresh(backup)) {
      var left = new Reply<RestoreResponse>();
      StreamObserver<RestoreRequest> requests =
          AdminServiceGrpc.newStub(cluster.clientChannel(1)).restore(left);
      requests(backup).subList(0, 2).forEach(requests::onNext);
      cluster.time().settle();
      requests.onError(Status.CANCELLED.asRuntimeException());
      cluster.time().settle();

      cluster.disk(1).set(Space.TOO_LITTLE);
      cluster.time().advance(Duration.ofSeconds(1));
      assertEquals("DISK_FULL", refusal(cluster, 1, requests(backup)).reason());
      cluster.disk(1).set(Space.ENOUGH);
      cluster.time().advance(Duration.ofSeconds(1));

      assertEquals(Optional.empty(), cluster.session(1).get("k"));
      restore(cluster, 1, requests(backup)).within(cluster.time(), PATIENCE);
      cluster.time().advance(Duration.ofMinutes(1));
      for (int id = 1; id <= 3; id++) {
        assertEquals(Optional.of(PADDING), cluster.session(id).get("k"));
      }
    }
  }

  @Test
  void a_few_backups_at_once_are_possible_and_one_that_nobody_takes_ends() {
    try (Cluster cluster = Cluster.started(1, "")) {
      for (int i = 0; i < KEYS; i++) {
        cluster.session(1).write(put("a" + i, PADDING));
      }
      cluster.time().advance(Duration.ofMinutes(5));
      int scheduled = cluster.time().scheduled();
      Taken one = Taken.of(cluster, 1);
      Taken two = Taken.of(cluster, 1);
      Taken three = Taken.of(cluster, 1);
      cluster.time().settle();
      Refusal refusal = Refusal.of(three.reply);
      assertEquals(Status.Code.RESOURCE_EXHAUSTED, refusal.code());
      assertEquals("OVERLOADED", refusal.reason());

      two.call().cancel("enough", null);
      cluster.time().settle();
      backup(cluster, 1);
      cluster.time().advance(Duration.ofSeconds(59));
      assertFalse(one.reply.hasEnded());
      cluster.time().advance(Duration.ofSeconds(2));
      one.call().request(Integer.MAX_VALUE);
      cluster.time().settle();
      assertEquals("BACKUP_ENDED", Refusal.of(one.reply).reason());
      assertEquals(scheduled, cluster.time().scheduled());
    }
  }

  @Test
  void a_backup_ends_when_the_data_must_be_opened_anew() {
    try (Cluster cluster = Cluster.started(1, "")) {
      for (int i = 0; i < KEYS; i++) {
        cluster.session(1).write(put("a" + i, PADDING));
      }
      Taken taken = Taken.of(cluster, 1);
      cluster.time().settle();
      cluster.disk(1).set(Space.TOO_LITTLE_UNNOTICED);
      Reply<ClientWriteResponse> stuck = cluster.session(1).send(put("a0", "more"));
      cluster.time().settle();
      assertFalse(stuck.hasEnded());
      cluster.disk(1).set(Space.ENOUGH);
      stuck.within(cluster.time(), PATIENCE);
      taken.call().request(Integer.MAX_VALUE);
      cluster.time().settle();
      assertEquals("BACKUP_ENDED", Refusal.of(taken.reply).reason());
      backup(cluster, 1);
    }
  }
}
