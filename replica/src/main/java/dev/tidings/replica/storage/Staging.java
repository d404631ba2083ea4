package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.RequestId;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The data's next edition while a peer's snapshot arrives: nobody reads it. Confined to the thread
 * that decides. Its methods throw {@link DiskFullException} if there is no space.
 */
public final class Staging {
  private static final long BATCH_BYTES = 1 << 20;

  private final KeyValueStore tables;
  private final int live;
  private final int edition;

  /** Requests of which the merged data show several tries: one side may have had them apart. */
  private final List<Split> splits = new ArrayList<>();

  /**
   * @param tries all that are visible in the merged data
   */
  record Split(RequestId request, List<Try> tries) {}

  Staging(KeyValueStore tables, int live, int edition) {
    this.tables = tables;
    this.live = live;
    this.edition = edition;
    drop();
  }

  List<Split> splits() {
    return splits;
  }

  int edition() {
    return edition;
  }

  /** Forgets what an earlier try has left. */
  private void drop() {
    try (Snapshot now = tables.snapshot();
        Batch batch = tables.batch()) {
      boolean isEmpty = true;
      for (Table table : ReplicaStore.DATA) {
        try (var left = new Walk(now, table, edition)) {
          if (left.key() != null) {
            batch.deleteRange(table, Keys.edition(edition), Keys.edition(edition + 1));
            isEmpty = false;
          }
        }
      }
      if (!isEmpty) {
        batch.commit();
      }
    }
  }

  /** Takes the next entries of the snapshot. */
  public void add(List<SnapshotPages.Entry> entries) {
    try (Batch batch = tables.batch()) {
      entries.forEach(
          entry -> batch.put(entry.table(), key(entry.key().array()), entry.value().array()));
      batch.commit();
    }
  }

  private byte[] key(byte[] withoutEdition) {
    return Keys.concat(Keys.edition(edition), withoutEdition);
  }

  /**
   * Merges the data that are read now into the snapshot. A register that one side lacks though it
   * has seen the other's write was deleted there, long enough ago for the delete to be forgotten.
   *
   * @param ours what is visible in the data that are read now; all of it is committed
   * @param theirs what is visible in the snapshot
   */
  public void merge(PositionSet ours, PositionSet theirs) {
    // Where nothing is visible yet, requests may be held all the same.
    List<Table> merged = ours.isEmpty() ? List.of(Table.REQUESTS) : ReplicaStore.DATA;
    try (Snapshot now = tables.snapshot();
        var changes = new Changes()) {
      for (Table table : merged) {
        try (var mine = new Walk(now, table, live);
            var staged = new Walk(now, table, edition)) {
          merge(table, mine, staged, ours, theirs, changes);
        }
      }
    }
  }

  private void merge(
      Table table, Walk mine, Walk staged, PositionSet ours, PositionSet theirs, Changes changes) {
    while (mine.key() != null || staged.key() != null) {
      int order = mine.compareTo(staged);
      if (order < 0) {
        if (!isDeletedBy(table, mine, theirs)) {
          changes.put(table, mine.requiredKey(), mine.value());
        }
        mine.step();
      } else if (order > 0) {
        if (isDeletedBy(table, staged, ours)) {
          changes.delete(table, staged.requiredKey());
        }
        staged.step();
      } else {
        byte[] merged = merged(table, mine.requiredKey(), mine.value(), staged.value());
        if (merged != staged.value()) {
          changes.put(table, mine.requiredKey(), merged);
        }
        mine.step();
        staged.step();
      }
    }
  }

  private Requests.OfSession merged(
      Bytes session, Requests.OfSession mine, Requests.OfSession theirs) {
    Requests.OfSession merged = mine.merge(theirs);
    merged.tries().stream()
        .mapToLong(Try::number)
        .distinct()
        .forEach(
            number -> {
              List<Try> shown = merged.shown(number);
              if (shown.size() > 1) {
                splits.add(new Split(new RequestId(session, number, true), shown));
              }
            });
    return merged;
  }

  /** Whether who has not got it has seen it, and then its end. */
  private static boolean isDeletedBy(Table table, Walk entry, PositionSet seen) {
    return switch (table) {
      case REGISTERS -> seen.contains(Stored.decode(entry.value()).position());
      case PARTS ->
          Keys.isElement(entry.requiredKey())
              && Records.part(entry.value())
                  .last()
                  .filter(last -> seen.contains(last.position()))
                  .isPresent();
      // A try of a request that another try has taken the place of.
      case FEEDS -> seen.contains(Stored.decode(entry.value()).position());
      case REQUESTS, TOMBSTONES -> false;
      case META, LOG -> throw new AssertionError(table);
    };
  }

  private byte[] merged(Table table, byte[] key, byte[] mine, byte[] staged) {
    return switch (table) {
      case REGISTERS ->
          Stored.decode(mine).version().compareTo(Stored.decode(staged).version()) > 0
              ? mine
              : staged;
      case PARTS ->
          Keys.isTwins(key)
              ? Records.twins(Records.twins(mine).merge(Records.twins(staged)))
              : Records.part(Records.part(mine).merge(Records.part(staged)));
      case REQUESTS ->
          Keys.isRequest(key)
              ? Records.requests(
                  merged(Keys.session(key), Records.requests(mine), Records.requests(staged)))
              // What a request adds, or nothing.
              : staged;
      // One key is one write's.
      case FEEDS, TOMBSTONES -> staged;
      case META, LOG -> throw new AssertionError(table);
    };
  }

  /** Changes of the staged edition, committed now and then. */
  private final class Changes implements AutoCloseable {
    private Batch batch = tables.batch();
    private long bytes;

    void put(Table table, byte[] withoutEdition, byte[] value) {
      batch.put(table, key(withoutEdition), value);
      grow(value.length + withoutEdition.length);
    }

    void delete(Table table, byte[] withoutEdition) {
      batch.delete(table, key(withoutEdition));
      grow(withoutEdition.length);
    }

    private void grow(long more) {
      bytes += more;
      if (bytes >= BATCH_BYTES) {
        batch.commit();
        batch.close();
        batch = tables.batch();
        bytes = 0;
      }
    }

    @Override
    public void close() {
      if (bytes > 0) {
        batch.commit();
      }
      batch.close();
    }
  }

  /** A walk over one edition of a table. */
  private static final class Walk implements AutoCloseable {
    private final Cursor cursor;
    private final byte[] prefix;
    private byte @Nullable [] key;

    Walk(Snapshot snapshot, Table table, int edition) {
      prefix = Keys.edition(edition);
      cursor = snapshot.scan(table, prefix);
      step();
    }

    void step() {
      key =
          cursor.next() && Keys.startsWith(cursor.key(), prefix)
              ? Keys.withoutEdition(cursor.key())
              : null;
    }

    /** Null at the end. */
    byte @Nullable [] key() {
      return key;
    }

    byte[] requiredKey() {
      if (key == null) {
        throw new IllegalStateException("the walk is over");
      }
      return key;
    }

    byte[] value() {
      return cursor.value();
    }

    /** By where they stand; who is at the end comes last. */
    int compareTo(Walk other) {
      if (key == null || other.key == null) {
        return key == null ? 1 : -1;
      }
      return Arrays.compareUnsigned(key, other.key);
    }

    @Override
    public void close() {
      cursor.close();
    }
  }
}
