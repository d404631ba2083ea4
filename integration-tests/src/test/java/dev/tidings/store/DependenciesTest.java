package dev.tidings.store;

import static dev.tidings.harness.TestSession.append;
import static dev.tidings.harness.TestSession.delete;
import static dev.tidings.harness.TestSession.key;
import static dev.tidings.harness.TestSession.only;
import static dev.tidings.harness.TestSession.put;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;

import dev.tidings.clock.PositionSet;
import dev.tidings.harness.Cluster;
import dev.tidings.harness.TestSession;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Register;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import org.junit.jupiter.api.Test;

/** A write waits for what its session had read or written, and for nothing else. */
final class DependenciesTest {
  @Test
  void
      an_independent_write_overtakes_a_stalled_one_of_its_origin_and_its_reader_waits_for_neither() {
    try (Cluster cluster = Cluster.started(4, "2>3=60s,2>4=60s,1>4=30s")) {
      cluster.session(2).write(put("x", "slow to 3 and 4"));
      cluster.time().advance(Duration.ofSeconds(1));
      TestSession reader = cluster.session(1);
      reader.get("x");
      reader.write(put("y", "after x"));
      ClientWriteResponse independent = cluster.session(1).write(put("z", "after nothing"));
      cluster.time().advance(Duration.ofSeconds(1));

      // At replica 3 y is stalled for x, and z, which comes after it in the same log, is visible.
      assertEquals(1, cluster.status(3).getStalledNow());
      TestSession carol = cluster.session(3);
      assertEquals(Optional.empty(), carol.get("y"));
      assertEquals(Optional.of("after nothing"), carol.get("z"));

      // What Carol writes depends on z alone: at replica 4 it waits for z, and not for x or y.
      carol.write(put("w", "after z"));
      Register w = cluster.session(3).register("w");
      assertEquals(only(independent.getPosition()), w.getWrittenBy().getDependencies());
      cluster.time().advance(Duration.ofSeconds(31));
      TestSession dave = cluster.session(4);
      assertEquals(Optional.of("after z"), dave.get("w"));
      assertEquals(Optional.empty(), dave.get("x"));
      cluster.converge();
    }
  }

  @Test
  void what_is_visible_but_was_not_read_is_no_dependency() {
    try (Cluster cluster = Cluster.started(2, "")) {
      cluster.session(1).write(put("others", "business"));
      TestSession session = cluster.session(1);
      session.write(put("own", "business"));
      assertEquals(0, session.register("own").getWrittenBy().getDependencies().getRanges().size());
    }
  }

  @Test
  void an_absence_depends_on_the_delete_that_caused_it() {
    try (Cluster cluster = Cluster.started(2, "")) {
      TestSession deleter = cluster.session(1);
      deleter.write(put("k", "v"));
      ClientWriteResponse deletion = deleter.write(delete("k"));
      TestSession reader = cluster.session(1);
      assertEquals(Optional.empty(), reader.get("k"));
      reader.write(put("seen", "absent"));
      assertEquals(
          only(deletion.getPosition()),
          cluster.session(1).register("seen").getWrittenBy().getDependencies());
    }
  }

  @Test
  void after_a_write_the_session_depends_on_that_write_alone() {
    try (Cluster cluster = Cluster.started(2, "")) {
      for (int i = 0; i < 5; i++) {
        cluster.session(1).write(put("k" + i, "v"));
      }
      TestSession session = cluster.session(1);
      session.get("k1");
      session.get("k3");
      ClientWriteResponse first = session.write(put("a", "1"));
      session.write(put("b", "2"));
      assertEquals(
          only(first.getPosition()),
          cluster.session(1).register("b").getWrittenBy().getDependencies());
    }
  }

  @Test
  void past_64_ranges_dependencies_widen_to_the_frontier_that_was_read_from() {
    try (Cluster cluster = Cluster.started(2, "")) {
      for (int i = 0; i < 200; i++) {
        cluster.session(1).write(put("k" + i, "v"));
      }
      TestSession session = cluster.session(1);
      for (int i = 0; i < 64; i++) {
        session.get("k" + 2 * i);
      }
      session.write(put("exact", ""));
      TestSession wider = cluster.session(1);
      for (int i = 0; i < 65; i++) {
        wider.get("k" + 2 * i);
      }
      wider.write(put("widened", ""));
      var exact = cluster.session(1).register("exact").getWrittenBy().getDependencies();
      var widened = cluster.session(1).register("widened").getWrittenBy().getDependencies();
      assertEquals(64, Wire.fromProto(exact).rangeCount());
      assertEquals(PositionSet.ofRange(cluster.origin(1), 1, 201), Wire.fromProto(widened));
    }
  }

  @Test
  void what_every_member_shows_is_one_range_of_dependencies_and_the_rest_is_exact() {
    try (Cluster cluster = Cluster.started(3, "1>3=30s")) {
      for (int i = 0; i < 600; i++) {
        cluster.session(2).write(put("k" + i, "v"));
        cluster.session(1).write(put("l" + i, "v"));
      }
      cluster.time().advance(Duration.ofSeconds(3));
      TestSession session = cluster.session(1);
      for (int i = 0; i < 10; i++) {
        session.get("k" + 7 * i);
        session.get("l" + 7 * i);
      }
      session.get("k599");
      session.write(put("after", "both"));
      PositionSet dependencies =
          Wire.fromProto(cluster.session(1).register("after").getWrittenBy().getDependencies());
      // Replica 3 does not show what replica 1 wrote: these are exact.
      assertEquals(512, dependencies.upTo(cluster.origin(2)));
      assertEquals(1, dependencies.upTo(cluster.origin(1)));
      assertEquals(2 + 10, dependencies.rangeCount());

      cluster.time().advance(Duration.ofSeconds(40));
      assertEquals(Optional.of("both"), cluster.session(3).get("after"));
      cluster.converge();
    }
  }

  @Test
  void the_mutations_of_a_write_become_visible_together() {
    try (Cluster cluster = Cluster.started(2, "1-2=5s")) {
      cluster.session(1).write(put("a", "1"), put("b", "1"), append("f", "1"));
      for (int step = 0; step < 20; step++) {
        ClientReadResponse read =
            cluster.session(2).read(key("a"), key("b"), TestSession.feed("f"));
        boolean a = read.getResults(0).getRegister().hasValue();
        assertEquals(a, read.getResults(1).getRegister().hasValue());
        assertEquals(a ? 1 : 0, read.getResults(2).getFeed().getEntriesCount());
        assertEquals(step >= 5 * 2, a);
        cluster.time().advance(Duration.ofMillis(500));
      }
    }
  }

  @Test
  void concurrent_writes_to_one_key_end_the_same_everywhere_and_feeds_keep_both() {
    try (Cluster cluster = Cluster.started(3, "1-2=3s,1-3=7s,2-3=1s")) {
      cluster.session(1).write(put("k", "from 1"), append("f", "from 1"));
      cluster.session(2).advanceClock(0).write(put("k", "from 2"), append("f", "from 2"));
      cluster.converge();
      for (int id = 1; id <= 3; id++) {
        // Both have Lamport time 1, so the higher origin is the last writer.
        assertEquals(Optional.of("from 2"), cluster.session(id).get("k"));
        assertEquals(List.of("from 1", "from 2"), cluster.session(id).entries("f"));
      }
    }
  }

  @Test
  void a_late_put_of_a_lower_version_does_not_bring_back_what_was_deleted() {
    try (Cluster cluster = Cluster.started(2, "1>2=10s")) {
      cluster.session(1).write(put("k", "old"));
      TestSession deleter = cluster.session(2);
      deleter.advanceClock(50).write(delete("k"));
      cluster.converge();
      for (int id = 1; id <= 2; id++) {
        Register register = cluster.session(id).register("k");
        assertFalse(register.hasValue());
        assertEquals(51, register.getWrittenBy().getVersion().getLamportTime());
      }
    }
  }
}
