package dev.tidings.replica.storage;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Bytes;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;

class RegisterCacheTest {
  private static final byte[] KEY = bytes("ring");
  private static final Stored LOST = stored("lost");
  private static final Stored FOUND = stored("found");

  private final RegisterCache cache = new RegisterCache();

  private static byte[] bytes(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
  }

  private static Stored stored(String value) {
    var origin = new Origin(1, 11);
    return new Stored(
        new Version(3, origin), new Position(origin, 1), Optional.of(Bytes.of(bytes(value))));
  }

  private Optional<Stored> get(View view, byte[] key, long generation) {
    return cache.get(view, key, generation);
  }

  /** What a view reads from: one register under all keys. */
  private static final class View implements Reads {
    private final byte @Nullable [] record;
    private final Runnable meanwhile;
    int gets;

    View(@Nullable Stored stored, Runnable meanwhile) {
      this.record = stored == null ? null : stored.encode();
      this.meanwhile = meanwhile;
    }

    View(@Nullable Stored stored) {
      this(stored, () -> {});
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
    get(view, KEY, 3);
    assertEquals(Optional.of(LOST), get(view, KEY, 7));
    assertEquals(Optional.of(LOST), get(view, KEY, 2));
    assertEquals(1, view.gets);
  }

  @Test
  void what_is_absent_is_not_looked_for_again() {
    var view = new View(null);
    get(view, KEY, 1);
    get(view, KEY, 2);
    assertEquals(1, view.gets);
  }

  @Test
  void a_view_of_the_time_before_a_change_has_what_was_there_then() {
    var before = new View(LOST);
    get(before, KEY, 3);
    cache.changing(KEY, FOUND.encode(), 4);
    assertEquals(Optional.of(LOST), get(before, KEY, 3));
    assertEquals(Optional.of(FOUND), get(new View(FOUND), KEY, 4));
  }

  @Test
  void what_was_read_and_is_written_need_not_be_read_again() {
    var before = new View(LOST);
    get(before, KEY, 3);
    cache.changing(KEY, FOUND.encode(), 4);
    assertEquals(Optional.of(FOUND), get(before, KEY, 4));
    cache.changing(KEY, null, 5);
    assertEquals(Optional.empty(), get(before, KEY, 5));
    assertEquals(1, before.gets);
  }

  @Test
  void what_is_only_written_takes_no_place() {
    cache.changing(KEY, LOST.encode(), 4);
    var view = new View(LOST);
    assertEquals(Optional.of(LOST), get(view, KEY, 4));
    assertEquals(1, view.gets);
  }

  @Test
  void who_reads_while_a_change_is_on_its_way_leaves_nothing_old_behind() {
    var before = new View(LOST, () -> cache.changing(KEY, FOUND.encode(), 4));
    assertEquals(Optional.of(LOST), get(before, KEY, 3));
    assertEquals(Optional.of(FOUND), get(new View(FOUND), KEY, 4));
  }

  /** It is newer than it claims to be, which is all that a view knows of itself. */
  @Test
  void a_view_that_was_taken_between_a_commit_and_its_announcement_disturbs_nobody() {
    var older = new View(LOST);
    cache.changing(KEY, FOUND.encode(), 4);
    assertEquals(Optional.of(FOUND), get(new View(FOUND), KEY, 3));
    assertEquals(Optional.of(LOST), get(older, KEY, 3));
  }

  private static List<byte[]> keysOfOneHash(int count) {
    return IntStream.iterate(0, i -> i + 1)
        .mapToObj(i -> bytes("other-" + i))
        .filter(key -> RegisterCache.hash(key) == RegisterCache.hash(KEY))
        .limit(count)
        .toList();
  }

  @Test
  void keys_of_one_hash_are_not_taken_for_each_other_however_many_they_are() {
    for (int round = 0; round < 3; round++) {
      for (byte[] key : keysOfOneHash(6)) {
        Stored stored = stored(new String(key, StandardCharsets.UTF_8));
        assertEquals(Optional.of(stored), get(new View(stored), key, 1));
      }
    }
  }

  @Test
  void ten_thousand_keys_that_are_numbered_are_kept_but_for_a_few() {
    var view = new View(LOST);
    for (int round = 0; round < 2; round++) {
      for (int i = 0; i < 10_000; i++) {
        get(view, bytes("k" + i), 1);
      }
    }
    assertTrue(view.gets < 10_100, () -> view.gets + " were searched for");
  }

  @Test
  void a_few_keys_of_one_hash_are_all_kept_until_one_of_them_changes() {
    byte[] other = keysOfOneHash(1).get(0);
    var view = new View(LOST);
    for (int round = 0; round < 3; round++) {
      get(view, KEY, 1);
      get(view, other, 1);
    }
    assertEquals(2, view.gets);
    cache.changing(KEY, FOUND.encode(), 2);
    assertEquals(Optional.of(LOST), get(view, other, 2));
    assertEquals(3, view.gets);
  }

  @Test
  void large_records_are_read_again() {
    Stored large = stored("x".repeat(RegisterCache.MOST_BYTES));
    var view = new View(large);
    get(view, KEY, 1);
    get(view, KEY, 1);
    assertEquals(2, view.gets);
    cache.changing(KEY, large.encode(), 2);
    assertEquals(Optional.of(LOST), get(new View(LOST), KEY, 2));
  }
}
