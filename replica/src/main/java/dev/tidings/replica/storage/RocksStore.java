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
import java.util.Objects;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.locks.LockSupport;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.rocksdb.ColumnFamilyDescriptor;
import org.rocksdb.ColumnFamilyHandle;
import org.rocksdb.ColumnFamilyOptions;
import org.rocksdb.CompressionType;
import org.rocksdb.DBOptions;
import org.rocksdb.Env;
import org.rocksdb.InfoLogLevel;
import org.rocksdb.Priority;
import org.rocksdb.ReadOptions;
import org.rocksdb.RocksDB;
import org.rocksdb.RocksDBException;
import org.rocksdb.RocksIterator;
import org.rocksdb.Status;
import org.rocksdb.WALRecoveryMode;
import org.rocksdb.WriteBatch;
import org.rocksdb.WriteOptions;
import org.slf4j.LoggerFactory;

/** RocksDB behind the port: one column family a table, and a synced write-ahead log. */
public final class RocksStore implements KeyValueStore {
  static {
    NativeLibrary.load();
  }

  private static final org.slf4j.Logger LOG = LoggerFactory.getLogger(RocksStore.class);
  private static final long LOOK_NANOS = 1_000_000;
  private static final int MAX_LOOKS = 100;

  /**
   * So much is read again when the database is opened after a crash. A table that hardly changes
   * would keep the log of the others for gigabytes.
   */
  private static final long MAX_WAL_BYTES = 128L << 20;

  /**
   * A table's changes are kept in memory up to so many bytes, and four files of that size wait on
   * the disk before they are compacted: of what is overwritten fast, all four are superfluous.
   */
  private static final long TABLE_BUFFER_BYTES = 32L << 20;

  /** What is young is mostly overwritten or cut off soon: compressing it would be in vain. */
  private static final List<CompressionType> COMPRESSION_BY_LEVEL =
      Stream.concat(
              Stream.generate(() -> CompressionType.NO_COMPRESSION).limit(2),
              Stream.generate(() -> CompressionType.SNAPPY_COMPRESSION).limit(5))
          .toList();

  private final Path directory;
  private final long minFreeBytes;
  private final Warnings warnings = new Warnings();
  private final WriteOptions synced = new WriteOptions().setSync(true);

  /** Held for reading by whoever uses the database, for writing while it is opened anew. */
  private final ReadWriteLock use = new ReentrantReadWriteLock();

  private final AtomicInteger openSnapshots = new AtomicInteger();
  private Opened opened;

  /** What belongs to one opening of the database. */
  private record Opened(
      RocksDB db,
      DBOptions options,
      ColumnFamilyOptions tableOptions,
      Map<Table, ColumnFamilyHandle> handles) {
    ColumnFamilyHandle handle(Table table) {
      return Objects.requireNonNull(handles.get(table));
    }

    void close() {
      handles.values().forEach(ColumnFamilyHandle::close);
      db.close();
      options.close();
      tableOptions.close();
    }
  }

  /**
   * Opens the directory, and creates it if need be. What a crash has torn off the end of the
   * write-ahead log was never acknowledged; it is cut off with a warning.
   *
   * @param minFreeBytes with less space than that the disk counts as full
   * @throws UnusableDataException if another process has it open
   * @throws DamagedDataException if anything else in it is damaged, as far as opening it looks
   */
  public RocksStore(Path directory, long minFreeBytes) {
    this.directory = directory;
    this.minFreeBytes = minFreeBytes;
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UnusableDataException("cannot create the data directory " + directory + ": " + e);
    }
    yieldToRequests();
    opened = open();
  }

  /**
   * Writing tables to the disk and merging them can wait for a processor; who waits for an answer
   * should not. If they fall behind, RocksDB holds up writes until they have caught up.
   */
  private static void yieldToRequests() {
    Env background = Env.getDefault();
    background.lowerThreadPoolCPUPriority(Priority.HIGH);
    background.lowerThreadPoolCPUPriority(Priority.LOW);
  }

  private Opened open() {
    try {
      return open(WALRecoveryMode.AbsoluteConsistency);
    } catch (RocksDBException e) {
      if (!isDamage(e)) {
        throw unusable(e);
      }
    }
    try {
      Opened cut = open(WALRecoveryMode.TolerateCorruptedTailRecords);
      LOG.warn(
          "the write-ahead log in {} ended in the middle of a record, as after a crash: cut off; it was never"
              + " acknowledged",
          directory);
      return cut;
    } catch (RocksDBException e) {
      throw isDamage(e)
          ? new DamagedDataException(
              "the data in %s are damaged: %s".formatted(directory, warnings.lastDamage(e)), e)
          : unusable(e);
    }
  }

  private static boolean isDamage(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getCode() == Status.Code.Corruption;
  }

  private RuntimeException unusable(RocksDBException e) {
    if (isNoSpace(e)) {
      return new DiskFullException();
    }
    if (String.valueOf(e.getMessage()).contains("lock")) {
      return new UnusableDataException(
          "the data directory %s is in use by another process; stop that one, or choose another directory"
              .formatted(directory));
    }
    return new StorageException("cannot open the data directory " + directory, e);
  }

  private static boolean isNoSpace(RocksDBException e) {
    return e.getStatus() != null && e.getStatus().getSubCode() == Status.SubCode.NoSpace;
  }

  private Opened open(WALRecoveryMode recovery) throws RocksDBException {
    DBOptions options =
        new DBOptions()
            .setCreateIfMissing(true)
            .setCreateMissingColumnFamilies(true)
            .setLogger(warnings)
            .setMaxTotalWalSize(MAX_WAL_BYTES)
            .setWalRecoveryMode(recovery);
    var tableOptions =
        new ColumnFamilyOptions()
            .setWriteBufferSize(TABLE_BUFFER_BYTES)
            .setNumLevels(COMPRESSION_BY_LEVEL.size())
            .setCompressionPerLevel(COMPRESSION_BY_LEVEL);
    var descriptors = new ArrayList<ColumnFamilyDescriptor>();
    descriptors.add(new ColumnFamilyDescriptor(RocksDB.DEFAULT_COLUMN_FAMILY, tableOptions));
    for (Table table : Table.values()) {
      descriptors.add(
          new ColumnFamilyDescriptor(
              table.name().toLowerCase(Locale.ROOT).getBytes(StandardCharsets.UTF_8),
              tableOptions));
    }
    List<ColumnFamilyHandle> inOrder = new ArrayList<>();
    RocksDB db;
    try {
      db = RocksDB.open(options, directory.toString(), descriptors, inOrder);
    } catch (RocksDBException e) {
      options.close();
      tableOptions.close();
      throw e;
    }
    Iterator<ColumnFamilyHandle> next = inOrder.iterator();
    next.next().close();
    Map<Table, ColumnFamilyHandle> handles = new EnumMap<>(Table.class);
    for (Table table : Table.values()) {
      handles.put(table, next.next());
    }
    return new Opened(db, options, tableOptions, handles);
  }

  /** RocksDB's warnings, for our own log; its own would be one more file. */
  private static final class Warnings extends org.rocksdb.Logger {
    private volatile String last = "";

    Warnings() {
      super(InfoLogLevel.WARN_LEVEL);
    }

    @Override
    protected void log(InfoLogLevel level, String message) {
      String line = message.strip();
      LOG.debug("RocksDB: {}", line);
      if (line.contains("dropping") || line.contains("orruption")) {
        last = last.contains("dropping") ? last : line;
      }
    }

    /** In which file, if RocksDB told it. */
    String lastDamage(RocksDBException e) {
      return last.isEmpty() ? String.valueOf(e.getMessage()) : last.replaceFirst("^\\[[^]]*] ", "");
    }
  }

  @Override
  public boolean isFull() {
    return directory.toFile().getUsableSpace() < minFreeBytes;
  }

  @Override
  public boolean recover() {
    if (isFull()) {
      throw new DiskFullException();
    }
    use.writeLock().lock();
    try {
      for (int looks = 0; openSnapshots.get() > 0; looks++) {
        if (looks >= MAX_LOOKS) {
          return false;
        }
        LockSupport.parkNanos(LOOK_NANOS);
      }
      // RocksDB refuses to write once its log could not be, until it is opened anew.
      opened.close();
      try {
        opened = open();
      } catch (DiskFullException e) {
        throw new StorageException("there was space, and then none to open the data anew", e);
      }
      return true;
    } finally {
      use.writeLock().unlock();
    }
  }

  private RuntimeException failure(String what, RocksDBException e) {
    return isDamage(e)
        ? new DamagedDataException(
            "the data in %s are damaged: %s".formatted(directory, e.getMessage()), e)
        : isNoSpace(e) ? new DiskFullException() : new StorageException(what, e);
  }

  @Override
  public byte @Nullable [] get(Table table, byte[] key) {
    use.readLock().lock();
    try {
      return opened.db().get(opened.handle(table), key);
    } catch (RocksDBException e) {
      throw failure("cannot read", e);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public Batch batch() {
    return new RocksBatch();
  }

  @Override
  public Snapshot snapshot() {
    use.readLock().lock();
    try {
      openSnapshots.incrementAndGet();
      return new RocksSnapshot(opened);
    } finally {
      use.readLock().unlock();
    }
  }

  @Override
  public void close() {
    opened.close();
    synced.close();
    warnings.close();
  }

  private final class RocksBatch implements Batch {
    private final WriteBatch batch = new WriteBatch();

    @Override
    public void put(Table table, byte[] key, byte[] value) {
      try {
        batch.put(opened.handle(table), key, value);
      } catch (RocksDBException e) {
        throw failure("cannot write", e);
      }
    }

    @Override
    public void delete(Table table, byte[] key) {
      try {
        batch.delete(opened.handle(table), key);
      } catch (RocksDBException e) {
        throw failure("cannot write", e);
      }
    }

    @Override
    public void deleteRange(Table table, byte[] from, byte[] to) {
      try {
        batch.deleteRange(opened.handle(table), from, to);
      } catch (RocksDBException e) {
        throw failure("cannot write", e);
      }
    }

    @Override
    public long commit() {
      try {
        opened.db().write(synced, batch);
        return opened.db().getLatestSequenceNumber();
      } catch (RocksDBException e) {
        throw failure("cannot write", e);
      }
    }

    @Override
    public void close() {
      batch.close();
    }
  }

  private final class RocksSnapshot implements Snapshot {
    private final Opened at;
    private final org.rocksdb.Snapshot snapshot;
    private final ReadOptions options;

    RocksSnapshot(Opened at) {
      this.at = at;
      this.snapshot = at.db().getSnapshot();
      this.options = new ReadOptions().setSnapshot(snapshot);
    }

    @Override
    public long number() {
      return snapshot.getSequenceNumber();
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      try {
        return at.db().get(at.handle(table), options, key);
      } catch (RocksDBException e) {
        throw failure("cannot read", e);
      }
    }

    @Override
    public Cursor scan(Table table, byte[] from) {
      return new RocksCursor(at.db().newIterator(at.handle(table), options), from);
    }

    @Override
    public void close() {
      options.close();
      at.db().releaseSnapshot(snapshot);
      snapshot.close();
      openSnapshots.decrementAndGet();
    }
  }

  private final class RocksCursor implements Cursor {
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
          throw failure("cannot read", e);
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
