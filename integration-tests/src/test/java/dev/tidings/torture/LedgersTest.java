package dev.tidings.torture;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.Bytes;
import dev.tidings.client.FeedEntry;
import dev.tidings.client.WriteInfo;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.history.Outcome;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

final class LedgersTest {
  private static final Origin HERE = new Origin(1, 7);
  private static final Origin WIPED = new Origin(2, 8);

  private static WriteInfo info(Origin origin, long number) {
    return new WriteInfo(new Version(number, origin), new Position(origin, number), null);
  }

  private static Attempt attempt(
      String id, Outcome outcome, int durableOn, @Nullable WriteInfo write) {
    return new Attempt(id, 0, outcome, 1, durableOn, write, List.of(), 0);
  }

  private static Attempt acknowledged(String id, int durableOn, Origin origin, long number) {
    return attempt(id, Outcome.OK, durableOn, info(origin, number));
  }

  private static FeedEntry entry(String id, Origin origin, long number) {
    return new FeedEntry(Bytes.of(id), info(origin, number));
  }

  private static Ledgers compare(List<Attempt> attempts, FeedEntry... held) {
    return Ledgers.compare(
        attempts,
        Map.of("one", List.of(List.of(held))),
        origin -> origin.equals(WIPED),
        position -> Stream.of(held).anyMatch(it -> it.writtenBy().position().equals(position)),
        Set.of("retried"));
  }

  @Test
  void what_is_there_as_it_was_acknowledged_is_right() {
    Ledgers all =
        compare(
            List.of(
                acknowledged("a", 1, HERE, 1),
                attempt("b", Outcome.UNKNOWN, 0, null),
                attempt("c", Outcome.UNKNOWN, 0, null),
                attempt("d", Outcome.ABORTED, 0, null)),
            entry("a", HERE, 1),
            entry("b", HERE, 2));
    assertEquals(List.of(), all.findings());
    assertEquals(List.of(), all.lost());
    assertEquals(2, all.there().size());
  }

  @Test
  void an_acknowledged_write_that_is_gone_is_found_out() {
    assertEquals(1, compare(List.of(acknowledged("a", 1, HERE, 1))).findings().size());
  }

  @Test
  void what_a_wiped_disk_alone_had_may_be_lost_and_nothing_else() {
    Ledgers all = compare(List.of(acknowledged("a", 1, WIPED, 1), acknowledged("b", 2, WIPED, 2)));
    assertEquals(List.of("a"), all.lost().stream().map(Attempt::id).toList());
    assertEquals(1, all.findings().size());
    assertTrue(all.findings().get(0).contains("write b"));
  }

  @Test
  void a_write_that_is_there_twice_is_found_out() {
    assertEquals(
        1,
        compare(
                List.of(attempt("a", Outcome.UNKNOWN, 0, null)),
                entry("a", HERE, 1),
                entry("a", HERE, 2))
            .findings()
            .size());
  }

  @Test
  void a_refused_write_that_is_there_is_found_out() {
    assertEquals(
        1,
        compare(List.of(attempt("a", Outcome.ABORTED, 0, null)), entry("a", HERE, 1))
            .findings()
            .size());
  }

  @Test
  void what_nobody_wrote_is_found_out() {
    assertEquals(1, compare(List.of(), entry("a", HERE, 1)).findings().size());
  }

  @Test
  void a_write_that_is_there_at_another_position_is_found_out() {
    assertEquals(
        1, compare(List.of(acknowledged("a", 1, HERE, 1)), entry("a", HERE, 2)).findings().size());
  }

  @Test
  void what_was_retried_may_be_there_as_another_try() {
    Attempt retried = acknowledged("retried", 1, HERE, 2);
    assertEquals(
        List.of(), compare(List.of(retried), entry("retried", new Origin(3, 9), 1)).findings());
    assertEquals(1, compare(List.of(retried)).findings().size());
  }
}
