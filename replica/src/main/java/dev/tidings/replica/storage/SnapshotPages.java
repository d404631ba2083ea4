package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Membership;
import dev.tidings.clock.PositionSet;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/**
 * All that is readable at one moment, page by page, for another replica. Confined to one thread.
 */
public final class SnapshotPages implements AutoCloseable {
  private final Snapshot snapshot;
  private final Head head;
  private final byte[] prefix;
  private final Iterator<Table> tables = ReplicaStore.DATA.iterator();
  private @Nullable Table table;
  private @Nullable Cursor cursor;

  /**
   * What comes before the first page.
   *
   * @param lamportTime the replica's clock, ticks
   * @param frontier all that the data come from
   * @param hasForgottenDeletes what is absent may have been written and deleted
   */
  public record Head(
      long lamportTime,
      PositionSet frontier,
      List<Membership.Entry> members,
      boolean hasForgottenDeletes) {}

  /**
   * A record of the data.
   *
   * @param key without its edition
   */
  public record Entry(Table table, Bytes key, Bytes value) {
    long size() {
      return (long) key.size() + value.size();
    }

    /**
     * Looks whether it could have been stored as that.
     *
     * @throws InvalidRequestException if not
     */
    public void check() {
      try {
        boolean isKey =
            switch (table) {
              case REGISTERS -> {
                Stored.decode(value.array());
                yield Keys.isRegister(key.array());
              }
              case FEEDS ->
                  Keys.isFeedEntry(key.array()) && Stored.decode(value.array()).value().isPresent();
              case PARTS -> {
                boolean isPart = Keys.isPart(key.array());
                if (isPart && Keys.isTwins(key.array())) {
                  Records.twins(value.array());
                } else {
                  Records.part(value.array());
                }
                yield isPart;
              }
              case REQUESTS -> {
                if (Keys.isRequest(key.array())) {
                  Records.requests(value.array());
                  yield true;
                }
                if (Keys.isAdditions(key.array())) {
                  Records.additions(value.array());
                  yield true;
                }
                yield Keys.isRequestHour(key.array()) && value.size() == 0;
              }
              case TOMBSTONES -> {
                Records.tombstone(value.array());
                yield key.size() == Keys.ENTRY_BYTES;
              }
              case META, LOG -> false;
            };
        if (isKey) {
          return;
        }
      } catch (DamagedDataException | InvalidRequestException | IllegalArgumentException e) {
        // Said below, as for a wrong key.
      }
      throw new InvalidRequestException(
          "an entry among the %s cannot be read".formatted(table.name().toLowerCase(Locale.ROOT)));
    }
  }

  SnapshotPages(Snapshot snapshot, List<Membership.Entry> members) {
    this.snapshot = snapshot;
    Extent extent = Extent.of(snapshot);
    this.head =
        new Head(
            extent.progress().lamportTime(),
            extent.progress().frontier(),
            members,
            extent.hasForgottenDeletes());
    this.prefix = Keys.edition(extent.edition());
    nextTable();
  }

  public Head head() {
    return head;
  }

  /** The next entries, no more once they pass {@code maxBytes}; none at the end. */
  public List<Entry> next(long maxBytes) {
    var page = new ArrayList<Entry>();
    long bytes = 0;
    while (bytes < maxBytes && cursor != null && table != null) {
      if (cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
        var entry =
            new Entry(table, Bytes.of(Keys.withoutEdition(cursor.key())), Bytes.of(cursor.value()));
        page.add(entry);
        bytes += entry.size();
      } else {
        cursor.close();
        nextTable();
      }
    }
    return page;
  }

  private void nextTable() {
    table = tables.hasNext() ? tables.next() : null;
    cursor = table == null ? null : snapshot.scan(table, prefix);
  }

  @Override
  public void close() {
    if (cursor != null) {
      cursor.close();
      cursor = null;
    }
    snapshot.close();
  }
}
