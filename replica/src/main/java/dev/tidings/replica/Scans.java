package dev.tidings.replica;

import dev.tidings.causal.Session;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads of whole sets, feeds, ranges and maps: page by page, as fast as they are taken, all from
 * one moment that is kept for it. A scan whose client takes nothing costs that moment only, and not
 * for ever. On a loop of their own, so that neither the replica's loop nor its links wait for a
 * client.
 */
public final class Scans {
  private final Replica replica;
  private final EventLoop loop;
  private final Set<Scan> open = new LinkedHashSet<>();

  /** Who scans. Called on the loop. */
  public interface Sink {
    /** Whether a page would be sent at once, and not queued up. */
    boolean isReady();

    /**
     * The next page.
     *
     * @param item which item, from 0 on
     * @param page has one value, and a moment if that stays kept
     */
    void page(int item, ReadResult page);

    /** That was all. */
    void end();

    /** Nothing more will come. */
    void refuse(RuntimeException reason);
  }

  Scans(Replica replica, EventLoop loop) {
    this.replica = replica;
    this.loop = loop;
  }

  /** Begins one, once what the session depends on is readable. Any thread. */
  public Scan begin(ReadRequest request, Sink sink) {
    var scan = new Scan(request, sink);
    if (!loop.offer(scan::begin)) {
      sink.refuse(new OverloadedException("the replica has too many requests queued up"));
    }
    return scan;
  }

  /** None of them goes on. Any thread. */
  void end(RuntimeException reason) {
    loop.execute(() -> List.copyOf(open).forEach(scan -> scan.fail(reason)));
  }

  /** One of them. Its client's threads only hand over. */
  public final class Scan implements Answer<ReadResult> {
    private final ReadRequest request;
    private final Sink sink;
    private Session session;
    private int item;

    /** The page that comes next. */
    private ReadRequest.Item next;

    /** Whether it is being read, or will be in a moment. */
    private boolean reading = true;

    /** The moment that is read; null until the first page is there. */
    private @Nullable Moment moment;

    private boolean ended;

    private Scan(ReadRequest request, Sink sink) {
      this.request = request;
      this.sink = sink;
      this.session = request.session();
      this.next = request.items().get(0);
    }

    /** The client can take more. Any thread. */
    public void ready() {
      loop.execute(this::goOn);
    }

    /** The client has left. Any thread. */
    public void cancel() {
      loop.execute(this::close);
    }

    private void begin() {
      if (ended) {
        return;
      }
      open.add(this);
      replica.read(
          new ReadRequest(
              session, List.of(next), request.withDependencies(), request.moment(), true),
          this);
    }

    /** A page at a time, so that others have their turn in between. */
    private void goOn() {
      if (moment != null && !reading && !ended && sink.isReady()) {
        reading = true;
        replica.read(request.next(session, List.of(next), moment), this);
      }
    }

    @Override
    public void succeed(ReadResult page) {
      loop.execute(() -> onPage(page));
    }

    @Override
    public void refuse(RuntimeException reason) {
      loop.execute(() -> fail(reason));
    }

    private void onPage(ReadResult page) {
      if (moment == null) {
        moment = page.moment().orElseThrow();
      }
      if (ended) {
        close();
        return;
      }
      session = page.session();
      reading = false;
      sink.page(item, isForScan() ? page.at(Optional.empty()) : page);
      Optional<ReadRequest.Item> rest = next.after(page.values().get(0));
      if (rest.isEmpty() && ++item == request.items().size()) {
        close();
        sink.end();
        return;
      }
      next = rest.orElseGet(() -> request.items().get(item));
      goOn();
    }

    private void fail(RuntimeException reason) {
      if (!ended) {
        close();
        sink.refuse(reason);
      }
    }

    /** Whether the moment is kept for nothing else. */
    private boolean isForScan() {
      return !request.keep() && !Optional.ofNullable(moment).equals(request.moment());
    }

    private void close() {
      ended = true;
      open.remove(this);
      if (moment != null && isForScan()) {
        replica.release(moment);
      }
    }
  }
}
