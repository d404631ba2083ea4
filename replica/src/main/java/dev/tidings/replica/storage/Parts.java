package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Part;
import dev.tidings.causal.Twins;
import dev.tidings.replica.storage.KeyValueStore.Cursor;
import dev.tidings.replica.storage.KeyValueStore.Reads;
import dev.tidings.replica.storage.KeyValueStore.Table;
import dev.tidings.replica.storage.ReadView.Page;
import java.util.ArrayList;
import java.util.List;

/** Reads the parts that objects consist of. As safe for threads as what it reads from. */
final class Parts {
  private final Reads reads;
  private final int edition;

  Parts(Reads reads, int edition) {
    this.reads = reads;
    this.edition = edition;
  }

  /** What a counter comes to, and what it consists of. */
  ReadView.Count count(Name counter) {
    var parts = new ArrayList<Part>();
    var twins = new ArrayList<Twins>();
    read(Keys.parts(edition, Kind.COUNTER, counter), parts, twins);
    long value =
        parts.stream().mapToLong(Part::count).sum()
            + twins.stream().mapToLong(t -> t.correction(parts)).sum();
    return new ReadView.Count(value, parts);
  }

  /** An object's parts, by origin. */
  List<Part> of(Kind kind, Name name) {
    return all(Keys.parts(edition, kind, name));
  }

  /** The adds of a set's element, by origin. */
  List<Part> adds(Name set, Bytes element) {
    return all(Keys.element(edition, set, element));
  }

  private List<Part> all(byte[] prefix) {
    var parts = new ArrayList<Part>();
    read(prefix, parts, new ArrayList<>());
    return parts;
  }

  private void read(byte[] object, List<Part> parts, List<Twins> twins) {
    try (Cursor cursor = reads.scan(Table.PARTS, object)) {
      while (cursor.next() && Keys.startsWith(cursor.key(), object)) {
        if (Keys.isTwins(cursor.key(), object.length)) {
          twins.add(Records.twins(cursor.value()));
        } else {
          parts.add(Records.part(cursor.value()));
        }
      }
    }
  }

  /** What is in a set, from an element on: at most {@code limit}, or {@code maxBytes} and one. */
  Page elements(Name set, Bytes from, int limit, long maxBytes) {
    byte[] prefix = Keys.elements(edition, set);
    var elements = new ArrayList<Bytes>();
    long bytes = 0;
    try (Cursor cursor = reads.scan(Table.PARTS, Keys.atName(prefix, from))) {
      while (cursor.next() && Keys.startsWith(cursor.key(), prefix)) {
        if (!Records.part(cursor.value()).stands()) {
          continue;
        }
        Bytes element = Keys.nameAfter(prefix, cursor.key());
        int count = elements.size();
        if (count > 0 && elements.get(count - 1).equals(element)) {
          continue;
        }
        if (count == limit || bytes >= maxBytes) {
          return new Page(elements, element);
        }
        elements.add(element);
        bytes += element.size();
      }
    }
    return new Page(elements, Name.NONE);
  }

  /** The names of a map's fields of one kind, those without content included. */
  Page fields(Kind kind, Bytes map, Bytes from, int limit) {
    byte[] prefix = Keys.fields(edition, kind, map);
    Table table = Keys.table(kind);
    var names = new ArrayList<Bytes>();
    byte[] next = Keys.atField(kind, prefix, from);
    while (true) {
      // Past all of what it has found, instead of through it.
      try (Cursor cursor = reads.scan(table, next)) {
        if (!cursor.next() || !Keys.startsWith(cursor.key(), prefix)) {
          return new Page(names, Name.NONE);
        }
        Bytes name = Keys.field(kind, prefix, cursor.key());
        if (names.size() == limit) {
          return new Page(names, name);
        }
        names.add(name);
        next = Keys.pastField(kind, prefix, name);
      }
    }
  }
}
