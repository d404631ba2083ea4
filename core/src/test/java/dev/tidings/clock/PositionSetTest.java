package dev.tidings.clock;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.io.ByteArrayOutputStream;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.HashSet;
import java.util.List;
import java.util.Random;
import java.util.Set;
import org.junit.jupiter.api.Test;

/** Position sets, and version vectors, against plain sets of positions. */
final class PositionSetTest {
  private static final int SEEDS = 300;
  private static final int HIGHEST = 12;
  private static final List<Origin> ORIGINS =
      List.of(new Origin(1, 7), new Origin(1, 8), new Origin(2, 3));

  private static Set<Position> random(Random chance) {
    var positions = new HashSet<Position>();
    int count = chance.nextInt(25);
    for (int i = 0; i < count; i++) {
      positions.add(
          new Position(ORIGINS.get(chance.nextInt(ORIGINS.size())), 1 + chance.nextInt(HIGHEST)));
    }
    return positions;
  }

  /** Built one by one, in an order of chance. */
  private static PositionSet build(Set<Position> positions, Random chance) {
    var order = new ArrayList<>(positions);
    Collections.shuffle(order, chance);
    PositionSet set = PositionSet.EMPTY;
    for (Position position : order) {
      set = set.with(position);
    }
    return set;
  }

  private static Set<Position> members(PositionSet set) {
    var members = new HashSet<Position>();
    set.forEachRange(
        (origin, first, last) -> {
          for (long s = first; s <= last; s++) {
            members.add(new Position(origin, s));
          }
        });
    return members;
  }

  private static int minimalRanges(Set<Position> positions) {
    return (int)
        positions.stream()
            .filter(
                p ->
                    p.sequence() == 1
                        || !positions.contains(new Position(p.origin(), p.sequence() - 1)))
            .count();
  }

  @Test
  void it_behaves_as_the_plain_set_does() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      String where = "seed " + seed;
      var chance = new Random(seed);
      Set<Position> a = random(chance);
      Set<Position> b = random(chance);
      PositionSet setA = build(a, chance);
      PositionSet setB = build(b, chance);

      assertEquals(a, members(setA), where);
      assertEquals(a.isEmpty(), setA.isEmpty(), where);
      assertEquals(a.containsAll(b), setA.containsAll(setB), where);
      for (Origin origin : ORIGINS) {
        long upTo = 0;
        while (a.contains(new Position(origin, upTo + 1))) {
          upTo++;
        }
        assertEquals(upTo, setA.upTo(origin), where);
        for (long s = 1; s <= HIGHEST; s++) {
          var position = new Position(origin, s);
          assertEquals(a.contains(position), setA.contains(position), where);
        }
      }

      var union = new HashSet<>(a);
      union.addAll(b);
      assertEquals(union, members(setA.union(setB)), where);
      assertTrue(setA.union(setB).containsAll(setA), where);
      var difference = new HashSet<>(a);
      difference.removeAll(b);
      assertEquals(difference, members(setA.minus(setB)), where);

      var shared = new HashSet<>(a);
      b.stream()
          .filter(p -> b.stream().anyMatch(q -> q.origin().equals(p.origin()) && a.contains(q)))
          .forEach(shared::add);
      assertEquals(build(shared, chance), setA.unionWhereShared(setB), where);

      // One set has one form, whatever way it came about.
      PositionSet again = build(union, chance);
      assertEquals(again, setA.union(setB), where);
      assertEquals(again.hashCode(), setA.union(setB).hashCode(), where);
      assertEquals(build(difference, chance), setA.minus(setB), where);
      assertEquals(minimalRanges(union), again.rangeCount(), where);
      assertEquals(again, PositionSet.ofBytes(again.toBytes()), where);
      if (!a.isEmpty()) {
        assertTrue(a.contains(setA.last()), where);
      }
      assertEquals(a.equals(b), setA.equals(setB), where);
    }
  }

  @Test
  void a_set_is_the_same_after_it_was_bytes() {
    Origin origin = ORIGINS.get(0);
    PositionSet set = PositionSet.ofRange(origin, 1, 300).with(new Position(origin, 302));
    assertArrayEquals(new byte[] {1, 7, 2, 0, (byte) (0x80 | 43), 2, 1, 0}, set.toBytes());
    for (PositionSet each :
        List.of(
            PositionSet.EMPTY,
            set,
            set.with(new Position(ORIGINS.get(1), 7)).with(new Position(ORIGINS.get(2), 1)),
            PositionSet.ofRange(new Origin(Integer.MAX_VALUE, Integer.MAX_VALUE), 5, 9),
            PositionSet.ofRange(origin, Long.MAX_VALUE - 1, Long.MAX_VALUE - 1),
            PositionSet.ofRange(origin, 1, Long.MAX_VALUE - 1))) {
      assertEquals(each, PositionSet.ofBytes(each.toBytes()));
    }
  }

  @Test
  void bytes_that_no_set_has_are_refused() {
    for (long[] bad :
        new long[][] {
          {1},
          {1, 1},
          {1, 1, 0},
          {1, 1, 1},
          {1, 1, 1, 0},
          {1, 1, 2, 0, 0, 1},
          {1, 1, Long.MAX_VALUE, 0, 0},
          {1, 1, 1 + (1L << 32), 0, 0},
          {1, 1, 1, 0, 0, 2},
          {0, 1, 1, 0, 0},
          {1, 0, 1, 0, 0},
          {1 + (1L << 32), 1, 1, 0, 0},
          {1, 1 + (1L << 32), 1, 0, 0},
          // Origins that do not ascend.
          {2, 1, 1, 0, 0, 1, 1, 1, 0, 0},
          {1, 1, 1, 0, 0, 1, 1, 1, 4, 0},
          // Ranges that touch.
          {1, 1, 2, 0, 2, 0, 0},
          // Beyond what a sequence may be.
          {1, 1, 1, 0, Long.MAX_VALUE - 1},
          {1, 1, 1, Long.MAX_VALUE - 1, 0},
          {1, 1, 1, Long.MAX_VALUE, 0},
          {1, 1, 2, 0, Long.MAX_VALUE - 3, 1, 0}
        }) {
      assertRefused(bytes(bad));
    }
    assertRefused(new byte[] {1, 1, 1, 0, (byte) 0x80});
    var endless = new byte[20];
    Arrays.fill(endless, (byte) 0xff);
    assertRefused(endless);
  }

  private static void assertRefused(byte[] bytes) {
    assertThrows(
        IllegalArgumentException.class,
        () -> PositionSet.ofBytes(bytes),
        () -> Arrays.toString(bytes));
  }

  private static byte[] bytes(long[] numbers) {
    var bytes = new ByteArrayOutputStream();
    for (long number : numbers) {
      long left = number;
      while (left > 127) {
        bytes.write((int) (128 + left % 128));
        left /= 128;
      }
      bytes.write((int) left);
    }
    return bytes.toByteArray();
  }

  @Test
  void any_bytes_are_a_set_or_refused() {
    int sets = 0;
    for (long seed = 1; seed <= 20_000; seed++) {
      var chance = new Random(seed);
      byte[] bytes = build(random(chance), chance).toBytes();
      if (bytes.length == 0) {
        continue;
      }
      bytes[chance.nextInt(bytes.length)] ^= (byte) (1 << chance.nextInt(8));
      PositionSet set;
      try {
        set = PositionSet.ofBytes(bytes);
      } catch (IllegalArgumentException e) {
        continue;
      }
      assertArrayEquals(bytes, set.toBytes(), "seed " + seed);
      sets++;
    }
    assertTrue(sets > 0);
  }

  @Test
  void very_large_sequences_are_ordinary() {
    Origin origin = ORIGINS.get(0);
    PositionSet high = PositionSet.ofRange(origin, 1, Long.MAX_VALUE - 1);
    assertTrue(high.contains(new Position(origin, Long.MAX_VALUE - 1)));
    assertFalse(high.contains(new Position(origin, Long.MAX_VALUE)));
    assertTrue(high.minus(high).isEmpty());
    assertEquals(high, high.union(high));
  }

  @Test
  void people_read_ranges() {
    PositionSet set =
        PositionSet.ofRange(new Origin(1, 1), 1, 5)
            .union(PositionSet.of(new Position(new Origin(1, 1), 7)))
            .union(PositionSet.of(new Position(new Origin(2, 1), 3)));
    assertEquals("1:1-5, 1:7, 2:3", set.toString());
    assertEquals("nothing", PositionSet.EMPTY.toString());
  }

  @Test
  void a_version_vector_is_a_position_set_without_gaps() {
    for (long seed = 1; seed <= SEEDS; seed++) {
      var chance = new Random(seed);
      VersionVector a = VersionVector.EMPTY;
      VersionVector b = VersionVector.EMPTY;
      for (int i = 0; i < 6; i++) {
        a = a.with(ORIGINS.get(chance.nextInt(3)), chance.nextInt(HIGHEST));
        b = b.with(ORIGINS.get(chance.nextInt(3)), chance.nextInt(HIGHEST));
      }
      VersionVector merged = a.merge(b);
      assertEquals(merged, b.merge(a), "seed " + seed);
      assertTrue(merged.dominates(a) && merged.dominates(b), "seed " + seed);
      assertEquals(a.dominates(b), merged.equals(a), "seed " + seed);
      for (Origin origin : ORIGINS) {
        assertEquals(Math.max(a.upTo(origin), b.upTo(origin)), merged.upTo(origin), "seed " + seed);
        for (long s = 1; s <= HIGHEST; s++) {
          assertEquals(
              s <= merged.upTo(origin), merged.contains(new Position(origin, s)), "seed " + seed);
        }
      }
      assertEquals(merged, merged.with(ORIGINS.get(0), 0), "seed " + seed);
    }
  }
}
