package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Consistency;
import dev.tidings.causal.Part;
import dev.tidings.causal.Session;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.Kind;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.storage.ReadView;
import dev.tidings.replica.storage.ReadView.FeedSlice;
import dev.tidings.replica.storage.Stored;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Comparator;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Answers one read from one view, and keeps count of what it was answered from. */
final class Reader {
  /** A page ends once its content passes this. */
  private static final long PAGE_BYTES = 1 << 20;

  private static final Kind[] KINDS = Kind.values();

  /** How many names of a map's fields are looked up at once. */
  private static final int FIELDS_AT_ONCE = 100;

  /** What an entry costs in an answer besides its value; and a range of its dependencies. */
  private static final int ENTRY_BYTES = 64;

  private static final int RANGE_BYTES = 24;

  private final ReadView view;
  private final ReadRequest request;
  private final Limits limits;
  private final Map<Position, PositionSet> dependencies;
  private PositionSet readFrom = PositionSet.EMPTY;
  private long highestLamport;
  private long bytes;

  private Reader(ReadView view, ReadRequest request, Limits limits) {
    this.view = view;
    this.request = request;
    this.limits = limits;
    this.dependencies = request.withDependencies() ? new HashMap<>() : Map.of();
  }

  /**
   * @param stable what every member shows, as far as is known; see {@link Session#afterRead}
   * @throws SizeLimitException if the answer would be larger than a message may be
   */
  static ReadResult read(
      ReadView view,
      ReadRequest request,
      Consistency consistency,
      PositionSet stable,
      Limits limits) {
    var reader = new Reader(view, request, limits);
    var values = new ArrayList<ReadResult.Value>();
    for (ReadRequest.Item item : request.items()) {
      values.add(reader.read(item));
    }
    // A moment that is kept may be earlier than what the session has seen.
    PositionSet frontier =
        request.moment().isEmpty()
            ? view.frontier()
            : view.frontier().union(request.session().dependencies());
    Session before = request.session();
    Session after =
        before.afterRead(
            consistency.declared(reader.readFrom), reader.highestLamport, frontier, stable);
    return new ReadResult(
        after, after.equals(before), values, reader.dependencies, Optional.empty());
  }

  private ReadResult.Value read(ReadRequest.Item item) {
    if (item instanceof ReadRequest.Item.Register register) {
      Optional<Stored> stored = view.register(register.name());
      // An absence caused by a delete depends on that delete.
      stored.ifPresent(this::note);
      return new ReadResult.Value.Register(stored, stored.isEmpty() && !view.hasForgottenDeletes());
    }
    if (item instanceof ReadRequest.Item.Feed feed) {
      FeedSlice slice = view.feed(feed.name(), feed.after(), feed.limit(), PAGE_BYTES);
      noteAll(slice.entries());
      return new ReadResult.Value.Feed(slice);
    }
    if (item instanceof ReadRequest.Item.Multi multi) {
      return multi(view.parts(Kind.MULTI, multi.name()));
    }
    if (item instanceof ReadRequest.Item.Counter counter) {
      ReadView.Count count = view.count(counter.name());
      return new ReadResult.Value.Counter(count.value(), noteParts(count.parts()));
    }
    if (item instanceof ReadRequest.Item.Elements set) {
      ReadView.Page page = view.elements(set.name(), set.from(), set.limit(), PAGE_BYTES);
      page.names().forEach(element -> grow(element.size()));
      return new ReadResult.Value.Elements(page, noteParts(view.parts(Kind.SET, set.name())));
    }
    if (item instanceof ReadRequest.Item.Range range) {
      return range(range);
    }
    if (item instanceof ReadRequest.Item.Fields fields) {
      return fields(fields);
    }
    throw new AssertionError(item);
  }

  private ReadResult.Value.Multi multi(List<Part> parts) {
    List<Stored> values =
        parts.stream()
            .filter(Part::stands)
            .filter(part -> part.value().isPresent())
            .map(Reader::stored)
            .sorted(Comparator.comparing(Stored::version))
            .toList();
    noteAll(values);
    return new ReadResult.Value.Multi(values, noteParts(parts));
  }

  private static Stored stored(Part part) {
    Part.Last last = part.last().orElseThrow();
    return new Stored(last.version(), last.position(), part.value());
  }

  private ReadResult.Value.Range range(ReadRequest.Item.Range range) {
    var registers = new ArrayList<ReadResult.Value.KeyValue>();
    var next = new Bytes[] {Name.NONE};
    var walked = new int[1];
    long end = bytes + PAGE_BYTES;
    view.registers(
        range.from(),
        (key, stored) -> {
          if (range.to().size() > 0
              && Arrays.compareUnsigned(key.array(), range.to().array()) >= 0) {
            return false;
          }
          // Those that were deleted count too: a walk over many of them has an end.
          if (walked[0]++ == range.limit() || bytes >= end) {
            next[0] = key;
            return false;
          }
          note(stored);
          if (stored.value().isPresent()) {
            registers.add(new ReadResult.Value.KeyValue(key, stored));
            grow(key.size());
          }
          return true;
        });
    return new ReadResult.Value.Range(registers, next[0]);
  }

  private ReadResult.Value.Fields fields(ReadRequest.Item.Fields map) {
    var fields = new ArrayList<ReadResult.Value.Field>();
    boolean isResumed = map.from().size() > 0;
    int first = isResumed ? map.from().array()[0] : 0;
    long end = bytes + PAGE_BYTES;
    for (int k = first; k < KINDS.length; k++) {
      Bytes from =
          isResumed && k == first
              ? Bytes.of(Arrays.copyOfRange(map.from().array(), 1, map.from().size()))
              : Name.NONE;
      while (true) {
        ReadView.Page page = view.fields(KINDS[k], map.map(), from, FIELDS_AT_ONCE);
        for (Bytes field : page.names()) {
          if (fields.size() == map.limit() || bytes >= end) {
            return new ReadResult.Value.Fields(fields, fieldCursor(k, field));
          }
          ReadResult.Value value = read(item(KINDS[k], new Name(map.map(), field)));
          if (hasContent(value)) {
            fields.add(new ReadResult.Value.Field(field, value));
            grow(field.size());
          }
        }
        if (page.next().size() == 0) {
          break;
        }
        from = page.next();
      }
    }
    return new ReadResult.Value.Fields(fields, Name.NONE);
  }

  private static Bytes fieldCursor(int kind, Bytes field) {
    var cursor = new byte[1 + field.size()];
    cursor[0] = (byte) kind;
    System.arraycopy(field.array(), 0, cursor, 1, field.size());
    return Bytes.of(cursor);
  }

  private static ReadRequest.Item item(Kind kind, Name name) {
    return switch (kind) {
      case REGISTER -> new ReadRequest.Item.Register(name);
      case MULTI -> new ReadRequest.Item.Multi(name);
      case COUNTER -> new ReadRequest.Item.Counter(name);
      case SET -> new ReadRequest.Item.Elements(name, Name.NONE, Limits.MAX_PAGE);
      case FEED -> new ReadRequest.Item.Feed(name, Name.NONE, Limits.MAX_PAGE);
    };
  }

  private static boolean hasContent(ReadResult.Value value) {
    if (value instanceof ReadResult.Value.Register register) {
      return register.stored().flatMap(Stored::value).isPresent();
    }
    if (value instanceof ReadResult.Value.Multi multi) {
      return !multi.values().isEmpty();
    }
    if (value instanceof ReadResult.Value.Elements set) {
      return !set.page().names().isEmpty();
    }
    if (value instanceof ReadResult.Value.Counter counter) {
      return counter.value() != 0;
    }
    return true;
  }

  private List<Part.Last> noteParts(List<Part> parts) {
    List<Part.Last> changedBy = parts.stream().flatMap(part -> part.last().stream()).toList();
    changedBy.forEach(last -> note(last.position(), last.version()));
    return changedBy;
  }

  private void noteAll(List<Stored> entries) {
    entries.forEach(this::note);
  }

  private void note(Stored stored) {
    note(stored.position(), stored.version());
    grow(stored.value().map(Bytes::size).orElse(0));
  }

  private void note(Position position, Version version) {
    readFrom = readFrom.with(position);
    highestLamport = Math.max(highestLamport, version.lamportTime());
    grow(ENTRY_BYTES);
    if (request.withDependencies()) {
      grow((long) RANGE_BYTES * dependenciesOf(position).rangeCount());
    }
  }

  private void grow(long by) {
    bytes += by;
    if (bytes > limits.maxAnswerBytes()) {
      throw new SizeLimitException("the answer", bytes, limits.maxAnswerBytes(), "bytes or more");
    }
  }

  private PositionSet dependenciesOf(Position position) {
    if (!dependencies.containsKey(position)) {
      // Of a write whose log has been cut nothing is said, rather than that it depends on nothing.
      view.write(position).ifPresent(write -> dependencies.put(position, write.dependencies()));
    }
    return dependencies.getOrDefault(position, PositionSet.EMPTY);
  }
}
