package dev.tidings.drift;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertNotEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.VectorClock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.SplittableRandom;
import java.util.TreeMap;
import java.util.stream.IntStream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class DriftHostTest {
  private static final FanOut THREE = new FanOut(List.of(1, 2, 3));

  private static DriftMessage messageFrom2(long lamportTime, int events) {
    return new DriftMessage(2, 1, lamportTime, VectorClock.of(Map.of(2, (long) events)), 55, "hi");
  }

  @Test
  void a_tick_takes_one_message_and_passes_its_lamport_time() {
    var host = new DriftHost(1, THREE.others(1), 0.7, new ExperimentSeed(1).chanceOf(1));
    host.deliver(messageFrom2(10, 4));
    host.deliver(messageFrom2(11, 5));

    DriftEvent first = host.tick(1_000);

    assertEquals(
        new DriftEvent(
            DriftEvent.Type.RECEIVE,
            1,
            1_000,
            11,
            VectorClock.of(Map.of(1, 1L, 2, 4L)),
            1,
            messageFrom2(10, 4),
            List.of()),
        first);
    DriftEvent second = host.tick(2_000);
    assertEquals(12, second.lamportTime());
    assertEquals(0, second.queueLength());
  }

  @Test
  void a_receipt_from_the_past_is_one_tick() {
    var host = new DriftHost(1, THREE.others(1), 1, new ExperimentSeed(1).chanceOf(1));
    for (int i = 0; i < 9; i++) {
      host.tick(i);
    }
    host.deliver(messageFrom2(3, 3));
    assertEquals(10, host.tick(9).lamportTime());
  }

  @ParameterizedTest
  @ValueSource(ints = {1, 2, 3, 7})
  void kinds_are_drawn_as_often_as_the_rules_say(int hosts) {
    var fanOut = new FanOut(IntStream.rangeClosed(1, hosts).boxed().toList());
    var host = new DriftHost(1, fanOut.others(1), 0.7, new ExperimentSeed(42).chanceOf(1));
    int draws = 100_000;
    var counts = new TreeMap<String, Integer>();
    for (int i = 0; i < draws; i++) {
      DriftMessage message = host.tick(i).message();
      counts.merge(
          message == null ? "INTERNAL" : Target.typeName(message.target()), 1, Integer::sum);
    }

    assertEquals(hosts + 1, counts.size(), counts.toString());
    counts.forEach(
        (kind, count) -> {
          double p = kind.equals("INTERNAL") ? 0.7 : 0.3 / hosts;
          // Five standard deviations: once in a million for one count, and the seed is fixed.
          double allowed = 5 * Math.sqrt(draws * p * (1 - p));
          assertTrue(Math.abs(count - draws * p) < allowed, counts.toString());
        });
  }

  @Test
  void probability_one_never_sends_and_zero_always_does() {
    var silent = new DriftHost(1, THREE.others(1), 1, new ExperimentSeed(3).chanceOf(1));
    var loud = new DriftHost(1, THREE.others(1), 0, new ExperimentSeed(3).chanceOf(1));
    for (int i = 0; i < 1000; i++) {
      assertEquals(DriftEvent.Type.INTERNAL, silent.tick(i).type());
      assertEquals(DriftEvent.Type.SEND, loud.tick(i).type());
    }
  }

  @ParameterizedTest
  @ValueSource(doubles = {-0.1, 1.1, Double.NaN})
  void a_probability_out_of_range_is_refused(double p) {
    assertThrows(
        IllegalArgumentException.class,
        () -> new DriftHost(1, THREE.others(1), p, new ExperimentSeed(1).chanceOf(1)));
  }

  /** The vector clock must count what a naive history keeps whole: every event of the past. */
  @Test
  void clocks_agree_with_a_naive_history_in_any_order_of_delivery() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      int n = random.nextInt(1, 6);
      var fanOut = new FanOut(IntStream.rangeClosed(1, n).map(i -> i * 7).boxed().toList());
      var hosts = new HashMap<Integer, DriftHost>();
      var naive = new HashMap<Integer, NaiveHost>();
      for (int id : fanOut.hostIds()) {
        hosts.put(
            id, new DriftHost(id, fanOut.others(id), 0.3, new ExperimentSeed(seed).chanceOf(id)));
        naive.put(id, new NaiveHost(id));
      }
      var underWay = new ArrayList<Letter>();
      for (int step = 0; step < 200; step++) {
        if (!underWay.isEmpty() && random.nextInt(3) == 0) {
          Letter letter = underWay.remove(random.nextInt(underWay.size()));
          at(hosts, letter.to).deliver(letter.message);
          at(naive, letter.to).inbox.add(letter);
          continue;
        }
        int id = fanOut.hostIds().get(random.nextInt(n));
        DriftEvent event = at(hosts, id).tick(step);
        NaiveHost model = at(naive, id);
        model.tick(event.type());
        String where = "seed " + seed + ", step " + step + ", " + event;
        assertEquals(model.lamportTime, event.lamportTime(), where);
        assertEquals(model.vectorClock(), event.vectorClock(), where);
        assertEquals(model.inbox.size(), event.queueLength(), where);
        if (event.type() == DriftEvent.Type.SEND) {
          DriftMessage message = Objects.requireNonNull(event.message());
          assertEquals(fanOut.recipients(id, message.target()), event.to(), where);
          for (int to : event.to()) {
            underWay.add(new Letter(to, message, Set.copyOf(model.past), model.lamportTime));
          }
        }
      }
    }
  }

  @Test
  void what_a_host_draws_comes_from_the_seed_and_its_id_alone() {
    assertEquals(draws(5, 1), draws(5, 1));
    assertNotEquals(draws(5, 1), draws(5, 2));
    assertNotEquals(draws(5, 1), draws(6, 1));
  }

  @Test
  void a_host_knows_as_many_others_as_it_should_and_each_as_often() {
    var seed = new ExperimentSeed(9);
    int[] known = new int[13];
    assertEquals(0, seed.othersOf(5, 12, 0).length);
    int draws = 3000;
    for (int i = 0; i < draws; i++) {
      int[] others = new ExperimentSeed(i).othersOf(5, 12, 4);
      assertEquals(4, Arrays.stream(others).distinct().count());
      for (int j = 0; j < others.length; j++) {
        known[others[j]]++;
        assertTrue(j == 0 || others[j - 1] < others[j]);
      }
    }
    assertEquals(0, known[5]);
    assertArrayEquals(new int[] {1, 2, 3, 4, 6, 7, 8, 9, 10, 11, 12}, seed.othersOf(5, 12, 11));
    for (int id = 1; id <= 12; id++) {
      if (id != 5) {
        double p = 4 / 11.0;
        double allowed = 5 * Math.sqrt(draws * p * (1 - p));
        assertEquals(draws * p, known[id], allowed, "host " + id);
      }
    }
  }

  private static List<Long> draws(long seed, int hostId) {
    return new ExperimentSeed(seed).chanceOf(hostId).longs(20).boxed().toList();
  }

  private static <V> V at(Map<Integer, V> map, int id) {
    V value = map.get(id);
    assertNotNull(value);
    return value;
  }

  private record Letter(int to, DriftMessage message, Set<String> past, long lamportTime) {}

  /** Keeps the whole past of its last event, each event as "host/number". */
  private static final class NaiveHost {
    private final int id;
    private final List<Letter> inbox = new ArrayList<>();
    private final Set<String> past = new HashSet<>();
    private int own;
    private long lamportTime;

    NaiveHost(int id) {
      this.id = id;
    }

    void tick(DriftEvent.Type type) {
      assertEquals(type == DriftEvent.Type.RECEIVE, !inbox.isEmpty());
      if (!inbox.isEmpty()) {
        Letter letter = inbox.remove(0);
        past.addAll(letter.past);
        lamportTime = Math.max(lamportTime, letter.lamportTime);
      }
      lamportTime++;
      own++;
      past.add(id + "/" + own);
    }

    VectorClock vectorClock() {
      var counts = new HashMap<Integer, Long>();
      for (String event : past) {
        counts.merge(Integer.valueOf(event.substring(0, event.indexOf('/'))), 1L, Long::sum);
      }
      return VectorClock.of(counts);
    }
  }
}
