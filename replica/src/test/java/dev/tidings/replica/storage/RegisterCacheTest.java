package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertSame;

import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.nio.charset.StandardCharsets;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RegisterCacheTest {
  private static final byte[] KEY = bytes("ring");
  private static final byte[] LOST = bytes("lost");
  private static final byte[] FOUND = bytes("found");

  private final RegisterCache cache = new RegisterCache();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  /** What a view reads from: one record under all keys. */
  private static final class View implements Reads {
    private final byte @Nullable [] record;
    private final Runnable meanwhile;
    int gets;

    View(byte @Nullable [] record, Runnable meanwhile) {
      this.record = record;
      this.meanwhile = meanwhile;
    }

    View(byte @Nullable [] record) {
      this(record, () -> {});
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      gets++;
      meanwhile.run();
      return record;
    }

    @Override
    public Cursor scan(Table table, byte[] from) {
      throw new UnsupportedOperationException();
    }
  }

  @Test
  void what_was_read_is_not_read_again_by_any_view_as_long_as_it_does_not_change() {
    var view = new View(LOST);
    cache.get(view, KEY, 3);
    assertSame(LOST, cache.get(view, KEY, 7));
    assertSame(LOST, cache.get(view, KEY, 2));
    assertEquals(1, view.gets);
  }

  @Test
  void what_is_absent_is_not_looked_for_again() {
    var view = new View(null);
    cache.get(view, KEY, 1);
    cache.get(view, KEY, 2);
    assertEquals(1, view.gets);
  }

  @Test
  void a_view_of_the_time_before_a_change_has_what_was_there_then() {
    var before = new View(LOST);
    cache.get(before, KEY, 3);
    cache.changing(KEY, FOUND, 4);
    assertSame(LOST, cache.get(before, KEY, 3));
    assertSame(FOUND, cache.get(new View(null), KEY, 4));
  }

  @Test
  void what_is_written_need_not_be_read() {
    cache.changing(KEY, FOUND, 4);
    var after = new View(FOUND);
    assertSame(FOUND, cache.get(after, KEY, 4));
    cache.changing(KEY, null, 5);
    assertSame(null, cache.get(after, KEY, 5));
    assertEquals(0, after.gets);
  }

  @Test
  void who_reads_while_a_change_is_on_its_way_leaves_nothing_old_behind() {
    var before = new View(LOST, () -> cache.changing(KEY, FOUND, 4));
    assertSame(LOST, cache.get(before, KEY, 3));
    assertSame(FOUND, cache.get(new View(FOUND), KEY, 4));
  }

  /** It is newer than it claims to be, which is all that a view knows of itself. */
  @Test
  void a_view_that_was_taken_between_a_commit_and_its_announcement_disturbs_nobody() {
    var older = new View(LOST);
    cache.changing(KEY, FOUND, 4);
    assertSame(FOUND, cache.get(new View(FOUND), KEY, 3));
    assertSame(LOST, cache.get(older, KEY, 3));
  }

  @Test
  void keys_that_share_a_slot_are_not_taken_for_each_other() {
    byte[] other =
        IntStream.iterate(0, i -> i + 1)
            .mapToObj(i -> bytes("other-" + i))
            .filter(key -> RegisterCache.slot(key) == RegisterCache.slot(KEY))
            .findFirst()
            .orElseThrow();
    cache.get(new View(LOST), KEY, 1);
    assertSame(FOUND, cache.get(new View(FOUND), other, 1));
    assertSame(LOST, cache.get(new View(LOST), KEY, 1));
  }

  @Test
  void large_records_are_read_again() {
    var view = new View(new byte[RegisterCache.MOST_BYTES]);
    cache.get(view, KEY, 1);
    cache.get(view, KEY, 1);
    assertEquals(2, view.gets);
    cache.changing(KEY, new byte[RegisterCache.MOST_BYTES], 2);
    assertSame(LOST, cache.get(new View(LOST), KEY, 2));
  }
}
