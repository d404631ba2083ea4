package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Membership;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Progress;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.TimeTable;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.wire.Wire;
import dev.tidings.storage.v1.DirectoryIdentity;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Predicate;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * A replica's log, data and progress over a {@link KeyValueStore}. One thread decides, and it or
 * another writes what was decided; any thread reads.
 *
 * <p>Everything that some rounds of decisions change is one {@link Commit}: a crash shows all of it
 * or nothing.
 */
public final class ReplicaStore implements AutoCloseable {
  static final byte[] PROGRESS = utf8("progress");
  static final byte[] EDITION = utf8("edition");
  private static final byte[] IDENTITY = utf8("identity");
  static final byte[] LOG_START = utf8("log start");
  private static final byte[] PEERS = utf8("peers");
  private static final byte[] CAUGHT_UP = utf8("caught up");
  static final byte[] FORGOT = utf8("has forgotten deletes");
  private static final byte[] MEMBER = utf8("member ");

  /** What a snapshot consists of, and what is kept by edition. */
  static final List<Table> DATA =
      List.of(Table.REGISTERS, Table.FEEDS, Table.PARTS, Table.REQUESTS, Table.TOMBSTONES);

  private final KeyValueStore tables;
  private final Identity identity;
  private final Object viewLock = new Object();
  private @Nullable ReadView view;

  private volatile Committed last;

  /** Which edition of the data is changed. */
  private int edition;

  /** Whether deletes are missing in it. */
  private boolean hasForgottenDeletes;

  /** Per origin up to where its log has been cut off. */
  private volatile VersionVector logStart;

  /**
   * Where the last entry of each origin's log ends, bytes; read when it is first needed. Whoever
   * writes a commit uses it.
   */
  private final Map<Origin, Long> logEnds = new HashMap<>();

  private final Recent<Requests.OfSession> recentRequests = new Recent<>();
  private final Recent<Version> recentVersions = new Recent<>();
  private final RegisterCache registers = new RegisterCache();
  private final LogTail logTail = new LogTail();

  /**
   * What the last commit has left.
   *
   * @param number of the tables after it
   * @param generation rises with each commit; a view of an earlier one is stale
   */
  private record Committed(long number, long generation, Extent extent) {}

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
    try (Snapshot now = tables.snapshot()) {
      this.last = new Committed(now.number(), 0, Extent.of(now));
    }
    this.edition = last.extent().edition();
    this.hasForgottenDeletes = last.extent().hasForgottenDeletes();
    // What a snapshot had brought that was never complete.
    stage();
    byte[] cut = tables.get(Table.META, LOG_START);
    this.logStart = cut == null ? VersionVector.EMPTY : Records.logStart(cut);
  }

  private static byte[] utf8(String text) {
    return text.getBytes(StandardCharsets.UTF_8);
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
    try (Snapshot now = tables.snapshot()) {
      return Extent.of(now).progress();
    }
  }

  /** The members that writes have told of. */
  public List<Membership.Entry> members() {
    var members = new ArrayList<Membership.Entry>();
    try (Snapshot now = tables.snapshot();
        Cursor cursor = now.scan(Table.META, MEMBER)) {
      while (cursor.next() && Keys.startsWith(cursor.key(), MEMBER)) {
        members.add(Records.member(cursor.value()));
      }
    }
    return members;
  }

  /** What was last known of peers. */
  public Map<Origin, TimeTable.Row> peers() {
    byte[] record = tables.get(Table.META, PEERS);
    return record == null ? Map.of() : Records.peers(record);
  }

  /** Whether this replica has ever been as far as its cluster was when it began. */
  public boolean hasCaughtUp() {
    return tables.get(Table.META, CAUGHT_UP) != null;
  }

  /** Per origin up to where its log has been cut off: it is in the data only. Any thread. */
  public VersionVector logStart() {
    return logStart;
  }

  /**
   * Where the entry ends in its origin's log, bytes; what lies between two entries has a known
   * size.
   */
  public long logEnd(Position position) {
    return Records.logEnd(logEntry(position));
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
    byte[] recent = recent(position);
    byte[] entry = recent == null ? tables.get(Table.LOG, Keys.log(position)) : recent;
    if (entry == null) {
      // Cut off only after this had been told.
      if (logStart.contains(position)) {
        throw new LogCutException(position.origin(), logStart.upTo(position.origin()));
      }
      throw new DamagedDataException("the log lacks write " + position);
    }
    return entry;
  }

  /** Null if the log's entry must be looked for in the tables. */
  private byte @Nullable [] recent(Position position) {
    return logStart.contains(position) ? null : logTail.get(position);
  }

  /**
   * A write that is held here.
   *
   * @throws LogCutException if the log begins later by now
   */
  public Write log(Position position) {
    return Records.logEntry(position, logEntry(position));
  }

  /**
   * The origin's writes from {@code first} to {@code last}, all of which are held here, as encoded
   * messages; fewer once they pass {@code maxWrites}, or {@code maxBytes} as they are stored; at
   * least one.
   *
   * @throws LogCutException if the log begins later by now
   */
  public List<Bytes> log(Origin origin, long first, long last, int maxWrites, long maxBytes) {
    var writes = new ArrayList<Bytes>();
    long bytes = 0;
    try (var walk = new LogWalk()) {
      for (long s = first; s <= last && writes.size() < maxWrites && bytes < maxBytes; s++) {
        var position = new Position(origin, s);
        byte[] entry = walk.next(position);
        writes.add(Records.logged(position, entry));
        bytes += entry.length;
      }
    }
    return writes;
  }

  /** A walk over an origin's log: over the tables only for what is not in memory. */
  private final class LogWalk implements AutoCloseable {
    private @Nullable Snapshot snapshot;
    private @Nullable Cursor cursor;

    /**
     * @param position after the one before
     */
    byte[] next(Position position) {
      if (cursor == null) {
        byte[] recent = recent(position);
        if (recent != null) {
          return recent;
        }
        snapshot = tables.snapshot();
        cursor = snapshot.scan(Table.LOG, Keys.log(position));
      }
      return cursor.next() && Arrays.equals(cursor.key(), Keys.log(position))
          ? cursor.value()
          : logEntry(position);
    }

    @Override
    public void close() {
      if (cursor != null) {
        cursor.close();
      }
      if (snapshot != null) {
        snapshot.close();
      }
    }
  }

  /** What is readable now. The caller closes it. */
  public ReadView view() {
    synchronized (viewLock) {
      ReadView current = view;
      // Looked at first: a commit in between makes the new view stale, never the old one current.
      Committed now = last;
      if (current == null || current.generation() != now.generation()) {
        Snapshot snapshot = tables.snapshot();
        Extent extent = snapshot.number() == now.number() ? now.extent() : Extent.of(snapshot);
        var next = new ReadView(snapshot, registers, this::recent, extent, now.generation());
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
   * @return whether it is done; false if somebody still reads a snapshot
   * @throws DiskFullException if there is still too little space
   */
  public boolean recover() {
    synchronized (viewLock) {
      // Nobody comes to read in between: the tables cannot be opened anew while they are read.
      if (view != null) {
        view.close();
        view = null;
      }
      return tables.recover();
    }
  }

  /** All that is readable now, for another replica. The caller closes it. */
  public SnapshotPages pages() {
    return new SnapshotPages(tables.snapshot(), members());
  }

  /**
   * Begins the data's next edition, which a peer's snapshot fills. What was left of an earlier try
   * is gone.
   *
   * @throws DiskFullException if there is no space
   */
  public Staging stage() {
    return new Staging(tables, edition, edition + 1);
  }

  /** Begins a round, when nothing is on its way to the disk. */
  public Commit begin() {
    return new Commit(null);
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

  /**
   * What some rounds of decisions change. Confined to one thread at a time: to that which decides,
   * and then to that which writes.
   */
  public final class Commit implements AutoCloseable {
    private final Batch batch = tables.batch();
    private final List<ToLog> logged = new ArrayList<>();
    private long bytes;

    /** What is still on its way to the disk, or was when this began. */
    private @Nullable Commit before;

    private boolean isEmpty = true;
    private int edition = ReplicaStore.this.edition;
    private boolean hasForgottenDeletes = ReplicaStore.this.hasForgottenDeletes;
    private LiveData data;
    private Requests requests;

    private boolean ended;

    /** Whether all of it is in the batch. */
    private boolean batched;

    private volatile boolean written;

    private record ToLog(Write write, @Nullable Bytes message) {}

    private Commit(@Nullable Commit before) {
      this.before = before;
      this.data = newData();
      this.requests = newRequests();
    }

    private LiveData newData() {
      return new LiveData(
          tables, batch, edition, identity.origin(), recentVersions, this::dataBefore);
    }

    private Requests newRequests() {
      return new Requests(tables, batch, edition, recentRequests, this::requestsBefore);
    }

    private @Nullable LiveData dataBefore() {
      Commit unwritten = before();
      return unwritten == null ? null : unwritten.data;
    }

    private @Nullable Requests requestsBefore() {
      Commit unwritten = before();
      return unwritten == null ? null : unwritten.requests;
    }

    /** Null once it is in the tables. */
    private @Nullable Commit before() {
      if (before != null && before.written) {
        before = null;
      }
      return before;
    }

    /**
     * Ends the decisions of this round and begins the next, which goes on from them: {@link #sync}
     * may follow on another thread. What was before this one must have been written.
     */
    public Commit next() {
      end();
      return new Commit(this);
    }

    private void end() {
      if (before() != null) {
        throw new IllegalStateException("two commits are on their way");
      }
      requests.end();
      ReplicaStore.this.edition = edition;
      ReplicaStore.this.hasForgottenDeletes = hasForgottenDeletes;
      ended = true;
    }

    /** How many writes are logged. */
    public int size() {
      return logged.size();
    }

    /** Of their keys and values. */
    public long bytes() {
      return bytes;
    }

    /** The data as this round has changed them by now. */
    public LiveData data() {
      return data;
    }

    /**
     * Appends a write to its origin's log, and remembers its request id.
     *
     * @param message the write as it came, which the log keeps; null if it was made here
     * @param hour what it is now, by any clock
     */
    public void log(Write write, @Nullable Bytes message, long hour) {
      logged.add(new ToLog(write, message));
      bytes += Mutation.size(write.mutations());
      write.requestId().ifPresent(id -> requests.held(id, write, hour));
      isEmpty = false;
    }

    private void putIntoLog(ToLog next) {
      Position position = next.write.position();
      if (logStart.contains(position)) {
        // Cut off as soon as it was there.
        return;
      }
      Bytes message =
          next.message == null ? Bytes.of(Wire.toProto(next.write).toByteArray()) : next.message;
      byte[] entry = Records.logEntry(message, logEnd(position.origin(), position.sequence() - 1));
      batch.put(Table.LOG, Keys.log(position), entry);
      logEnds.put(position.origin(), Records.logEnd(entry));
      logTail.append(position, entry);
    }

    private long logEnd(Origin origin, long last) {
      Long known = logEnds.get(origin);
      if (known != null) {
        return known;
      }
      return last <= logStart.upTo(origin)
          ? 0
          : Records.logEnd(logEntry(new Position(origin, last)));
    }

    /** Forgets the origin's log up to a sequence, which is visible here. */
    public void cutLog(Origin origin, long upTo) {
      batch.deleteRange(
          Table.LOG, Keys.log(origin, logStart.upTo(origin) + 1), Keys.log(origin, upTo + 1));
      // Told before it is done: who finds nothing then knows why.
      logStart = logStart.with(origin, upTo);
      batch.put(Table.META, LOG_START, Records.logStart(logStart));
      isEmpty = false;
    }

    /** Deletes are missing in the data. */
    public void setForgotten() {
      batch.put(Table.META, FORGOT, new byte[0]);
      hasForgottenDeletes = true;
    }

    /** Keeps what is known of a member. */
    public void setMember(Membership.Entry entry) {
      batch.put(
          Table.META,
          Keys.concat(MEMBER, Keys.edition(entry.member().replicaId())),
          Records.member(entry));
      isEmpty = false;
    }

    /** Keeps what is known of peers. */
    public void setPeers(Map<Origin, TimeTable.Row> rows) {
      batch.put(Table.META, PEERS, Records.peers(rows));
      isEmpty = false;
    }

    /** This replica is as far as its cluster was when it began. */
    public void setCaughtUp() {
      batch.put(Table.META, CAUGHT_UP, new byte[0]);
      isEmpty = false;
    }

    /**
     * The staged edition takes the place of the data; what is shown from here on is shown in it.
     * Nothing may have been shown in this commit yet, and nothing may be on its way to the disk.
     */
    public void turnTo(Staging staged) {
      if (before() != null) {
        throw new IllegalStateException("data of the edition before are on their way");
      }
      DATA.forEach(
          table -> batch.deleteRange(table, Keys.edition(edition), Keys.edition(edition + 1)));
      edition = staged.edition();
      data = newData();
      recentRequests.clear();
      requests = newRequests();
      batch.put(Table.META, EDITION, Keys.edition(edition));
      for (Staging.Split split : staged.splits()) {
        data.unite(split.request(), split.tries(), requests.additions(split.request()));
      }
      isEmpty = false;
    }

    /**
     * Forgets deletes that nobody needs to know of any more, oldest versions first: until one is
     * needed, or {@code atMost} are dealt with.
     *
     * @param isStable whether no replica will ever again read or receive what was deleted
     * @param youngestMicros deletes that were committed later are kept
     * @return how many were dealt with
     */
    public int collectTombstones(Predicate<Tombstone> isStable, long youngestMicros, int atMost) {
      int count = 0;
      try (Snapshot now = tables.snapshot();
          Cursor cursor = now.scan(Table.TOMBSTONES, Keys.edition(edition))) {
        byte[] prefix = Keys.edition(edition);
        while (count < atMost && cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
          Tombstone tombstone = Records.tombstone(cursor.value());
          if (tombstone.committedAtMicros() > youngestMicros || !isStable.test(tombstone)) {
            break;
          }
          if (data.forget(tombstone)) {
            setForgotten();
          }
          batch.delete(Table.TOMBSTONES, cursor.key());
          isEmpty = false;
          count++;
        }
      }
      return count;
    }

    /** What is held for the session's last request. */
    public Optional<Try> lastRequest(Bytes session) {
      return requests.last(session);
    }

    /** Whether of the session so many requests are remembered that no more is to be retried. */
    public boolean remembersTooMany(Bytes session) {
      return requests.isFull(session);
    }

    /**
     * Forgets requests that came in an hour or before it.
     *
     * @return how many sessions of how many hours were dealt with, {@code atMost} at most
     */
    public int forgetRequests(long upToHour, int atMost) {
      int count = requests.forget(upToHour, atMost);
      isEmpty &= count == 0;
      return count;
    }

    /**
     * Applies a write's mutations of data.
     *
     * @param frontier what is visible here
     */
    public void show(Write write, PositionSet frontier) {
      data.apply(write, frontier);
      if (write.requestId().isPresent()) {
        RequestId id = write.requestId().get();
        List<Try> tries = requests.shown(id, write);
        if (tries.size() > 1) {
          data.unite(id, tries, Added.by(write));
        }
      }
      isEmpty = false;
    }

    public boolean isEmpty() {
      return isEmpty;
    }

    /**
     * Makes all of it durable, and then readable: the last of what the thread that decides does
     * with it, or another's after {@link #next}.
     *
     * @throws DiskFullException if there is no space; it may be called again after {@link #recover}
     */
    public void sync(Progress progress) {
      if (!ended) {
        end();
      }
      if (!batched) {
        logged.forEach(this::putIntoLog);
        data.flush(registers, last.generation() + 1);
        requests.flush();
        batch.put(Table.META, PROGRESS, Records.progress(progress));
        batched = true;
      }
      long number = batch.commit();
      last =
          new Committed(
              number, last.generation() + 1, new Extent(progress, edition, hasForgottenDeletes));
      written = true;
    }

    @Override
    public void close() {
      batch.close();
    }
  }
}
