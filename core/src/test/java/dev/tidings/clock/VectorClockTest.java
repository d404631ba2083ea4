package dev.tidings.clock;

import static org.junit.jupiter.api.Assertions.assertEquals;

import dev.tidings.clock.VectorClock.Order;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.SplittableRandom;
import java.util.TreeMap;
import org.junit.jupiter.api.Test;

/** Against a map of all entries, with ids from one to far apart. */
class VectorClockTest {
  private static final int[] IDS = {1, 2, 15, 16, 17, 31, 32, 300, 8001, 8002, 2_000_000_000};

  @Test
  void any_run_of_ticks_and_merges_agrees_with_a_map() {
    for (int seed = 0; seed < 200; seed++) {
      var random = new SplittableRandom(seed);
      List<VectorClock> clocks = new ArrayList<>(List.of(VectorClock.ZERO));
      List<TreeMap<Integer, Long>> maps = new ArrayList<>(List.of(new TreeMap<>()));
      for (int step = 0; step < 120; step++) {
        int a = random.nextInt(clocks.size());
        int b = random.nextInt(clocks.size());
        var map = new TreeMap<>(maps.get(a));
        if (random.nextBoolean()) {
          int host = IDS[random.nextInt(IDS.length)];
          clocks.add(clocks.get(a).tick(host));
          map.merge(host, 1L, Long::sum);
        } else {
          clocks.add(clocks.get(a).merge(clocks.get(b)));
          maps.get(b).forEach((host, count) -> map.merge(host, count, Math::max));
        }
        maps.add(map);
        VectorClock made = clocks.get(clocks.size() - 1);
        String where = "seed " + seed + ", step " + step;
        assertEquals(map, made.events(), where);
        assertEquals(VectorClock.of(map), made, where);
        assertEquals(VectorClock.of(map).hashCode(), made.hashCode(), where);
        for (int host : IDS) {
          assertEquals(map.getOrDefault(host, 0L), made.of(host), where);
        }
        int other = random.nextInt(clocks.size());
        assertEquals(order(map, maps.get(other)), made.compare(clocks.get(other)), where);
        var changes = new TreeMap<Integer, Long>();
        made.forEachChange(clocks.get(a), changes::put);
        Map<Integer, Long> before = maps.get(a);
        map.entrySet().removeIf(entry -> entry.getValue().equals(before.get(entry.getKey())));
        assertEquals(map, changes, where);
        maps.set(maps.size() - 1, new TreeMap<>(made.events()));
      }
    }
  }

  private static Order order(Map<Integer, Long> a, Map<Integer, Long> b) {
    boolean isWithin = isWithin(a, b);
    boolean contains = isWithin(b, a);
    if (isWithin) {
      return contains ? Order.EQUAL : Order.BEFORE;
    }
    return contains ? Order.AFTER : Order.CONCURRENT;
  }

  private static boolean isWithin(Map<Integer, Long> a, Map<Integer, Long> b) {
    return a.entrySet().stream().allMatch(e -> e.getValue() <= b.getOrDefault(e.getKey(), 0L));
  }
}
