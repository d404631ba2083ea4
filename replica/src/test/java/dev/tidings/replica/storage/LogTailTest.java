package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import org.junit.jupiter.api.Test;

class LogTailTest {
  private static final Origin ONE = new Origin(1, 10);
  private static final Origin TWO = new Origin(2, 20);

  private final LogTail tail = new LogTail();

  @Test
  void the_last_entries_are_known_and_older_ones_are_not() {
    byte[] first = new byte[1];
    byte[] second = new byte[1];
    byte[] last = new byte[1];
    tail.append(new Position(ONE, 1), first);
    tail.append(new Position(ONE, 2), second);
    assertSame(first, tail.get(new Position(ONE, 1)));
    tail.append(new Position(ONE, 1 + LogTail.ENTRIES), last);
    assertNull(tail.get(new Position(ONE, 1)));
    assertSame(second, tail.get(new Position(ONE, 2)));
    assertSame(last, tail.get(new Position(ONE, 1 + LogTail.ENTRIES)));
  }

  @Test
  void two_logs_whose_entries_have_one_place_are_not_mixed_up() {
    for (int sequence = 1; sequence <= LogTail.ENTRIES; sequence++) {
      tail.append(new Position(ONE, sequence), new byte[1]);
    }
    for (int sequence = 1; sequence <= LogTail.ENTRIES; sequence++) {
      assertNull(tail.get(new Position(TWO, sequence)));
    }
  }

  @Test
  void a_large_entry_is_not_kept() {
    tail.append(new Position(ONE, 1), new byte[LogTail.MOST_BYTES]);
    tail.append(new Position(ONE, 2), new byte[LogTail.MOST_BYTES + 1]);
    assertNotNull(tail.get(new Position(ONE, 1)));
    assertNull(tail.get(new Position(ONE, 2)));
  }
}
