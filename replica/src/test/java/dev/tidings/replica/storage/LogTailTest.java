package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertArrayEquals;
import static org.junit.jupiter.api.Assertions.assertNotNull;
import static org.junit.jupiter.api.Assertions.assertNull;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import java.nio.ByteBuffer;
import org.junit.jupiter.api.Test;

class LogTailTest {
  private static final Origin ONE = new Origin(1, 10);
  private static final Origin TWO = new Origin(2, 20);

  // Their positions have the same hashes as those of ONE.
  private static final Origin ONE_AGAIN = new Origin(1, 10 + (1 << 13));
  private static final Origin FAR = new Origin(1 + (1 << 13), 10);

  private final LogTail tail = new LogTail();

  /** The bytes tell whose they are. */
  private static byte[] entry(Position position, int bytes) {
    return ByteBuffer.allocate(bytes)
        .putInt(0, position.origin().incarnation())
        .putLong(Integer.BYTES, position.sequence())
        .array();
  }

  private void append(Origin origin, long sequence, int bytes) {
    var position = new Position(origin, sequence);
    tail.append(position, entry(position, bytes));
  }

  private void assertKept(Origin origin, long sequence, int bytes) {
    var position = new Position(origin, sequence);
    assertArrayEquals(entry(position, bytes), tail.get(position), position::toString);
  }

  @Test
  void the_last_megabytes_are_known_and_what_is_older_is_not() {
    int bytes = 1000;
    int appended = 20_000;
    for (int sequence = 1; sequence <= appended; sequence++) {
      append(ONE, sequence, bytes);
      assertKept(ONE, sequence, bytes);
    }
    int oldest = appended;
    while (tail.get(new Position(ONE, oldest - 1)) != null) {
      oldest--;
      assertKept(ONE, oldest, bytes);
    }
    int kept = (appended - oldest) * bytes;
    assertTrue(kept > 15 << 18 && kept < 4 << 20, () -> kept + " bytes are kept");
    for (int sequence = 1; sequence < oldest; sequence++) {
      assertNull(tail.get(new Position(ONE, sequence)));
    }
  }

  @Test
  void logs_are_not_mixed_up_and_do_not_push_each_other_out_before_the_room_is_full() {
    for (int sequence = 1; sequence <= 9_000; sequence++) {
      append(ONE, sequence, 12 + sequence % 50);
      append(TWO, sequence, 12 + sequence % 70);
    }
    for (int sequence = 1; sequence <= 9_000; sequence++) {
      assertKept(ONE, sequence, 12 + sequence % 50);
      assertKept(TWO, sequence, 12 + sequence % 70);
      assertNull(tail.get(new Position(ONE_AGAIN, sequence)));
      assertNull(tail.get(new Position(FAR, sequence)));
    }
  }

  @Test
  void of_two_entries_at_one_position_the_later_holds() {
    // The first one's commit has failed.
    append(ONE, 1, 20);
    append(ONE, 2, 20);
    append(ONE, 1, 30);
    assertKept(ONE, 1, 30);
  }

  @Test
  void a_large_entry_is_not_kept() {
    append(ONE, 1, LogTail.MOST_BYTES);
    append(ONE, 2, LogTail.MOST_BYTES + 1);
    assertNotNull(tail.get(new Position(ONE, 1)));
    assertNull(tail.get(new Position(ONE, 2)));
  }
}
