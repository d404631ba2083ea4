package dev.tidings.replica;

import dev.tidings.replica.storage.ReplicaStore;
import dev.tidings.replica.storage.SnapshotPages;
import java.time.Instant;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The backups that are under way: each reads one moment of the store, a page whenever its client
 * can take one. On the links' loop, so that the replica's never waits for it.
 */
public final class Backups {
  private static final Logger LOG = LoggerFactory.getLogger(Backups.class);

  /** What changes while a backup is under way cannot be given back to the disk. */
  private static final int MOST = 2;

  private static final long MAX_PAGE_BYTES = 512 << 10;
  private static final long PATIENCE_MICROS = 60_000_000;

  private final ReplicaStore store;
  private final EventLoop loop;
  private final InstantSource wallClock;
  private final List<Backup> open = new ArrayList<>();
  private boolean stopped;

  /** Who takes a backup. Called on the loop. */
  public interface Sink {
    /** Whether a page would be sent at once, and not queued up. */
    boolean isReady();

    /** Comes first. */
    void begin(Instant takenAt);

    /**
     * The next page.
     *
     * @param head null but for the first
     * @param entries none with the last, and only with that
     */
    void page(SnapshotPages.@Nullable Head head, List<SnapshotPages.Entry> entries);

    /** It is complete. */
    void end();

    /** Nothing more will come. */
    void refuse(RuntimeException reason);
  }

  Backups(ReplicaStore store, EventLoop loop, InstantSource wallClock) {
    this.store = store;
    this.loop = loop;
    this.wallClock = wallClock;
  }

  /** Begins one. Any thread. */
  Backup begin(Sink sink) {
    var backup = new Backup(sink);
    if (!loop.offer(backup::begin)) {
      sink.refuse(new OverloadedException("the replica has too many requests queued up"));
    }
    return backup;
  }

  /** The store is to be opened anew: whoever reads a snapshot of it ends that. Any thread. */
  void endAll() {
    loop.execute(
        () ->
            List.copyOf(open)
                .forEach(
                    backup ->
                        backup.fail(
                            new BackupEndedException(
                                "the disk was full, and the data must be opened anew"))));
  }

  /** None of them goes on, and none begins any more. */
  void stop() {
    loop.execute(
        () -> {
          stopped = true;
          List.copyOf(open).forEach(backup -> backup.fail(new StoppingException()));
        });
  }

  /** One of them. Its client's threads only hand over. */
  public final class Backup {
    private final Sink sink;
    private @Nullable SnapshotPages pages;
    private EventLoop.@Nullable Timer timer;
    private boolean headSent;
    private boolean pumping;
    private boolean cancelled;

    private Backup(Sink sink) {
      this.sink = sink;
    }

    /** The client can take more. Any thread. */
    public void ready() {
      loop.execute(
          () -> {
            if (!pumping) {
              pump();
            }
          });
    }

    /** The client has left. Any thread. */
    public void cancel() {
      loop.execute(
          () -> {
            cancelled = true;
            close();
          });
    }

    private void begin() {
      if (cancelled) {
        return;
      }
      if (stopped) {
        sink.refuse(new StoppingException());
        return;
      }
      if (open.size() >= MOST) {
        sink.refuse(
            new OverloadedException(
                "%d backups are under way here, and no more at once are possible".formatted(MOST)));
        return;
      }
      open.add(this);
      sink.begin(wallClock.instant());
      pages = store.pages();
      LOG.info("a backup begins, of {}", pages.head().frontier());
      pump();
    }

    /** A page at a time, so that links have their turn in between. */
    private void pump() {
      pumping = false;
      if (pages == null) {
        return;
      }
      beginToWait();
      if (!sink.isReady()) {
        return;
      }
      List<SnapshotPages.Entry> entries = pages.next(MAX_PAGE_BYTES);
      sink.page(headSent ? null : pages.head(), entries);
      headSent = true;
      if (entries.isEmpty()) {
        close();
        sink.end();
        LOG.info("the backup is complete");
      } else {
        pumping = true;
        loop.execute(this::pump);
      }
    }

    private void beginToWait() {
      if (timer != null) {
        timer.cancel();
      }
      timer =
          loop.schedule(
              PATIENCE_MICROS,
              () -> fail(new BackupEndedException("its client has taken nothing for a minute")));
    }

    private void fail(RuntimeException reason) {
      close();
      sink.refuse(reason);
      LOG.info("{}", reason.getMessage());
    }

    private void close() {
      open.remove(this);
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
      if (pages != null) {
        pages.close();
        pages = null;
      }
    }
  }
}
