package dev.tidings.replica;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Member;
import dev.tidings.causal.Membership;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.MemoryStore;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.List;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

final class HousekeepingTest {
  private static final long HOUR = 500_000;
  private static final long HOUR_MICROS = 3_600_000_000L;
  private static final Bytes SESSION = Bytes.utf8("sixteen bytes id");
  private static final Origin OTHER = new Origin(2, 22);
  private static final Origin REMOVED = new Origin(3, 33);

  private final ReplicaStore store =
      new ReplicaStore(new MemoryStore(), "test", 1, Consistency.CAUSAL, new Random(1));
  private final Origin self = store.identity().origin();
  private final Position request = new Position(self, 1);
  private final Membership membership = membership();
  private final TimeTable table = new TimeTable();
  private final Housekeeping housekeeping =
      new Housekeeping(self, store, membership, table, Retention.DEFAULT);
  private PositionSet shown = PositionSet.of(request);

  private Membership membership() {
    var all = new Membership(List.of());
    all.merge(Membership.Entry.founding(Member.of(1, "").reborn(self.incarnation())));
    all.merge(Membership.Entry.founding(Member.of(2, "").reborn(OTHER.incarnation())));
    all.merge(
        new Membership.Entry(
            Member.of(3, "").reborn(REMOVED.incarnation()).gone(),
            Optional.of(new Version(9, OTHER)),
            1));
    return all;
  }

  private void accept() {
    var write =
        new Write(
            request,
            new Version(1, self),
            Optional.of(new RequestId(SESSION, 7, false)),
            PositionSet.EMPTY,
            0,
            List.of(new Mutation.Increment(Bytes.utf8("c"), 1)));
    try (ReplicaStore.Commit commit = store.begin()) {
      commit.log(write, null, HOUR);
      commit.show(write, shown);
      commit.sync(new Progress(1, shown, shown.prefixes()));
    }
  }

  private boolean isRequestKnownAfterHour(long hour) {
    var progress = new Progress(1, shown, shown.prefixes());
    try (ReplicaStore.Commit commit = store.begin()) {
      housekeeping.run(progress, commit, hour * HOUR_MICROS);
      commit.sync(progress);
    }
    try (ReplicaStore.Commit commit = store.begin()) {
      return commit.lastRequest(SESSION).isPresent();
    }
  }

  private void otherTells(Set<Origin> ended) {
    VersionVector all =
        PositionSet.of(request)
            .with(new Position(OTHER, 1))
            .with(new Position(REMOVED, 1))
            .prefixes();
    table.learn(OTHER, new TimeTable.Row(all, all, ended, Set.of()));
  }

  @Test
  void a_request_is_known_until_what_a_removed_member_had_accepted_is_visible_here() {
    accept();
    assertTrue(isRequestKnownAfterHour(HOUR + 1));
    otherTells(Set.of(REMOVED));
    shown = shown.with(new Position(OTHER, 1));
    for (long hour = HOUR + 2; hour < HOUR + 6; hour++) {
      assertTrue(isRequestKnownAfterHour(hour), "another try of it may be in that log");
    }
    shown = shown.with(new Position(REMOVED, 1));
    isRequestKnownAfterHour(HOUR + 6);
    assertFalse(isRequestKnownAfterHour(HOUR + 7));
  }

  @Test
  void a_request_is_known_while_a_member_may_still_take_from_a_log_that_has_ended() {
    accept();
    assertTrue(isRequestKnownAfterHour(HOUR + 1));
    otherTells(Set.of());
    shown = shown.with(new Position(OTHER, 1)).with(new Position(REMOVED, 1));
    for (long hour = HOUR + 2; hour < HOUR + 6; hour++) {
      assertTrue(isRequestKnownAfterHour(hour));
    }
    otherTells(Set.of(REMOVED));
    isRequestKnownAfterHour(HOUR + 6);
    assertFalse(isRequestKnownAfterHour(HOUR + 7));
  }

  @Test
  void a_request_is_forgotten_after_the_longest_age_of_logs_whoever_is_absent() {
    accept();
    long longest = Retention.DEFAULT.maxLogAge().toHours();
    for (long hour = HOUR; hour <= HOUR + longest; hour++) {
      assertTrue(isRequestKnownAfterHour(hour));
    }
    isRequestKnownAfterHour(HOUR + longest + 1);
    isRequestKnownAfterHour(HOUR + longest + 2);
    assertFalse(isRequestKnownAfterHour(HOUR + longest + 3));
  }
}
