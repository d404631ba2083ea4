package dev.tidings.replica.link;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertThrows;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.time.Duration;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Random;
import org.junit.jupiter.api.Test;

final class SimulatedLinkTest {
  private static final long SECOND = 1_000_000;

  @Test
  void what_enters_comes_out_after_the_delay_and_not_before() {
    var link = new SimulatedLink(2 * SECOND);
    link.enter(1, 0);
    link.enter(5, SECOND);
    assertEquals(0, link.passedUpTo(2 * SECOND - 1));
    assertEquals(OptionalLong.of(2 * SECOND), link.nextDueMicros(SECOND));
    assertEquals(1, link.passedUpTo(2 * SECOND));
    assertEquals(5, link.passedUpTo(3 * SECOND));
    assertEquals(OptionalLong.empty(), link.nextDueMicros(3 * SECOND));
  }

  @Test
  void order_is_kept_whatever_the_delay_does() {
    for (long seed = 1; seed <= 200; seed++) {
      var chance = new Random(seed);
      var link = new SimulatedLink(chance.nextInt(5) * SECOND);
      long head = 0;
      long last = 0;
      long now = 0;
      for (int step = 0; step < 100; step++) {
        now += chance.nextLong(SECOND);
        switch (chance.nextInt(3)) {
          case 0 -> link.enter(head += 1 + chance.nextInt(5), now);
          case 1 -> link.set(chance.nextInt(5) * SECOND);
          default -> {
            long passed = link.passedUpTo(now);
            assertTrue(passed >= last && passed <= head, "seed " + seed);
            last = passed;
          }
        }
      }
      link.set(0);
      assertEquals(head, link.passedUpTo(now), "seed " + seed);
    }
  }

  @Test
  void delays_are_read_as_people_write_them() {
    String spec = "1-2=2s, 2>3=500ms,1>3=1.5m,3>1=0s";
    assertEquals(
        Map.of(
            2, new LinkSettings(Duration.ofSeconds(2), false),
            3, new LinkSettings(Duration.ofSeconds(90), false)),
        LinkSpec.outgoing(1, spec));
    assertEquals(
        Map.of(
            1, new LinkSettings(Duration.ofSeconds(2), false),
            3, new LinkSettings(Duration.ofMillis(500), false)),
        LinkSpec.outgoing(2, spec));
    assertEquals(Map.of(1, LinkSettings.NONE), LinkSpec.outgoing(3, spec));
    assertEquals(Map.of(), LinkSpec.outgoing(1, ""));
    for (String bad :
        new String[] {"1-2", "1-2=2", "1<2=2s", "a-b=2s", "1-2=-2s", "1-2=2h", "1-2=99999m"}) {
      assertThrows(IllegalArgumentException.class, () -> LinkSpec.outgoing(1, bad), bad);
    }
  }
}
