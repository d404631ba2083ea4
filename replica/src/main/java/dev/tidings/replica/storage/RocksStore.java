package dev.tidings.replica.storage;

import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.DBOptions;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;

/** RocksDB behind the port: one column family a table, and a synced write-ahead log. */
public final class RocksStore implements KeyValueStore {
  static {
    RocksDB.loadLibrary();
  }

  private final RocksDB db;
  private final DBOptions dbOptions;
  private final ColumnFamilyOptions tableOptions;
  private final WriteOptions synced = new WriteOptions().setSync(true);
  private final Map<Table, ColumnFamilyHandle> handles = new EnumMap<>(Table.class);

  /**
   * Opens the directory, and creates it if need be.
   *
   * @throws UnusableDataException if another process has it open
   */
  public RocksStore(Path directory) {
    dbOptions =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setInfoLogLevel(InfoLogLevel.WARN_LEVEL)
            .setKeepLogFileNum(3)
            // A record that was torn by a crash was never acknowledged; any other damage must be
            // told.
            .setWalRecoveryMode(WALRecoveryMode.TolerateCorruptedTailRecords);
    tableOptions = new ColumnFamilyOptions();
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, tableOptions));
    for (Table table : Table.values()) {
      descriptors.add(
          new ColumnFamilyDescriptor(
              table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8),
              tableOptions));
    }
    List<ColumnFamilyHandle> opened = new ArrayList<>();
    try {
      Files.createDirectories(directory);
      db = RocksDB.open(dbOptions, directory.toString(), descriptors, opened);
    } catch (IOException e) {
      throw new UnusableDataException("cannot create the data directory " + directory + ": " + e);
    } catch (RocksDBException e) {
      if (String.valueOf(e.getMessage()).contains("lock")) {
        throw new UnusableDataException(
            "the data directory %s is in use by another process; stop that one, or choose another directory"
                .formatted(directory));
      }
      throw new StorageException("cannot open the data directory " + directory, e);
    }
    // In the order of the descriptors.
    Iterator<ColumnFamilyHandle> inOrder = opened.iterator();
    inOrder.next().close();
    for (Table table : Table.values()) {
      handles.put(table, inOrder.next());
    }
  }

  private ColumnFamilyHandle handle(Table table) {
    ColumnFamilyHandle handle = handles.get(table);
    if (handle == null) {
      throw new AssertionError(table);
    }
    return handle;
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    try {
      return db.get(handle(table), key);
    } catch (RocksDBException e) {
      throw new StorageException("cannot read", e);
    }
  }

  @Override
  public Batch batch() {
    return new RocksBatch();
  }

  @Override
  public Snapshot snapshot() {
    return new RocksSnapshot();
  }

  @Override
  public void close() {
    handles.values().forEach(ColumnFamilyHandle::close);
    db.close();
    synced.close();
    dbOptions.close();
    tableOptions.close();
  }

  private final class RocksBatch implements Batch {
    private final WriteBatch batch = new WriteBatch();

    @Override
    public void put(Table table, byte[] key, byte[] value) {
      try {
        batch.put(handle(table), key, value);
      } catch (RocksDBException e) {
        throw new StorageException("cannot write", e);
      }
    }

    @Override
    public void commit() {
      try {
        db.write(synced, batch);
      } catch (RocksDBException e) {
        throw new StorageException("cannot write", e);
      }
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  private final class RocksSnapshot implements Snapshot {
    private final org.rocksdb.Snapshot snapshot = db.getSnapshot();
    private final ReadOptions options = new ReadOptions().setSnapshot(snapshot);

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      try {
        return db.get(handle(table), options, key);
      } catch (RocksDBException e) {
        throw new StorageException("cannot read", e);
      }
    }

    @Override
    public Cursor scan(Table table, byte[] from) {
      return new RocksCursor(db.newIterator(handle(table), options), from);
    }

    @Override
    public void close() {
      options.close();
      db.releaseSnapshot(snapshot);
      snapshot.close();
    }
  }

  private static final class RocksCursor implements Cursor {
    private final RocksIterator iterator;
    private final byte[] from;
    private boolean begun;

    RocksCursor(RocksIterator iterator, byte[] from) {
      this.iterator = iterator;
      this.from = from;
    }

    @Override
    public boolean next() {
      if (begun) {
        iterator.next();
      } else {
        iterator.seek(from);
        begun = true;
      }
      if (!iterator.isValid()) {
        try {
          iterator.status();
        } catch (RocksDBException e) {
          throw new StorageException("cannot read", e);
        }
        return false;
      }
      return true;
    }

    @Override
    public byte[] key() {
      return iterator.key();
    }

    @Override
    public byte[] value() {
      return iterator.value();
    }

    @Override
    public void close() {
      iterator.close();
    }
  }
}
