package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.wire.Wire;
import dev.tidings.storage.v1.DirectoryIdentity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicLong;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A replica's log, data and progress over a {@link KeyValueStore}. One thread at a time commits;
 * any thread reads.
 *
 * <p>Everything that one round of decisions changes is one {@link Commit}: a crash shows all of it
 * or nothing.
 */
public final class ReplicaStore implements AutoCloseable {
  static final byte[] PROGRESS = "progress".getBytes(StandardCharsets.UTF_8);
  private static final byte[] IDENTITY = "identity".getBytes(StandardCharsets.UTF_8);

  private final KeyValueStore tables;
  private final Identity identity;
  private final Object viewLock = new Object();
  private @Nullable ReadView view;

  /** The latest in which a request came; requests of earlier hours than the one before are gone. */
  private long latestHour;

  /** Rises with each commit; a view of an earlier generation is stale. */
  private final AtomicLong generation = new AtomicLong();

  /**
   * Opens what the tables hold; empty tables become a new replica's, whose incarnation is drawn
   * from {@code chance}.
   *
   * @throws UnusableDataException if they belong to another replica, cluster or consistency mode,
   *     or are of a newer format
   */
  public ReplicaStore(
      KeyValueStore tables,
      String cluster,
      int replicaId,
      Consistency consistency,
      RandomGenerator chance) {
    this.tables = tables;
    byte[] known = tables.get(Table.META, IDENTITY);
    if (known == null) {
      var origin = new Origin(replicaId, chance.nextInt(1, Integer.MAX_VALUE));
      this.identity = new Identity(cluster, origin, consistency);
      try (Batch batch = tables.batch()) {
        batch.put(Table.META, IDENTITY, encode(identity));
        batch.commit();
      }
    } else {
      this.identity = decode(known);
      check("replica id", identity.origin().replicaId(), replicaId);
      check("cluster", identity.cluster(), cluster);
      check("consistency mode", identity.consistency(), consistency);
    }
  }

  private static void check(String what, Object found, Object expected) {
    if (!found.equals(expected)) {
      throw new UnusableDataException(
          "the data directory belongs to %s %s, not %s; choose another directory, or the right %s"
              .formatted(what, found, expected, what));
    }
  }

  private static byte[] encode(Identity identity) {
    return DirectoryIdentity.newBuilder()
        .setFormatVersion(Wire.FORMAT_VERSION)
        .setCluster(identity.cluster())
        .setOrigin(Wire.toProto(identity.origin()))
        .setConsistency(Wire.toProto(identity.consistency()))
        .build()
        .toByteArray();
  }

  private static Identity decode(byte[] record) {
    DirectoryIdentity message = Records.parse(DirectoryIdentity.parser(), record);
    if (message.getFormatVersion() != Wire.FORMAT_VERSION) {
      throw new UnusableDataException(
          "the data directory has format %d; this replica reads format %d"
              .formatted(message.getFormatVersion(), Wire.FORMAT_VERSION));
    }
    return new Identity(
        message.getCluster(),
        Wire.fromProto(message.getOrigin()),
        Wire.fromProto(message.getConsistency()));
  }

  public Identity identity() {
    return identity;
  }

  /** Where the replica stood at the last commit. */
  public Progress progress() {
    byte[] record = tables.get(Table.META, PROGRESS);
    return record == null ? Progress.NONE : Records.progress(record);
  }

  /** What is held but not visible, each origin's writes in order. */
  public List<Write> stalledWrites() {
    Progress progress = progress();
    var stalled = new ArrayList<Write>();
    progress
        .held()
        .counts()
        .forEach(
            (origin, heldUpTo) -> {
              long first = progress.frontier().upTo(origin) + 1;
              for (long sequence = first; sequence <= heldUpTo; sequence++) {
                var position = new Position(origin, sequence);
                if (!progress.frontier().contains(position)) {
                  stalled.add(Records.logEntry(position, logEntry(position)));
                }
              }
            });
    return stalled;
  }

  private byte[] logEntry(Position position) {
    byte[] entry = tables.get(Table.LOG, Keys.log(position));
    if (entry == null) {
      throw new DamagedDataException("the log lacks write " + position);
    }
    return entry;
  }

  /**
   * The origin's writes from {@code first} to {@code last}, all of which are held here; fewer once
   * they pass {@code maxWrites}, or {@code maxBytes} as they are stored; at least one.
   */
  public List<Write> log(Origin origin, long first, long last, int maxWrites, long maxBytes) {
    var writes = new ArrayList<Write>();
    long bytes = 0;
    for (long s = first; s <= last && writes.size() < maxWrites && bytes < maxBytes; s++) {
      var position = new Position(origin, s);
      byte[] entry = logEntry(position);
      writes.add(Records.logEntry(position, entry));
      bytes += entry.length;
    }
    return writes;
  }

  /** What is readable now. The caller closes it. */
  public ReadView view() {
    synchronized (viewLock) {
      ReadView current = view;
      if (current == null || current.generation() != generation.get()) {
        // The generation is read first: a commit in between makes the new view stale, never the old
        // one current.
        long now = generation.get();
        var next = new ReadView(tables.snapshot(), now);
        if (current != null) {
          current.close();
        }
        view = next;
        current = next;
      }
      current.enter();
      return current;
    }
  }

  /** As {@link KeyValueStore#isFull}. */
  public boolean isFull() {
    return tables.isFull();
  }

  /**
   * Makes {@link Commit#sync} possible again after it has thrown {@link DiskFullException}.
   *
   * @throws DiskFullException if there is still too little space
   */
  public void recover() {
    synchronized (viewLock) {
      // Nobody comes to read in between: the tables cannot be opened anew while they are read.
      if (view != null) {
        view.close();
        view = null;
      }
      tables.recover();
    }
  }

  /** Begins a round. */
  public Commit begin() {
    return new Commit();
  }

  @Override
  public void close() {
    synchronized (viewLock) {
      if (view != null) {
        view.close();
        view = null;
      }
    }
    tables.close();
  }

  /** What one round of decisions changes. Confined to one thread. */
  public final class Commit implements AutoCloseable {
    private final Batch batch = tables.batch();

    /** Versions that this round has put, and which the tables do not show yet. */
    private final Map<Bytes, Version> ahead = new HashMap<>();

    /** Requests that this round has logged, by session. */
    private final Map<Bytes, LastRequest> requests = new HashMap<>();

    private boolean isEmpty = true;

    private Commit() {}

    /**
     * Appends a write to its origin's log, and remembers its request id.
     *
     * @param hour what it is now, by any clock
     */
    public void log(Write write, long hour) {
      batch.put(Table.LOG, Keys.log(write.position()), Records.logEntry(write));
      write.requestId().ifPresent(id -> remember(id, write, hour));
      isEmpty = false;
    }

    private void remember(RequestId id, Write write, long hour) {
      Optional<LastRequest> known = lastRequest(id.session(), hour);
      if (known.isPresent() && known.get().number() > id.number()) {
        return;
      }
      if (hour > latestHour) {
        latestHour = hour;
        batch.deleteRange(Table.REQUESTS, Keys.requests(0), Keys.requests(hour - 1));
      }
      var last = new LastRequest(id.number(), write.position(), write.version());
      requests.put(id.session(), last);
      batch.put(Table.REQUESTS, Keys.request(hour, id.session()), Records.lastRequest(last));
    }

    /** The session's last request, if it came in this hour or the one before. */
    public Optional<LastRequest> lastRequest(Bytes session, long hour) {
      LastRequest ahead = requests.get(session);
      if (ahead != null) {
        return Optional.of(ahead);
      }
      for (long each = hour; each >= hour - 1; each--) {
        byte[] record = tables.get(Table.REQUESTS, Keys.request(each, session));
        if (record != null) {
          return Optional.of(Records.lastRequest(record));
        }
      }
      return Optional.empty();
    }

    /** Applies a write's mutations: the last writer by version wins, and feeds keep every entry. */
    public void show(Write write) {
      int place = 0;
      for (Mutation mutation : write.mutations()) {
        if (mutation instanceof Mutation.Append append) {
          batch.put(
              Table.FEEDS,
              Keys.feedEntry(append.key(), write.version(), place),
              stored(write, Optional.of(append.value())).encode());
        } else if (mutation instanceof Mutation.Put put) {
          set(put.key(), stored(write, Optional.of(put.value())));
        } else if (mutation instanceof Mutation.Delete delete) {
          set(delete.key(), stored(write, Optional.empty()));
        } else {
          throw new AssertionError(mutation);
        }
        place++;
      }
      isEmpty = false;
    }

    private static Stored stored(Write write, Optional<Bytes> value) {
      return new Stored(write.version(), write.position(), value);
    }

    private void set(Bytes key, Stored value) {
      Version newest = ahead.get(key);
      if (newest == null) {
        byte[] record = tables.get(Table.REGISTERS, key.array());
        newest = record == null ? null : Stored.decode(record).version();
      }
      if (newest == null || newest.compareTo(value.version()) < 0) {
        batch.put(Table.REGISTERS, key.array(), value.encode());
        ahead.put(key, value.version());
      }
    }

    public boolean isEmpty() {
      return isEmpty;
    }

    /**
     * Makes all of it durable, and then readable.
     *
     * @throws DiskFullException if there is no space; it may be called again after {@link #recover}
     */
    public void sync(Progress progress) {
      batch.put(Table.META, PROGRESS, Records.progress(progress));
      batch.commit();
      generation.incrementAndGet();
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
