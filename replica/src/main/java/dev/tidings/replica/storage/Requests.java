package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * What is remembered of sessions' requests, and changed by a round: of each session its last
 * request, and those before of which there may be several tries. Confined to the thread that
 * decides, and then to that which writes; what follows reads it meanwhile.
 */
final class Requests {
  private static final int MAX_RECENT_BYTES = 512;

  private final KeyValueStore tables;
  private final Batch batch;
  private final int edition;
  private final Recent<OfSession> recent;
  private final Supplier<@Nullable Requests> before;

  /** By session; those of which nothing is left are forgotten. */
  private final Map<Bytes, OfSession> changed = new HashMap<>();

  /**
   * A session's.
   *
   * @param hour in which the last one came, since 1970
   */
  record OfSession(List<Try> tries, long hour) {
    static final OfSession NONE = new OfSession(List.of(), 0);

    long last() {
      long last = 0;
      for (Try each : tries) {
        last = Math.max(last, each.number());
      }
      return last;
    }

    /** Whether it may be kept in memory beside many others. */
    private boolean isSmall() {
      long bytes = 0;
      for (Try each : tries) {
        for (Added added : each.added()) {
          bytes += added.mutation().size();
        }
      }
      return bytes <= MAX_RECENT_BYTES;
    }

    /** Without what can be a repetition of nothing that is to come. */
    private OfSession settled() {
      long last = last();
      var left = new ArrayList<Try>(tries.size());
      for (Try each : tries) {
        if (each.number() == last || isRetried(each.number())) {
          left.add(each);
        }
      }
      return new OfSession(left, hour);
    }

    private boolean isRetried(long number) {
      for (Try each : tries) {
        if (each.number() == number && each.retried()) {
          return true;
        }
      }
      return false;
    }

    /** The tries of one request that are visible here. */
    List<Try> shown(long number) {
      List<Try> shown = new ArrayList<>(1);
      for (Try each : tries) {
        if (each.number() == number && each.shown()) {
          shown.add(each);
        }
      }
      return shown;
    }

    /** What is visible here, and not at the other replica. */
    OfSession shownWithout(OfSession other) {
      return new OfSession(
          tries.stream()
              .filter(Try::shown)
              .filter(
                  t ->
                      other.shown(t.number()).stream()
                          .map(Try::position)
                          .noneMatch(t.position()::equals))
              .toList(),
          hour);
    }

    /** What is known of the same session at two replicas. */
    OfSession merge(OfSession other) {
      var all = new HashMap<Object, Try>();
      for (OfSession each : List.of(this, other)) {
        for (Try t : each.tries) {
          all.merge(t.position(), t, (a, b) -> a.shown() ? a : b);
        }
      }
      List<Try> tries = all.values().stream().sorted(Comparator.comparing(Try::version)).toList();
      return new OfSession(tries, Math.max(hour, other.hour)).settled();
    }
  }

  /**
   * @param recent what is stored in this edition, or about to be
   * @param before what an earlier round has changed and the tables do not have yet
   */
  Requests(
      KeyValueStore tables,
      Batch batch,
      int edition,
      Recent<OfSession> recent,
      Supplier<@Nullable Requests> before) {
    this.tables = tables;
    this.batch = batch;
    this.edition = edition;
    this.recent = recent;
    this.before = before;
  }

  private OfSession ofSession(Bytes session) {
    OfSession known = changed.get(session);
    Requests unwritten = known == null ? before.get() : null;
    if (unwritten != null) {
      known = unwritten.changed.get(session);
    }
    if (known == null) {
      known = recent.get(session);
    }
    if (known != null) {
      return known;
    }
    byte[] stored = tables.get(Table.REQUESTS, Keys.request(edition, session));
    return stored == null ? OfSession.NONE : Records.requests(stored);
  }

  /**
   * What is held for the session's last request: of several tries the one of the lowest version.
   */
  Optional<Try> last(Bytes session) {
    OfSession known = ofSession(session);
    long number = known.last();
    Try first = null;
    for (Try each : known.tries) {
      if (each.number() == number
          && (first == null || each.version().compareTo(first.version()) < 0)) {
        first = each;
      }
    }
    return Optional.ofNullable(first);
  }

  /** A write is held now. */
  void held(RequestId id, Write write, long hour) {
    OfSession known = ofSession(id.session());
    if (id.number() < known.last() && !id.retried() && !known.isRetried(id.number())) {
      // It was answered, or the session would not have gone on.
      return;
    }
    var tries = new ArrayList<>(known.tries);
    tries.add(Try.held(write));
    if (known.hour != hour) {
      batch.put(Table.REQUESTS, Keys.requestHour(edition, hour, id.session()), new byte[0]);
      batch.delete(Table.REQUESTS, Keys.requestHour(edition, known.hour, id.session()));
    }
    changed.put(id.session(), new OfSession(tries, hour).settled());
  }

  /**
   * A write is visible now.
   *
   * @return all tries of its request that are
   */
  List<Try> shown(RequestId id, Write write) {
    OfSession known = ofSession(id.session());
    List<Try> shown = known.shown(id.number());
    for (Try each : shown) {
      if (each.position().equals(write.position())) {
        return shown;
      }
    }
    Try appears = Try.held(write).asShown();
    shown.add(appears);
    var tries = new ArrayList<Try>(known.tries.size());
    boolean isRemembered = false;
    for (Try each : known.tries) {
      boolean isIt = each.position().equals(write.position());
      tries.add(isIt ? appears : each);
      isRemembered |= isIt;
    }
    if (isRemembered) {
      changed.put(id.session(), new OfSession(tries, known.hour));
    }
    return shown;
  }

  /** No more will change. */
  void end() {
    changed.forEach(
        (session, record) -> {
          if (record.isSmall()) {
            recent.put(session, record);
          } else {
            recent.remove(session);
          }
        });
  }

  /** Puts what has changed into the batch. */
  void flush() {
    changed.forEach(
        (session, record) -> {
          byte[] key = Keys.request(edition, session);
          if (record.tries.isEmpty()) {
            batch.delete(Table.REQUESTS, key);
          } else {
            batch.put(Table.REQUESTS, key, Records.requests(record));
          }
        });
  }

  /**
   * Forgets sessions whose last request came in an hour or before it.
   *
   * @return how many were dealt with, {@code atMost} at most
   */
  int forget(long upToHour, int atMost) {
    byte[] prefix = Keys.requestHours(edition);
    int count = 0;
    try (Snapshot now = tables.snapshot();
        Cursor cursor = now.scan(Table.REQUESTS, prefix)) {
      while (count < atMost && cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
        long hour = Keys.hour(cursor.key());
        if (hour > upToHour) {
          break;
        }
        Bytes session = Keys.requestSession(cursor.key());
        if (ofSession(session).hour <= hour) {
          changed.put(session, OfSession.NONE);
        }
        batch.delete(Table.REQUESTS, cursor.key());
        count++;
      }
    }
    return count;
  }
}
