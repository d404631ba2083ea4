package dev.tidings.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.BitSet;
import java.util.List;
import java.util.Random;
import org.junit.jupiter.api.Test;

/**
 * The clocks against the relation that they stand for: random runs, with happens-before computed
 * from its definition.
 */
final class HappensBeforeTest {
  private static final int SEEDS = 50;
  private static final int HOSTS = 4;
  private static final int EVENTS = 80;

  private record Event(
      BitSet past, long lamport, VectorClock vector, HybridTime hybrid, long systemMicros) {}

  /** Events in the order in which they happened, each with all that happened before it. */
  private static List<Event> run(long seed) {
    var chance = new Random(seed);
    var events = new ArrayList<Event>();
    var lamports = new LamportClock[HOSTS];
    var hybrids = new HybridClock[HOSTS];
    var vectors = new VectorClock[HOSTS];
    var pasts = new BitSet[HOSTS];
    var offsets = new long[HOSTS];
    for (int host = 0; host < HOSTS; host++) {
      lamports[host] = new LamportClock(0);
      hybrids[host] = new HybridClock(1_000_000);
      vectors[host] = VectorClock.ZERO;
      pasts[host] = new BitSet();
      offsets[host] = chance.nextInt(1_000);
    }
    for (int i = 0; i < EVENTS; i++) {
      int host = chance.nextInt(HOSTS);
      // Clocks that drift apart, stand still and go back.
      offsets[host] += chance.nextInt(50) - 20;
      long system = 10_000 + 5L * i + offsets[host];
      var past = (BitSet) pasts[host].clone();
      long lamport;
      HybridTime hybrid;
      VectorClock vector = vectors[host];
      if (i > 0 && chance.nextBoolean()) {
        int sent = chance.nextInt(i);
        Event message = events.get(sent);
        past.or(message.past);
        past.set(sent);
        lamport = lamports[host].receive(message.lamport);
        hybrid = hybrids[host].receive(message.hybrid, system);
        vector = vector.merge(message.vector);
      } else {
        lamport = lamports[host].tick();
        hybrid = hybrids[host].tick(system);
      }
      vector = vector.tick(host + 1);
      vectors[host] = vector;
      events.add(new Event(past, lamport, vector, hybrid, system));
      pasts[host] = (BitSet) past.clone();
      pasts[host].set(i);
    }
    return events;
  }

  private interface Check {
    void of(Event a, Event b, boolean before, boolean after, String seed);
  }

  private static void onAllPairs(Check check) {
    for (long seed = 1; seed <= SEEDS; seed++) {
      List<Event> events = run(seed);
      for (int i = 0; i < EVENTS; i++) {
        for (int j = 0; j < EVENTS; j++) {
          if (i != j) {
            check.of(
                events.get(i),
                events.get(j),
                events.get(j).past.get(i),
                events.get(i).past.get(j),
                "seed " + seed);
          }
        }
      }
    }
  }

  @Test
  void what_happens_before_has_the_smaller_lamport_time() {
    // Lamport 1978, the Clock Condition.
    onAllPairs((a, b, before, after, seed) -> assertTrue(!before || a.lamport < b.lamport, seed));
  }

  @Test
  void a_smaller_lamport_time_does_not_mean_happens_before() {
    var misled = new boolean[1];
    onAllPairs((a, b, before, after, seed) -> misled[0] |= a.lamport < b.lamport && !before);
    assertTrue(misled[0]);
  }

  @Test
  void vector_clocks_tell_exactly_what_happens_before_what() {
    // Mattern 1989: e happens before f exactly if V(e) < V(f).
    onAllPairs(
        (a, b, before, after, seed) -> {
          VectorClock.Order expected =
              before
                  ? VectorClock.Order.BEFORE
                  : after ? VectorClock.Order.AFTER : VectorClock.Order.CONCURRENT;
          assertEquals(expected, a.vector.compare(b.vector), seed);
        });
  }

  @Test
  void hybrid_times_order_what_happens_before_and_never_fall_behind_system_time() {
    onAllPairs(
        (a, b, before, after, seed) -> {
          assertTrue(!before || a.hybrid.compareTo(b.hybrid) < 0, seed);
          assertTrue(a.hybrid.wallMicros() >= a.systemMicros, seed);
        });
  }

  @Test
  void a_hybrid_time_is_never_ahead_of_every_system_time_in_its_past() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      List<Event> events = run(seed);
      for (Event event : events) {
        long highest =
            Math.max(
                event.systemMicros,
                event.past.stream().mapToLong(i -> events.get(i).systemMicros).max().orElse(0));
        assertEquals(highest, event.hybrid.wallMicros(), "seed " + seed);
      }
    }
  }
}
