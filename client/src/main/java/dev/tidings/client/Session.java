package dev.tidings.client;

import dev.tidings.client.TidingsException.Reason;
import dev.tidings.clock.Version;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.NoSuchElementException;
import java.util.Optional;
import java.util.Queue;
import java.util.Set;
import java.util.Spliterator;
import java.util.Spliterators;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/**
 * One thread of reads and writes. What it has read or written, its next request depends on, at
 * whichever replica that is: so it reads its own writes, never goes back in time, and whoever sees
 * what it writes can see what it had seen. Requests block, and throw {@link TidingsException};
 * those of {@link #async()} do not. A session is used by one thread at a time.
 *
 * <p>A request whose replica does not answer goes on at another one: see {@link Tidings}. After a
 * write of which nobody knows whether it has happened ({@link TidingsException#outcomeUnknown()}),
 * the session goes on as if it had not; if it has, it may show at any time.
 */
public final class Session {
  private final AsyncSession async;

  Session(AsyncSession async) {
    this.async = async;
  }

  /**
   * Opens a pipeline of this session at its replica: for many requests that do not wait for each
   * other's answers. Does not block.
   *
   * @throws IllegalStateException while it has one, while requests are under way, or if the session
   *     is recorded
   */
  public Pipeline pipeline() {
    return async.pipeline();
  }

  /** The same session for requests that do not block. They take turns with those that do. */
  public AsyncSession async() {
    return async;
  }

  /**
   * Has everything that this session reads and writes from now on recorded.
   *
   * @param name the session's in the history; no two of a history have the same
   */
  public void recordTo(Recorder recorder, String name) {
    async.recordTo(recorder, name);
  }

  /**
   * HOST:PORT of the replica that the next request goes to first: where the session was moved to,
   * or the last answer came from.
   */
  public String replica() {
    return async.replica();
  }

  /** The session's Lamport time, ticks; 0 for a new one. */
  public long clock() {
    return async.clock();
  }

  /** Sends what follows to another replica; it answers once it shows what this session has seen. */
  public void moveTo(String address) {
    async.moveTo(address);
  }

  /**
   * Lets the session's logical time pass, as if that many events of its own had happened.
   *
   * @throws IllegalArgumentException if it is negative, or the clock would pass 2^62
   */
  public void advanceClock(long ticks) {
    async.advanceClock(ticks);
  }

  /** Sets a register. */
  public WriteInfo put(Bytes key, Bytes value) {
    return write(new Mutation.Put(key, value));
  }

  /**
   * Sets a register if it has no value at this replica; see {@link Condition}.
   *
   * @throws TidingsException for {@link TidingsException.Reason#CONDITION_FAILED} if it has one
   */
  public WriteInfo putIfAbsent(Bytes key, Bytes value) {
    return putIf(Condition.absent(key), value);
  }

  /**
   * Sets a register if its newest version at this replica, a value's or a delete's, is this one;
   * see {@link Condition}.
   *
   * @throws TidingsException for {@link TidingsException.Reason#CONDITION_FAILED} if it is another
   */
  public WriteInfo putIfVersion(Bytes key, Version version, Bytes value) {
    return putIf(Condition.version(key, version), value);
  }

  private WriteInfo putIf(Condition condition, Bytes value) {
    return write(List.of(new Mutation.Put(condition.key(), value)), WriteOptions.onlyIf(condition))
        .write();
  }

  /** Makes a register absent. */
  public WriteInfo delete(Bytes key) {
    return write(new Mutation.Delete(key));
  }

  /** Adds an entry to a feed. */
  public WriteInfo append(Bytes feed, Bytes value) {
    return write(new Mutation.Append(feed, value));
  }

  /** Sets a multi-value register, in the place of all values that this replica shows. */
  public WriteInfo putMulti(Bytes key, Bytes value) {
    return write(new Mutation.MultiPut(key, value));
  }

  /** Takes all values that this replica shows out of a multi-value register. */
  public WriteInfo deleteMulti(Bytes key) {
    return write(new Mutation.MultiDelete(key));
  }

  /** Adds to a counter; see {@link Mutation.Increment}. */
  public WriteInfo increment(Bytes counter, long by) {
    return write(new Mutation.Increment(counter, by));
  }

  /** Takes all increments that this replica shows back. */
  public WriteInfo deleteCounter(Bytes counter) {
    return write(new Mutation.DeleteCounter(counter));
  }

  /**
   * Adds to a set; an add wins over a concurrent removal.
   *
   * @param elements 1 to 10,000
   */
  public WriteInfo add(Bytes set, Bytes... elements) {
    return write(new Mutation.Add(set, List.of(elements)));
  }

  /**
   * Takes elements out of a set, as far as this replica shows them.
   *
   * @param elements 1 to 10,000
   */
  public WriteInfo remove(Bytes set, Bytes... elements) {
    return write(new Mutation.Remove(set, List.of(elements)));
  }

  /** Takes all elements that this replica shows out of a set; refused if these are over 10,000. */
  public WriteInfo removeAll(Bytes set) {
    return write(new Mutation.RemoveAll(set));
  }

  /** Deletes all fields of a map that this replica shows; see {@link Mutation.DeleteMap}. */
  public WriteInfo deleteMap(Bytes map) {
    return write(new Mutation.DeleteMap(map));
  }

  /** As {@link #write(List)}. */
  public WriteInfo write(Mutation... mutations) {
    return write(List.of(mutations));
  }

  /**
   * Writes several mutations, which become visible together everywhere. The answer comes when they
   * are durable at the replica.
   *
   * @param mutations 1 to 10,000, at most one for each key, except appends; 16 MiB in all, unless
   *     the replica was started with another limit
   * @throws TidingsException see {@link TidingsException#outcomeUnknown()}; a malformed mutation
   *     refuses them all
   */
  public WriteInfo write(List<Mutation> mutations) {
    return write(mutations, WriteOptions.DEFAULT).write();
  }

  /** As {@link #write(List)}, but answered when it is durable on more replicas than this one. */
  public DurableWrite write(List<Mutation> mutations, Durability durability) {
    return write(mutations, WriteOptions.DEFAULT.durable(durability));
  }

  /**
   * As {@link #write(List)}, under conditions, or answered when it is durable on more replicas than
   * this one.
   *
   * @throws TidingsException for {@link TidingsException.Reason#CONDITION_FAILED} if a condition
   *     does not hold; nothing was written then
   */
  public DurableWrite write(List<Mutation> mutations, WriteOptions options) {
    return await(async.writing(List.copyOf(mutations), options));
  }

  private <T> T await(AsyncSession.Turn<?, ?, T> turn) {
    CompletableFuture<T> future = async.begin(turn);
    boolean isInterrupted = false;
    try {
      while (true) {
        try {
          return future.get();
        } catch (InterruptedException e) {
          isInterrupted = true;
          turn.cancel(
              new TidingsException(
                  "CANCELLED",
                  Reason.OTHER,
                  "the request to replica %s was interrupted".formatted(replica()),
                  false,
                  null,
                  e));
        } catch (ExecutionException e) {
          if (e.getCause() instanceof TidingsException failure) {
            throw failure.here();
          }
          throw new IllegalStateException("a replica's answer cannot be read", e.getCause());
        }
      }
    } finally {
      if (isInterrupted) {
        Thread.currentThread().interrupt();
      }
    }
  }

  /** What a register holds. */
  public Value get(Bytes key) {
    return read(Item.register(key));
  }

  /** What a multi-value register holds. */
  public MultiValue multi(Bytes key) {
    return read(Item.multi(key));
  }

  /** What a counter has come to; 0 if it was never incremented. */
  public long counter(Bytes counter) {
    return read(Item.counter(counter)).value();
  }

  /**
   * A whole set, in the order of its elements' unsigned bytes; read as {@link #stream} reads.
   *
   * @return a set of its own, which may be changed
   */
  public Set<Bytes> set(Bytes set) {
    return stream(Item.set(set)).collect(Collectors.toCollection(LinkedHashSet::new));
  }

  /**
   * A whole feed, in version order; read as {@link #stream} reads.
   *
   * @param withDependencies as {@link Query#withDependencies()}
   */
  public List<FeedEntry> feed(Bytes feed, boolean withDependencies) {
    return stream(Item.feed(feed), withDependencies).toList();
  }

  /**
   * The registers that have a value from one key on and below another, in the order of their keys'
   * unsigned bytes; read as {@link #stream} reads.
   *
   * @param from empty for the first of all
   * @param to empty for the end of all
   */
  public Stream<KeyValue> range(Bytes from, Bytes to) {
    return stream(Item.range(from, to));
  }

  /** The registers whose keys begin so; otherwise as {@link #range}. */
  public Stream<KeyValue> prefix(Bytes prefix) {
    return stream(Item.prefix(prefix));
  }

  /**
   * A whole map, its sets and feeds as a whole too, in the order of {@link MapPage#fields()}; read
   * as {@link #stream} reads.
   */
  public List<MapField> map(Bytes map) {
    return map(map, new Paging<>(Item.map(map), false, null));
  }

  /** The same at a moment, as {@link #stream(Item, Moment)} reads. */
  public List<MapField> map(Bytes map, Moment moment) {
    return map(map, new Paging<>(Item.map(map), false, moment));
  }

  private List<MapField> map(Bytes map, Paging<MapField, MapPage> pages) {
    var fields = new ArrayList<MapField>();
    while (pages.hasNext()) {
      MapField field = pages.next();
      fields.add(new MapField(field.name(), whole(map, field, pages.moment)));
    }
    return fields;
  }

  private Content whole(Bytes map, MapField field, @Nullable Moment moment) {
    if (field.content() instanceof SetPage first && first.next().size() > 0) {
      Stream<Bytes> rest =
          stream(
              new Paging<>(
                  new Item.Elements(field.name(), 0, first.next()).inMap(map), false, moment));
      return new SetPage(
          Stream.concat(first.elements().stream(), rest).toList(), Bytes.EMPTY, first.changedBy());
    }
    if (field.content() instanceof FeedPage first && first.next().size() > 0) {
      Stream<FeedEntry> rest =
          stream(
              new Paging<>(new Item.Feed(field.name(), 0, first.next()).inMap(map), false, moment));
      return new FeedPage(Stream.concat(first.entries().stream(), rest).toList(), Bytes.EMPTY);
    }
    return field.content();
  }

  /**
   * All pages from one on, one after the other, all from the moment at which the first is read. A
   * page is read when the stream comes to it, no later than five minutes after the one before, and
   * from the same replica; a stream that cannot go on fails with {@link Reason#MOMENT_NOT_KEPT}.
   * The stream is of the session: it is used where the session is, by one thread. A session that is
   * recorded reads each page from a moment of its own.
   *
   * <pre>{@code
   * var guests = Item.set(Bytes.of("guests")).inMap(Bytes.of("party"));
   * List<Bytes> ten = session.stream(guests).limit(10).toList();
   * }</pre>
   */
  public <E> Stream<E> stream(Item<? extends Page<E>> first) {
    return stream(first, false);
  }

  /**
   * The same, from a moment that the session's replica keeps, even if the session has seen later
   * ones; see {@link Query#at}. Where it is not kept, the stream fails.
   */
  public <E> Stream<E> stream(Item<? extends Page<E>> first, Moment moment) {
    return stream(new Paging<>(first, false, moment));
  }

  private <E> Stream<E> stream(Item<? extends Page<E>> first, boolean withDependencies) {
    return stream(new Paging<>(first, withDependencies, null));
  }

  private static <E> Stream<E> stream(Iterator<E> pages) {
    return StreamSupport.stream(
        Spliterators.spliteratorUnknownSize(pages, Spliterator.ORDERED | Spliterator.NONNULL),
        false);
  }

  /** The same of the page that begins there. */
  @SuppressWarnings("unchecked")
  private static <T extends Page<?>> Item<T> page(Item<T> item, Bytes next) {
    Item<?> page;
    if (item instanceof Item.InMap<?> inMap) {
      page = ((Item.Simple<?>) page((Item<T>) inMap.item(), next)).inMap(inMap.map());
    } else if (item instanceof Item.Elements set) {
      page = new Item.Elements(set.set(), set.limit(), next);
    } else if (item instanceof Item.Feed feed) {
      page = new Item.Feed(feed.feed(), feed.limit(), next);
    } else if (item instanceof Item.Range range) {
      page = new Item.Range(next, range.to(), range.limit());
    } else if (item instanceof Item.Fields fields) {
      page = new Item.Fields(fields.map(), fields.limit(), next);
    } else {
      throw new AssertionError(item);
    }
    return (Item<T>) page;
  }

  private final class Paging<E, P extends Page<E>> implements Iterator<E> {
    private final Queue<E> read = new ArrayDeque<>();
    private final boolean withDependencies;

    /** Null after the last. */
    private @Nullable Item<P> next;

    private @Nullable Moment moment;

    /**
     * @param moment null for that of the first page
     */
    Paging(Item<P> first, boolean withDependencies, @Nullable Moment moment) {
      this.next = first;
      this.withDependencies = withDependencies;
      this.moment = moment;
    }

    @Override
    public boolean hasNext() {
      // A page may be empty, and not the last.
      while (read.isEmpty() && next != null) {
        var query = new Query(List.of(next), withDependencies, moment, Query.Keeping.NO);
        boolean isFirst = moment == null;
        // A moment may be earlier than what the session has seen meanwhile, as no record may have
        // it.
        Snapshot snapshot =
            Session.this.read(
                async.isRecorded() || !isFirst ? query : query.keeping(Query.Keeping.IF_MORE));
        if (isFirst) {
          moment = snapshot.moment().orElse(null);
        } else if (snapshot.moment().isEmpty()) {
          throw new TidingsException(
              "OUT_OF_RANGE",
              Reason.MOMENT_NOT_KEPT,
              "replica %s answered, and another one keeps the moment that is read; read anew"
                  .formatted(replica()),
              false,
              null,
              null);
        }
        P page = snapshot.get(next);
        read.addAll(page.contents());
        next = page.next().size() == 0 ? null : page(next, page.next());
      }
      return !read.isEmpty();
    }

    @Override
    public E next() {
      if (!hasNext()) {
        throw new NoSuchElementException();
      }
      return read.remove();
    }
  }

  /** Reads one item; a map's field is {@code Item.counter(name).inMap(map)}. */
  public <T> T read(Item<T> item) {
    return read(Query.of(item)).get(item);
  }

  /** Reads several items from one moment. */
  public Snapshot read(Item<?>... items) {
    return read(Query.of(items));
  }

  /** Reads several items from one moment. */
  public Snapshot read(Query query) {
    return await(async.reading(query));
  }

  /**
   * Writes as they become visible at the session's replica, once that shows what the session has
   * seen. What is told is a dependency of the session's next request, like what it reads. Does not
   * block: the watch begins when it is first asked. It stays at its replica when the session moves.
   */
  public Watch watch(WatchQuery query) {
    return async.watch(query);
  }

  /** What the session's tokens say; empty for a session that has read and written nothing. */
  public Optional<SessionContents> contents() {
    return save().contents();
  }

  /** The session as it is now, for {@link Tidings#session(SavedSession)}. */
  public SavedSession save() {
    return async.save();
  }
}
