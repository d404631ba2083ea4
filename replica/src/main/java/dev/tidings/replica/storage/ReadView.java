package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Part;
import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * One causally consistent moment: frontier and data of one storage snapshot. Shared by all who read
 * before the next commit; each closes it once. Any thread.
 */
public final class ReadView implements AutoCloseable {
  private final Snapshot snapshot;
  private final RegisterCache registers;
  private final RecentLog recentLog;
  private final long generation;
  private final Extent extent;
  private final Parts parts;

  /** The store's own use counts as one; the last one out closes the snapshot. */
  private final AtomicInteger users = new AtomicInteger(1);

  /** The logs' last entries, visible ones or not. */
  interface RecentLog {
    /** Null if the log's entry must be looked for in the tables. */
    byte @Nullable [] get(Position position);
  }

  /**
   * @param extent the snapshot's
   * @param generation the last commit that it surely has
   */
  ReadView(
      Snapshot snapshot,
      RegisterCache registers,
      RecentLog recentLog,
      Extent extent,
      long generation) {
    this.snapshot = snapshot;
    this.registers = registers;
    this.recentLog = recentLog;
    this.extent = extent;
    this.generation = generation;
    this.parts = new Parts(snapshot, extent.edition());
  }

  long generation() {
    return generation;
  }

  /** Counts one more user. Only while another use lasts. */
  public void enter() {
    users.incrementAndGet();
  }

  @Override
  public void close() {
    if (users.decrementAndGet() == 0) {
      snapshot.close();
    }
  }

  /** What is visible at this moment. */
  public PositionSet frontier() {
    return extent.progress().frontier();
  }

  /**
   * The register's newest version, a deletion included; empty if it was never written, or {@link
   * #hasForgottenDeletes}.
   */
  public Optional<Stored> register(Name name) {
    return registers.get(snapshot, Keys.register(extent.edition(), name), generation);
  }

  /** Takes a register, a deleted one too; false to end. */
  public interface RegisterVisitor {
    boolean take(Bytes key, Stored stored);
  }

  /** Walks over the registers that are no map's fields, from a key on. */
  public void registers(Bytes from, RegisterVisitor visitor) {
    byte[] prefix = Keys.fields(extent.edition(), Kind.REGISTER, Name.NONE);
    try (var cursor = snapshot.scan(Table.REGISTERS, Keys.atField(Kind.REGISTER, prefix, from))) {
      while (cursor.next()
          && Keys.startsWith(cursor.key(), prefix)
          && visitor.take(
              Keys.field(Kind.REGISTER, prefix, cursor.key()), Stored.decode(cursor.value()))) {}
    }
  }

  /**
   * What a counter comes to.
   *
   * @param parts by origin
   */
  public record Count(long value, List<Part> parts) {}

  /** What a counter comes to, and what it consists of. */
  public Count count(Name counter) {
    return parts.count(counter);
  }

  /** What each origin has done to a multi-value register, a counter or a set. */
  public List<Part> parts(Kind kind, Name name) {
    return parts.of(kind, name);
  }

  /**
   * Names in their order.
   *
   * @param next where the next page begins; empty if this one reached the end
   */
  public record Page(List<Bytes> names, Bytes next) {}

  /** What is in a set, from an element on: at most {@code limit}, or {@code maxBytes} and one. */
  public Page elements(Name set, Bytes from, int limit, long maxBytes) {
    return parts.elements(set, from, limit, maxBytes);
  }

  /** A map's fields of one kind, those without content included, from a name on. */
  public Page fields(Kind kind, Bytes map, Bytes from, int limit) {
    return parts.fields(kind, map, from, limit);
  }

  /** Whether what is absent may have been written and deleted. */
  public boolean hasForgottenDeletes() {
    return extent.hasForgottenDeletes();
  }

  /** The write at a position, if it is held here and its log has not been cut there. */
  public Optional<Write> write(Position position) {
    return Optional.ofNullable(snapshot.get(Table.LOG, Keys.log(position)))
        .map(entry -> Records.logEntry(position, entry));
  }

  /**
   * The write at a position that is visible.
   *
   * @throws LogCutException if only the data have it: its log has been cut there, or it came by a
   *     snapshot
   */
  public Write logged(Position position) {
    byte[] recent = recentLog.get(position);
    byte[] entry = recent == null ? snapshot.get(Table.LOG, Keys.log(position)) : recent;
    if (entry != null) {
      return Records.logEntry(position, entry);
    }
    byte[] record = snapshot.get(Table.META, ReplicaStore.LOG_START);
    VersionVector cut = record == null ? VersionVector.EMPTY : Records.logStart(record);
    if (cut.contains(position)) {
      throw new LogCutException(position.origin(), cut.upTo(position.origin()));
    }
    if (!extent.progress().held().contains(position)) {
      throw new LogCutException(position.origin(), position.sequence());
    }
    throw new DamagedDataException("the log lacks write " + position);
  }

  /**
   * Entries in version order.
   *
   * @param next where the next page begins; empty if this one reached the end
   */
  public record FeedSlice(List<Stored> entries, Bytes next) {}

  /** Whether the bytes are a cursor: empty, or as long as those that {@link FeedSlice#next} has. */
  public static boolean isCursor(Bytes cursor) {
    return cursor.size() == 0 || cursor.size() == Keys.ENTRY_BYTES;
  }

  /**
   * The feed's entries after a cursor, in version order: at most {@code limit}, and no more once
   * their values pass {@code maxBytes}.
   */
  public FeedSlice feed(Name name, Bytes after, int limit, long maxBytes) {
    byte[] prefix = Keys.feed(extent.edition(), name);
    byte[] from = after.size() == 0 ? prefix : Keys.after(Keys.concat(prefix, after.array()));
    var entries = new ArrayList<Stored>();
    long bytes = 0;
    byte[] last = prefix;
    try (var cursor = snapshot.scan(Table.FEEDS, from)) {
      while (cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
        if (entries.size() == limit || bytes >= maxBytes) {
          return new FeedSlice(
              entries, Bytes.of(Arrays.copyOfRange(last, prefix.length, last.length)));
        }
        Stored entry = Stored.decode(cursor.value());
        entries.add(entry);
        bytes += entry.value().map(Bytes::size).orElse(0);
        last = cursor.key();
      }
    }
    return new FeedSlice(entries, Bytes.of(new byte[0]));
  }
}
