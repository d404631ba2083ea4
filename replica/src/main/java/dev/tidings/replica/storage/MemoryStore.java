package dev.tidings.replica.storage;

import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.TreeMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Tables in memory, for tests and simulations: what is committed outlives the replica that wrote
 * it, as long as this object does. A table is copied when it changes while a snapshot of it is
 * open, so snapshots are cheap where nothing is written, and writes are cheap where nothing is
 * read.
 */
public final class MemoryStore implements KeyValueStore {
  private final Map<Table, SharedTable> tables = new EnumMap<>(Table.class);
  private long commits;

  public MemoryStore() {
    for (Table table : Table.values()) {
      tables.put(table, new SharedTable(new TreeMap<>(Arrays::compareUnsigned)));
    }
  }

  private static final class SharedTable {
    final NavigableMap<byte[], byte[]> rows;
    int snapshots;

    SharedTable(NavigableMap<byte[], byte[]> rows) {
      this.rows = rows;
    }
  }

  private static SharedTable of(Map<Table, SharedTable> tables, Table table) {
    SharedTable shared = tables.get(table);
    if (shared == null) {
      throw new AssertionError(table);
    }
    return shared;
  }

  @Override
  public synchronized byte @Nullable [] get(Table table, byte[] key) {
    return of(tables, table).rows.get(key);
  }

  @Override
  public Batch batch() {
    var changes = new ArrayList<Consumer<MemoryStore>>();
    return new Batch() {
      @Override
      public void put(Table table, byte[] key, byte[] value) {
        changes.add(store -> store.changeable(table).put(key, value));
      }

      @Override
      public void delete(Table table, byte[] key) {
        changes.add(store -> store.changeable(table).remove(key));
      }

      @Override
      public void deleteRange(Table table, byte[] from, byte[] to) {
        changes.add(store -> store.changeable(table).subMap(from, true, to, false).clear());
      }

      @Override
      public long commit() {
        return apply(changes);
      }

      @Override
      public void close() {}
    };
  }

  private synchronized long apply(List<Consumer<MemoryStore>> changes) {
    changes.forEach(change -> change.accept(this));
    return ++commits;
  }

  /** Copied first if a snapshot of it is open. */
  private NavigableMap<byte[], byte[]> changeable(Table table) {
    if (of(tables, table).snapshots > 0) {
      tables.put(table, new SharedTable(new TreeMap<>(of(tables, table).rows)));
    }
    return of(tables, table).rows;
  }

  @Override
  public boolean isFull() {
    return false;
  }

  @Override
  public boolean recover() {
    return true;
  }

  @Override
  public synchronized Snapshot snapshot() {
    var frozen = new EnumMap<>(tables);
    frozen.values().forEach(table -> table.snapshots++);
    long number = commits;
    return new Snapshot() {
      @Override
      public long number() {
        return number;
      }

      @Override
      public byte @Nullable [] get(Table table, byte[] key) {
        return of(frozen, table).rows.get(key);
      }

      @Override
      public Cursor scan(Table table, byte[] from) {
        return new MemoryCursor(of(frozen, table).rows.tailMap(from, true).entrySet().iterator());
      }

      @Override
      public void close() {
        synchronized (MemoryStore.this) {
          frozen.values().forEach(table -> table.snapshots--);
        }
      }
    };
  }

  /** Keeps what is stored: the "disk" may be opened again. */
  @Override
  public void close() {}

  private static final class MemoryCursor implements Cursor {
    private final Iterator<Map.Entry<byte[], byte[]>> rows;
    private Map.@Nullable Entry<byte[], byte[]> current;

    MemoryCursor(Iterator<Map.Entry<byte[], byte[]>> rows) {
      this.rows = rows;
    }

    private Map.Entry<byte[], byte[]> current() {
      if (current == null) {
        throw new IllegalStateException("next() was not called, or said that this is the end");
      }
      return current;
    }

    @Override
    public boolean next() {
      current = rows.hasNext() ? rows.next() : null;
      return current != null;
    }

    @Override
    public byte[] key() {
      return current().getKey();
    }

    @Override
    public byte[] value() {
      return current().getValue();
    }

    @Override
    public void close() {}
  }
}
