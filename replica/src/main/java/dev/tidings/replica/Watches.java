package dev.tidings.replica;

import dev.tidings.causal.Consistency;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Session;
import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.DamagedDataException;
import dev.tidings.replica.storage.LogCutException;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReplicaStore;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The watches that are under way. None has a queue: each knows what its watcher has seen, and when
 * its call can take more, reads what is visible and not seen from the logs. So a slow watcher costs
 * that position set and nothing else, and no storage snapshot outlasts a turn. On a loop of their
 * own, so that neither the replica's loop nor its links ever wait for a watcher.
 */
public final class Watches {
  /** So many at once. */
  public static final int MOST = 1_000;

  /** After so much has been looked at, others have their turn. */
  private static final int MAX_TURN_WRITES = 256;

  private static final long MAX_TURN_BYTES = 1 << 20;

  /** Watchers of what is rarely written hear so often how far they are. */
  private static final long PROGRESS_MICROS = 1_000_000;

  private final ReplicaStore store;
  private final EventLoop loop;
  private final Consistency consistency;
  private final Set<Watch> open = new LinkedHashSet<>();
  private final RecentWrites recent = new RecentWrites();
  private final AtomicBoolean commitTold = new AtomicBoolean();

  /** Whether there is any. Any thread. */
  private volatile boolean isWatched;

  /** Why none begins any more; null while they do. */
  private @Nullable RuntimeException over;

  /** Who watches. Called on the loop. */
  public interface Sink {
    /** Whether a message would be sent at once, and not queued up. */
    boolean isReady();

    /**
     * A write of which something is watched.
     *
     * @param session of a session that has been told this; empty if none watches
     * @param moment all that has been told, or need not be told
     */
    void write(WatchedWrite write, Optional<Session> session, PositionSet moment);

    /** The watch has begun, or has come so far without anything to tell. */
    void moment(PositionSet moment);

    /** Nothing more will come. */
    void refuse(RuntimeException reason);
  }

  Watches(ReplicaStore store, EventLoop loop) {
    this.store = store;
    this.loop = loop;
    this.consistency = store.identity().consistency();
  }

  /**
   * A watch that is to begin. Any thread.
   *
   * @param stable what every member shows, as far as is known
   */
  Watch open(WatchRequest request, Supplier<PositionSet> stable, Sink sink) {
    return new Watch(request, stable, sink);
  }

  /** More may be visible now. Any thread, at no cost to it. */
  void onCommit() {
    // Whoever begins at this moment looks at the data after it has said so.
    if (isWatched && !commitTold.getAndSet(true)) {
      loop.execute(
          () -> {
            commitTold.set(false);
            open.forEach(Watch::tellSoon);
          });
    }
  }

  /** None of them goes on, and none begins any more. Any thread. */
  void end(RuntimeException reason) {
    loop.execute(
        () -> {
          over = reason;
          List.copyOf(open).forEach(watch -> watch.end(reason));
        });
  }

  /** One of them. Its client's threads only hand over. */
  public final class Watch implements Answer<Watch> {
    private final WatchFilter filter;
    private final boolean fromNowOn;
    private final Supplier<PositionSet> stable;
    private final Sink sink;
    private @Nullable Session session;
    private PositionSet seen;

    /** The moment that the watcher knows. */
    private PositionSet told = PositionSet.EMPTY;

    private long toldMicros;
    private boolean begun;
    private boolean ended;
    private boolean turnComes;
    private EventLoop.@Nullable Timer progress;

    private Watch(WatchRequest request, Supplier<PositionSet> stable, Sink sink) {
      this.filter = request.filter();
      this.fromNowOn = request.after().isEmpty();
      this.stable = stable;
      this.sink = sink;
      this.session = request.session().orElse(null);
      this.seen = request.after().orElse(PositionSet.EMPTY);
    }

    /** What it needs is visible, and readable. Any thread. */
    void begin() {
      if (!loop.offer(this::beginNow)) {
        refuse(new OverloadedException("the replica has too many requests queued up"));
      }
    }

    @Override
    public void succeed(Watch result) {
      begin();
    }

    /** It is not to begin. */
    @Override
    public void refuse(RuntimeException reason) {
      loop.execute(() -> end(reason));
    }

    /** The client can take more. Any thread. */
    public void ready() {
      loop.execute(this::tellSoon);
    }

    /** The client has left. Any thread. */
    public void cancel() {
      loop.execute(this::close);
    }

    private void beginNow() {
      if (ended) {
        return;
      }
      if (over != null) {
        end(over);
        return;
      }
      if (open.size() >= MOST) {
        end(
            new OverloadedException(
                "%d watches are under way here, and no more at once are possible".formatted(MOST)));
        return;
      }
      open.add(this);
      isWatched = true;
      begun = true;
      if (fromNowOn) {
        try (ReadView view = store.view()) {
          seen = view.frontier();
        }
      }
      tellMoment();
      tell();
    }

    private void tellSoon() {
      if (begun && !ended && !turnComes && sink.isReady()) {
        turnComes = true;
        loop.execute(this::tell);
      }
    }

    /** One turn. */
    private void tell() {
      turnComes = false;
      if (ended) {
        return;
      }
      boolean isMore;
      try (ReadView view = store.view()) {
        isMore = tell(view);
      } catch (LogCutException e) {
        end(new MomentNotKeptException(e));
        return;
      } catch (DamagedDataException e) {
        end(e);
        // Whatever else is read may be wrong too: the loop ends, and the replica with it.
        throw e;
      }
      if (isMore) {
        tellSoon();
      }
      tellProgress();
    }

    /** Whether there is more, and it can be taken. */
    private boolean tell(ReadView view) {
      var unseen = new UnseenWrites(view, seen, position -> recent.get(view, position));
      long bytes = 0;
      for (int i = 0; i < MAX_TURN_WRITES && bytes < MAX_TURN_BYTES; i++) {
        if (!sink.isReady()) {
          return false;
        }
        Write write = unseen.next();
        if (write == null) {
          return false;
        }
        seen = seen.with(write.position());
        bytes += RecentWrites.size(write);
        List<Mutation> mutations = filter.matching(write.mutations());
        if (!mutations.isEmpty()) {
          tell(write, mutations, view);
        }
      }
      return true;
    }

    private void tell(Write write, List<Mutation> mutations, ReadView view) {
      if (session != null) {
        // A session that watches has seen what it was told; of what is not visible here it knows
        // from elsewhere.
        PositionSet all = seen.union(session.dependencies()).union(view.frontier());
        session =
            session.afterRead(
                consistency.declared(PositionSet.of(write.position())),
                write.version().lamportTime(),
                all,
                stable.get());
      }
      sink.write(
          new WatchedWrite(
              write,
              mutations.stream()
                  .map(it -> new WatchedWrite.Watched(it, isReplaced(it, write.version(), view)))
                  .toList()),
          Optional.ofNullable(session),
          seen);
      setTold();
    }

    private void tellMoment() {
      sink.moment(seen);
      setTold();
    }

    private void setTold() {
      told = seen;
      toldMicros = loop.nowMicros();
    }

    /** Says how far the watch is if that was long ago; now, or when it will have been. */
    private void tellProgress() {
      if (progress != null || told.equals(seen)) {
        return;
      }
      long due = toldMicros + PROGRESS_MICROS - loop.nowMicros();
      if (due > 0) {
        progress =
            loop.schedule(
                due,
                () -> {
                  progress = null;
                  tellProgress();
                });
      } else if (sink.isReady()) {
        tellMoment();
      }
    }

    private void end(RuntimeException reason) {
      if (!ended) {
        close();
        sink.refuse(reason);
      }
    }

    private void close() {
      ended = true;
      open.remove(this);
      isWatched = !open.isEmpty();
      if (progress != null) {
        progress.cancel();
        progress = null;
      }
    }
  }

  /** Whether the register that is put or deleted has a later version. */
  private static boolean isReplaced(Mutation mutation, Version version, ReadView view) {
    return mutation instanceof Mutation.InMap field
        ? isReplaced(field.change(), new Name(field.map(), field.key()), version, view)
        : isReplaced(mutation, Name.of(mutation.key()), version, view);
  }

  private static boolean isReplaced(Mutation mutation, Name name, Version version, ReadView view) {
    if (!(mutation instanceof Mutation.Put || mutation instanceof Mutation.Delete)) {
      return false;
    }
    return view.register(name)
        .map(newest -> newest.version().compareTo(version) > 0)
        // What was put and is not there was deleted, and the delete is forgotten.
        .orElse(mutation instanceof Mutation.Put);
  }

  /** The writes that were read last, since most watchers read the same ones one after the other. */
  private static final class RecentWrites {
    /** With more, they would outlast a collection of young garbage, and be copied there. */
    private static final long MAX_BYTES = 64 << 10;

    private final Map<Position, Write> writes = new LinkedHashMap<>();
    private long bytes;

    /**
     * @throws LogCutException if only the data have it
     */
    Write get(ReadView view, Position position) {
      Write known = writes.get(position);
      if (known != null) {
        return known;
      }
      Write write = view.logged(position);
      writes.put(position, write);
      bytes += size(write);
      var oldest = writes.values().iterator();
      while (bytes > MAX_BYTES) {
        bytes -= size(oldest.next());
        oldest.remove();
      }
      return write;
    }

    /** About what it takes. */
    static long size(Write write) {
      return 500 + write.mutations().stream().mapToLong(it -> 100 + it.size()).sum();
    }
  }
}
