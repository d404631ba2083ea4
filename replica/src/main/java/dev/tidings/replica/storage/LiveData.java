package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Mutation.ObservedSum;
import dev.tidings.causal.Mutation.Removed;
import dev.tidings.causal.Part;
import dev.tidings.causal.RequestId;
import dev.tidings.causal.Twins;
import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.KeyValueStore.Batch;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Snapshot;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.Iterator;
import java.util.List;
import java.util.Map;
import java.util.NavigableMap;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The data while a round changes them: what the tables have, before them what an earlier round has
 * changed that is still being written, and before that what this round has changed. Confined to the
 * thread that decides, and then to that which writes; what follows reads it meanwhile.
 */
public final class LiveData {
  private final KeyValueStore tables;
  private final Batch batch;
  private final int edition;
  private final Origin self;
  private final Recent<Version> recent;
  private final Supplier<@Nullable LiveData> before;
  private final Ahead ahead = new Ahead();
  private final Parts parts;

  /**
   * @param recent versions of registers, by their keys, which have the edition
   * @param before what an earlier round has changed and the tables do not have yet
   */
  LiveData(
      KeyValueStore tables,
      Batch batch,
      int edition,
      Origin self,
      Recent<Version> recent,
      Supplier<@Nullable LiveData> before) {
    this.recent = recent;
    this.tables = tables;
    this.batch = batch;
    this.edition = edition;
    this.self = self;
    this.before = before;
    this.parts = new Parts(ahead, edition);
  }

  /** A register's newest version, a deletion included. */
  public Optional<Stored> register(Name name) {
    return register(Keys.register(edition, name));
  }

  private Optional<Stored> register(byte[] key) {
    return Optional.ofNullable(ahead.get(Table.REGISTERS, key)).map(Stored::decode);
  }

  /**
   * What a write changes, with what it undoes.
   *
   * @param observed what it was found in: the write depends on it
   */
  public record Filled(List<Mutation> mutations, PositionSet observed) {}

  /**
   * Fills in what a client's mutations undo: what is here.
   *
   * @param most elements or fields that one write takes away
   * @throws InvalidRequestException if there are more, or a sum would pass 64 bits
   */
  public Filled fill(List<Mutation> asked, int most) {
    return new Fill(most).all(asked);
  }

  /** Fills in one write. */
  private final class Fill {
    private final int most;
    private final List<Mutation> filled = new ArrayList<>();
    private PositionSet observed = PositionSet.EMPTY;

    Fill(int most) {
      this.most = most;
    }

    Filled all(List<Mutation> asked) {
      for (Mutation mutation : asked) {
        if (mutation instanceof Mutation.InMap field) {
          Name name = new Name(field.map(), field.key());
          filled.add(new Mutation.InMap(field.map(), fill(field.change(), name)));
        } else {
          filled.add(fill(mutation, Name.of(mutation.key())));
        }
      }
      // Behind the rest, which has the same places then wherever it is tried.
      for (Mutation mutation : asked) {
        if (mutation instanceof Mutation.MapDelete delete) {
          for (Kind kind : Kind.values()) {
            deleteFields(kind, delete.key());
          }
        }
      }
      return new Filled(filled, observed);
    }

    private Mutation fill(Mutation mutation, Name name) {
      if (mutation instanceof Mutation.MultiPut put) {
        return new Mutation.MultiPut(put.key(), put.value(), standingValues(name));
      }
      if (mutation instanceof Mutation.Increment increment) {
        try {
          Math.addExact(own(Kind.COUNTER, name).sum(), increment.by());
        } catch (ArithmeticException e) {
          throw new InvalidRequestException(
              "with %d more, the increments of counter %s at this replica would pass 64 bits"
                  .formatted(increment.by(), increment.key()));
        }
        return increment;
      }
      if (mutation instanceof Mutation.CounterDelete) {
        var sums = new ArrayList<ObservedSum>();
        for (Part part : observeAll(Kind.COUNTER, name)) {
          if (part.stands()) {
            sums.add(new ObservedSum(part.last().orElseThrow().position(), part.sum()));
          }
        }
        return new Mutation.CounterDelete(name.key(), sums);
      }
      if (mutation instanceof Mutation.Add add) {
        own(Kind.SET, name);
        return add;
      }
      if (mutation instanceof Mutation.Remove remove) {
        observeAll(Kind.SET, name);
        return new Mutation.Remove(
            remove.key(), removed(name, remove.all() ? elements(name) : named(remove)), false);
      }
      return mutation;
    }

    private static List<Bytes> named(Mutation.Remove remove) {
      return remove.removed().stream().map(Removed::element).toList();
    }

    private List<Bytes> elements(Name set) {
      ReadView.Page all = parts.elements(set, Name.NONE, most, Long.MAX_VALUE);
      if (all.next().size() > 0) {
        throw new InvalidRequestException(
            "set %s has more than %d elements, which is as many as one write removes: remove some by their names first"
                .formatted(set.key(), most));
      }
      return all.names();
    }

    private List<Removed> removed(Name set, List<Bytes> elements) {
      return elements.stream()
          .distinct()
          .map(
              element ->
                  new Removed(
                      element,
                      parts.adds(set, element).stream()
                          .filter(Part::stands)
                          .map(this::observe)
                          .toList()))
          .toList();
    }

    private List<Position> standingValues(Name multi) {
      return observeAll(Kind.MULTI, multi).stream()
          .filter(part -> part.stands() && part.value().isPresent())
          .map(part -> part.last().orElseThrow().position())
          .toList();
    }

    /**
     * What a session has seen, and undoes, may be undone here by others: where those are not
     * visible yet, it must not stand beside what undoes it.
     */
    private List<Part> observeAll(Kind kind, Name name) {
      List<Part> all = parts.of(kind, name);
      all.forEach(this::observe);
      return all;
    }

    /** This replica's part, whose last update every next one follows. */
    private Part own(Kind kind, Name name) {
      Part part = part(Keys.part(Keys.parts(edition, kind, name), self));
      observe(part);
      return part;
    }

    private @Nullable Position observe(Part part) {
      Position last = part.last().map(Part.Last::position).orElse(null);
      if (last != null) {
        observed = observed.with(last);
      }
      return last;
    }

    private void deleteFields(Kind kind, Bytes map) {
      if (kind == Kind.FEED) {
        return;
      }
      ReadView.Page fields = parts.fields(kind, map, Name.NONE, most);
      if (fields.next().size() > 0) {
        throw new InvalidRequestException(
            "map %s has more than %d fields of one kind, which is as many as one write deletes: delete some by their names first"
                .formatted(map, most));
      }
      for (Bytes field : fields.names()) {
        Name name = new Name(map, field);
        if (kind == Kind.REGISTER) {
          Stored stored = register(name).orElseThrow();
          observed = observed.with(stored.position());
          if (stored.value().isPresent()) {
            filled.add(new Mutation.InMap(map, new Mutation.Delete(field)));
          }
        } else {
          filled.add(new Mutation.InMap(map, fill(deletion(kind, field), name)));
        }
      }
    }

    private static Mutation deletion(Kind kind, Bytes key) {
      return switch (kind) {
        case MULTI -> new Mutation.MultiPut(key, Optional.empty(), List.of());
        case COUNTER -> new Mutation.CounterDelete(key, List.of());
        case SET -> new Mutation.Remove(key, List.of(), true);
        case REGISTER, FEED -> throw new AssertionError(kind);
      };
    }
  }

  /**
   * Applies a write's mutations.
   *
   * @param frontier what is visible here
   */
  void apply(Write write, PositionSet frontier) {
    new Apply(write, frontier).all();
  }

  /**
   * Several tries of a request have been applied here, or at replicas whose data have been merged:
   * what they add counts once from now on. Where it does so already nothing changes.
   */
  void unite(RequestId request, List<Try> tries, List<Added> additions) {
    var together = new Together(request, tries);
    additions.forEach(together::unite);
  }

  /** Several visible tries of a request: what they add counts once. */
  private final class Together {
    private final RequestId request;
    private final List<Try> tries;
    private final List<Position> positions;

    Together(RequestId request, List<Try> tries) {
      this.request = request;
      this.tries = tries;
      this.positions = tries.stream().map(Try::position).toList();
    }

    void unite(Added added) {
      Mutation mutation = added.mutation();
      Name name = Name.changedBy(mutation);
      Mutation change = mutation instanceof Mutation.InMap field ? field.change() : mutation;
      if (change instanceof Mutation.Append) {
        leaveFirst(added.place(), name);
      } else if (change instanceof Mutation.Increment increment) {
        makeTwins(name, increment.by());
      } else if (change instanceof Mutation.Add add) {
        add.elements().forEach(element -> unite(Keys.element(edition, name, element)));
      } else {
        throw new AssertionError(mutation);
      }
    }

    /** Of their appends to a feed. */
    private void leaveFirst(int place, Name feed) {
      tries.stream()
          .map(Try::version)
          .sorted()
          .skip(1)
          .forEach(
              version -> batch.delete(Table.FEEDS, Keys.feedEntry(edition, feed, version, place)));
    }

    private void makeTwins(Name counter, long by) {
      var twins = new Twins(by, Set.copyOf(positions));
      byte[] key = Keys.twins(Keys.parts(edition, Kind.COUNTER, counter), request);
      byte[] known = ahead.get(Table.PARTS, key);
      ahead.put(
          Table.PARTS,
          key,
          Records.twins(known == null ? twins : twins.merge(Records.twins(known))));
    }

    /** Several adds that are one: they all stand, or none does. */
    private void unite(byte[] adds) {
      boolean areStanding =
          positions.stream().allMatch(add -> part(Keys.part(adds, add.origin())).standsWith(add));
      for (Position add : positions) {
        if (areStanding) {
          byte[] key = Keys.part(adds, add.origin());
          setPart(
              key,
              part(key).withTwins(positions.stream().filter(twin -> !twin.equals(add)).toList()));
        } else {
          drop(adds, add);
        }
      }
    }
  }

  /** Applies one write. */
  private final class Apply {
    private final Write write;
    private final PositionSet frontier;
    private final Part.Last update;

    Apply(Write write, PositionSet frontier) {
      this.write = write;
      this.frontier = frontier;
      this.update = Part.Last.of(write);
    }

    void all() {
      int place = 0;
      for (Mutation mutation : write.mutations()) {
        Name name = Name.changedBy(mutation);
        apply(place, name, mutation instanceof Mutation.InMap field ? field.change() : mutation);
        place++;
      }
    }

    private void apply(int place, Name name, Mutation mutation) {
      if (mutation instanceof Mutation.Append append) {
        batch.put(
            Table.FEEDS,
            Keys.feedEntry(edition, name, write.version(), place),
            stored(write, Optional.of(append.value())).encode());
      } else if (mutation instanceof Mutation.Put put) {
        set(name, stored(write, Optional.of(put.value())));
      } else if (mutation instanceof Mutation.Delete) {
        if (set(name, stored(write, Optional.empty()))) {
          bury(write, place, name);
        }
      } else if (mutation instanceof Mutation.MultiPut put) {
        byte[] parts = Keys.parts(edition, Kind.MULTI, name);
        put.replaces().forEach(position -> clear(parts, position, 0));
        Part own = own(Kind.MULTI, name);
        setOwn(
            Kind.MULTI, name, put.value().map(v -> own.put(update, v)).orElse(own.updated(update)));
      } else if (mutation instanceof Mutation.Increment increment) {
        setOwn(Kind.COUNTER, name, own(Kind.COUNTER, name).incremented(update, increment.by()));
      } else if (mutation instanceof Mutation.CounterDelete delete) {
        byte[] parts = Keys.parts(edition, Kind.COUNTER, name);
        delete.observed().forEach(sum -> clear(parts, sum.upTo(), sum.sum()));
        setOwn(Kind.COUNTER, name, own(Kind.COUNTER, name).incremented(update, 0));
      } else if (mutation instanceof Mutation.Add add) {
        setOwn(Kind.SET, name, own(Kind.SET, name).updated(update));
        add.elements().forEach(element -> add(Keys.element(edition, name, element)));
      } else if (mutation instanceof Mutation.Remove remove) {
        setOwn(Kind.SET, name, own(Kind.SET, name).updated(update));
        for (Removed removed : remove.removed()) {
          byte[] adds = Keys.element(edition, name, removed.element());
          removed.adds().forEach(position -> remove(adds, position));
        }
      } else if (!(mutation instanceof Mutation.SetMember
          || mutation instanceof Mutation.MapDelete)) {
        throw new AssertionError(mutation);
      }
    }

    private byte[] ownKey(Kind kind, Name name) {
      return Keys.part(Keys.parts(edition, kind, name), write.position().origin());
    }

    private Part own(Kind kind, Name name) {
      return part(ownKey(kind, name));
    }

    private void setOwn(Kind kind, Name name, Part part) {
      setPart(ownKey(kind, name), part);
    }

    private void add(byte[] adds) {
      byte[] key = Keys.part(adds, write.position().origin());
      Part before = part(key);
      if (before.stands()) {
        // The origin's own add before this one is replaced, and with it what is the same.
        before.twins().forEach(twin -> drop(adds, twin));
      }
      setAdd(key, before.updated(update));
    }

    private void remove(byte[] adds, Position add) {
      byte[] key = Keys.part(adds, add.origin());
      Part known = part(key);
      if (known.last().isPresent() || !frontier.contains(add)) {
        Part cleared = known.cleared(add.sequence(), 0);
        if (known.stands() && !cleared.stands()) {
          known.twins().forEach(twin -> drop(adds, twin));
        }
        setAdd(key, cleared);
      }
      // Else it came and went.
    }
  }

  private static Stored stored(Write write, Optional<Bytes> value) {
    return new Stored(write.version(), write.position(), value);
  }

  /** Whether it is the newest. */
  private boolean set(Name name, Stored value) {
    byte[] key = Keys.register(edition, name);
    Bytes ofRecent = Bytes.of(key);
    // What this replica accepts itself is newer than all that it holds (Lamport 1978, IR2b).
    if (!value.position().origin().equals(self)) {
      Version newest = recent.get(ofRecent);
      if (newest == null) {
        newest = register(key).map(Stored::version).orElse(null);
      }
      if (newest != null && newest.compareTo(value.version()) >= 0) {
        return false;
      }
    }
    recent.put(ofRecent, value.version());
    ahead.put(Table.REGISTERS, key, value.encode());
    return true;
  }

  private void bury(Write write, int place, Name name) {
    batch.put(
        Table.TOMBSTONES,
        Keys.tombstone(edition, write.version(), place),
        Records.tombstone(
            new Tombstone(
                Bytes.of(Keys.register(name)),
                write.position(),
                write.version(),
                write.committedAtMicros())));
  }

  /** Forgets a deleted register, if nothing newer has been put; whether it was so. */
  boolean forget(Tombstone tombstone) {
    byte[] key = Keys.concat(Keys.edition(edition), tombstone.key().array());
    if (register(key).filter(it -> it.version().equals(tombstone.version())).isEmpty()) {
      return false;
    }
    ahead.delete(Table.REGISTERS, key);
    recent.remove(Bytes.of(key));
    return true;
  }

  /**
   * Puts what has changed into the batch: each key once, and in their order, in which the tables
   * take them in fastest. Views hear of it before they can read it.
   *
   * @param generation of the commit
   */
  void flush(RegisterCache registers, long generation) {
    ahead.flush();
    ahead
        .changed(Table.REGISTERS)
        .forEach((key, record) -> registers.changing(key, record.orElse(null), generation));
  }

  private Part part(byte[] key) {
    byte[] record = ahead.get(Table.PARTS, key);
    return record == null ? Part.NONE : Records.part(record);
  }

  private void setPart(byte[] key, Part part) {
    ahead.put(Table.PARTS, key, Records.part(part));
  }

  private void clear(byte[] parts, Position upTo, long sum) {
    byte[] key = Keys.part(parts, upTo.origin());
    setPart(key, part(key).cleared(upTo.sequence(), sum));
  }

  private void drop(byte[] adds, Position add) {
    byte[] key = Keys.part(adds, add.origin());
    if (part(key).standsWith(add)) {
      ahead.delete(Table.PARTS, key);
    }
  }

  /** An add that was undone is gone; a removal that came before its add waits for it. */
  private void setAdd(byte[] key, Part add) {
    if (add.stands() || add.isAwaited()) {
      setPart(key, add);
    } else {
      ahead.delete(Table.PARTS, key);
    }
  }

  /** Reads the tables through the rounds' changes. */
  private final class Ahead implements Reads {
    private final Map<Table, NavigableMap<byte[], Optional<byte[]>>> changed =
        new EnumMap<>(Table.class);

    Ahead() {
      for (Table table : ReplicaStore.DATA) {
        changed.put(table, new TreeMap<>(Arrays::compareUnsigned));
      }
    }

    private NavigableMap<byte[], Optional<byte[]>> changed(Table table) {
      NavigableMap<byte[], Optional<byte[]>> changes = changed.get(table);
      if (changes == null) {
        throw new AssertionError(table);
      }
      return changes;
    }

    void put(Table table, byte[] key, byte[] value) {
      changed(table).put(key, Optional.of(value));
    }

    void delete(Table table, byte[] key) {
      changed(table).put(key, Optional.empty());
    }

    void flush() {
      changed.forEach(
          (table, changes) ->
              changes.forEach(
                  (key, value) ->
                      value.ifPresentOrElse(
                          it -> batch.put(table, key, it), () -> batch.delete(table, key))));
    }

    @Override
    public byte @Nullable [] get(Table table, byte[] key) {
      Optional<byte[]> change = changed(table).get(key);
      if (change != null) {
        return change.orElse(null);
      }
      LiveData unwritten = before.get();
      return unwritten == null ? tables.get(table, key) : unwritten.ahead.get(table, key);
    }

    @Override
    public Cursor scan(Table table, byte[] from) {
      SortedMap<byte[], Optional<byte[]>> changes = changed(table).tailMap(from);
      LiveData unwritten = before.get();
      if (unwritten != null) {
        return new MergedCursor(unwritten.ahead.scan(table, from), changes, () -> {});
      }
      Snapshot now = tables.snapshot();
      return new MergedCursor(now.scan(table, from), changes, now::close);
    }
  }

  /** A walk over a table, where changes go before what it has. */
  private static final class MergedCursor implements Cursor {
    private final Cursor stored;
    private final Runnable afterwards;
    private final Iterator<Map.Entry<byte[], Optional<byte[]>>> changes;
    private boolean hasStored;
    private Map.@Nullable Entry<byte[], Optional<byte[]>> change;
    private byte[] key = new byte[0];
    private byte[] value = new byte[0];

    /**
     * @param afterwards runs when it is closed, and what it reads from may be
     */
    MergedCursor(Cursor stored, SortedMap<byte[], Optional<byte[]>> changes, Runnable afterwards) {
      this.stored = stored;
      this.afterwards = afterwards;
      this.changes = changes.entrySet().iterator();
      this.hasStored = stored.next();
      nextChange();
    }

    private void nextChange() {
      change = changes.hasNext() ? changes.next() : null;
    }

    @Override
    public boolean next() {
      while (hasStored || change != null) {
        int order =
            change == null
                ? -1
                : hasStored ? Arrays.compareUnsigned(stored.key(), change.getKey()) : 1;
        Optional<byte[]> found;
        if (change == null || order < 0) {
          key = stored.key();
          found = Optional.of(stored.value());
        } else {
          key = change.getKey();
          found = change.getValue();
          nextChange();
        }
        if (order <= 0) {
          hasStored = stored.next();
        }
        if (found.isPresent()) {
          value = found.get();
          return true;
        }
      }
      return false;
    }

    @Override
    public byte[] key() {
      return key;
    }

    @Override
    public byte[] value() {
      return value;
    }

    @Override
    public void close() {
      stored.close();
      afterwards.run();
    }
  }
}
