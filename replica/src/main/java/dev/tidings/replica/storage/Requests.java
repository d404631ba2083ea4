package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
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
 * request, and those before of which there may be several tries; of these also what they add, since
 * one of two tries that meet was retried. Confined to the thread that decides, and then to that
 * which writes; what follows reads it meanwhile.
 */
final class Requests {
  /** So many tries of a session's requests are remembered, before no more is tried again. */
  static final int MAX_TRIES = 100;

  /** Few sessions have more than one or two; the others need not be kept in memory. */
  private static final int MAX_RECENT_TRIES = 16;

  private final KeyValueStore tables;
  private final Batch batch;
  private final int edition;
  private final Recent<OfSession> recent;
  private final Supplier<@Nullable Requests> before;

  /** By session; those of which nothing is left are forgotten. */
  private final Map<Bytes, OfSession> changed = new HashMap<>();

  /** A session's. */
  record OfSession(List<Try> tries) {
    static final OfSession NONE = new OfSession(List.of());

    long last() {
      long last = 0;
      for (Try each : tries) {
        last = Math.max(last, each.number());
      }
      return last;
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
      return new OfSession(left);
    }

    private boolean isRetried(long number) {
      for (Try each : tries) {
        if (each.number() == number && each.retried()) {
          return true;
        }
      }
      return false;
    }

    private boolean has(Position position) {
      for (Try each : tries) {
        if (each.position().equals(position)) {
          return true;
        }
      }
      return false;
    }

    private boolean hasOfHour(long hour) {
      for (Try each : tries) {
        if (each.hour() == hour) {
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

    /** What is known of the same session at two replicas. */
    OfSession merge(OfSession other) {
      var all = new HashMap<Position, Try>();
      for (OfSession each : List.of(this, other)) {
        for (Try t : each.tries) {
          all.merge(t.position(), t, Try::merge);
        }
      }
      return new OfSession(
              all.values().stream().sorted(Comparator.comparing(Try::version)).toList())
          .settled();
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

  /** Whether nothing more of the session's is to be tried again. */
  boolean isFull(Bytes session) {
    return ofSession(session).tries.size() >= MAX_TRIES;
  }

  /** A write is held now. */
  void held(RequestId id, Write write, long hour) {
    OfSession known = ofSession(id.session());
    if (known.has(write.position())) {
      // A snapshot has brought it.
      return;
    }
    if (id.number() < known.last() && !id.retried() && !known.isRetried(id.number())) {
      // It was answered, or the session would not have gone on.
      return;
    }
    var tries = new ArrayList<>(known.tries);
    if (tries.stream().anyMatch(each -> isAcceptedAnew(each, id, write))) {
      forgetAllTries(id, tries);
    }
    tries.add(Try.held(write, hour));
    change(id.session(), known, new OfSession(tries).settled());
    List<Added> additions = id.retried() ? Added.by(write) : List.of();
    if (!additions.isEmpty()) {
      batch.put(Table.REQUESTS, Keys.additions(edition, id), Records.additions(additions));
    }
  }

  /**
   * Whether who has accepted it has forgotten that it had before: then nobody else's try of that is
   * still to come.
   */
  private static boolean isAcceptedAnew(Try each, RequestId id, Write write) {
    return each.number() == id.number()
        && each.position().origin().equals(write.position().origin());
  }

  private void forgetAllTries(RequestId id, List<Try> tries) {
    tries.removeIf(each -> each.number() == id.number());
    batch.delete(Table.REQUESTS, Keys.additions(edition, id));
  }

  private void change(Bytes session, OfSession known, OfSession now) {
    for (Try each : now.tries) {
      if (!known.hasOfHour(each.hour())) {
        batch.put(Table.REQUESTS, Keys.requestHour(edition, each.hour(), session), new byte[0]);
      }
    }
    for (Try each : known.tries) {
      if (!now.hasOfHour(each.hour())) {
        batch.delete(Table.REQUESTS, Keys.requestHour(edition, each.hour(), session));
      }
    }
    changed.put(session, now);
  }

  /** What a request adds that was retried, and is in the tables. */
  List<Added> additions(RequestId id) {
    byte[] stored = tables.get(Table.REQUESTS, Keys.additions(edition, id));
    return stored == null ? List.of() : Records.additions(stored);
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
    var tries = new ArrayList<Try>(known.tries.size());
    Try appears = Try.held(write, 0).asShown();
    boolean isRemembered = false;
    for (Try each : known.tries) {
      boolean isIt = each.position().equals(write.position());
      tries.add(isIt ? each.asShown() : each);
      isRemembered |= isIt;
    }
    shown.add(appears);
    if (isRemembered) {
      changed.put(id.session(), new OfSession(tries));
    }
    return shown;
  }

  /** No more will change. */
  void end() {
    changed.forEach(
        (session, record) -> {
          if (record.tries.size() <= MAX_RECENT_TRIES) {
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
   * Forgets requests that came in an hour or before it.
   *
   * @return how many sessions of how many hours were dealt with, {@code atMost} at most
   */
  int forget(long upToHour, int atMost) {
    byte[] prefix = Keys.requestHours(edition);
    int count = 0;
    try (Snapshot now = tables.snapshot();
        Cursor cursor = now.scan(Table.REQUESTS, prefix)) {
      while (count < atMost && cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
        if (Keys.hour(cursor.key()) > upToHour) {
          break;
        }
        forget(Keys.requestSession(cursor.key()), upToHour);
        batch.delete(Table.REQUESTS, cursor.key());
        count++;
      }
    }
    return count;
  }

  private void forget(Bytes session, long upToHour) {
    OfSession known = ofSession(session);
    var left = new OfSession(known.tries.stream().filter(each -> each.hour() > upToHour).toList());
    for (Try each : known.tries) {
      if (each.retried() && !left.isRetried(each.number())) {
        batch.delete(
            Table.REQUESTS, Keys.additions(edition, new RequestId(session, each.number(), true)));
      }
    }
    change(session, known, left);
  }
}
