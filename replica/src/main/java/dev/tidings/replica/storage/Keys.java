package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.RequestId;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.KeyValueStore.Table;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The keys of the tables. All numbers are positive and big-endian, so that byte order is numeric
 * order. The keys of data begin with their edition: a snapshot from a peer becomes the next
 * edition, which takes the place of the one before in one step.
 */
final class Keys {
  /** Lamport time, replica id, incarnation, and the place among the write's mutations. */
  static final int ENTRY_BYTES = Long.BYTES + 3 * Integer.BYTES;

  private static final int EDITION_BYTES = Integer.BYTES;
  private static final int ORIGIN_BYTES = 2 * Integer.BYTES;
  private static final int REQUEST_BYTES = 16 + Long.BYTES;

  /** What the keys of parts begin with. */
  private static final byte MULTI = 1;

  private static final byte COUNTER = 2;
  private static final byte SET = 3;
  private static final byte ELEMENTS = 4;

  /** What the keys of requests begin with. */
  private static final byte SESSIONS = 1;

  private static final byte HOURS = 2;
  private static final byte ADDITIONS = 3;

  /** Before the session. */
  private static final int HOUR_BYTES = EDITION_BYTES + 1 + Long.BYTES;

  private static final byte END = 0;
  private static final byte ESCAPE = 1;

  private Keys() {}

  /** In the log: origin, then sequence. */
  static byte[] log(Position position) {
    return log(position.origin(), position.sequence());
  }

  static byte[] log(Origin origin, long sequence) {
    return ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
        .putInt(origin.replicaId())
        .putInt(origin.incarnation())
        .putLong(sequence)
        .array();
  }

  /** What all keys of an edition begin with. */
  static byte[] edition(int edition) {
    return ByteBuffer.allocate(EDITION_BYTES).putInt(edition).array();
  }

  /** What follows the edition. */
  static byte[] withoutEdition(byte[] key) {
    return Arrays.copyOfRange(key, EDITION_BYTES, key.length);
  }

  /**
   * Bytes whose order is that of what they stand for, whatever follows: they end with the only
   * zero. 0 is written as 1 1, and 1 as 1 2.
   */
  private static byte[] ordered(Bytes bytes) {
    byte[] from = bytes.array();
    int escaped = 0;
    for (byte b : from) {
      escaped += isEscaped(b) ? 1 : 0;
    }
    var to = new byte[from.length + escaped + 1];
    int length = 0;
    for (byte b : from) {
      if (isEscaped(b)) {
        to[length++] = ESCAPE;
        to[length++] = (byte) (b + 1);
      } else {
        to[length++] = b;
      }
    }
    return to;
  }

  private static boolean isEscaped(byte b) {
    return b == END || b == ESCAPE;
  }

  /** Where the ordered bytes that begin there end; the key's length if they do not. */
  private static int orderedEnd(byte[] key, int from) {
    int i = from;
    while (i < key.length && key[i] != END) {
      i++;
    }
    return Math.min(i + 1, key.length);
  }

  /** What the ordered bytes that begin there stand for. */
  private static Bytes plain(byte[] key, int from) {
    int end = orderedEnd(key, from) - 1;
    var to = new byte[end - from];
    int length = 0;
    for (int i = from; i < end; i++) {
      to[length++] = key[i] == ESCAPE ? (byte) (key[++i] - 1) : key[i];
    }
    return Bytes.of(Arrays.copyOf(to, length));
  }

  static byte[] register(int edition, Name name) {
    return concat(edition(edition), register(name));
  }

  /** Without its edition. */
  static byte[] register(Name name) {
    return concat(ordered(name.map()), name.key().array());
  }

  /** Whether it is a register's key, without its edition. */
  static boolean isRegister(byte[] key) {
    return key.length > orderedEnd(key, 0);
  }

  /** In which table objects of a kind are. */
  static Table table(Kind kind) {
    return switch (kind) {
      case REGISTER -> Table.REGISTERS;
      case FEED -> Table.FEEDS;
      case MULTI, COUNTER, SET -> Table.PARTS;
    };
  }

  private static byte tag(Kind kind) {
    return switch (kind) {
      case MULTI -> MULTI;
      case COUNTER -> COUNTER;
      case SET -> SET;
      case REGISTER, FEED -> throw new IllegalArgumentException(kind + " has no parts");
    };
  }

  /** What the fields of one kind of a map begin with; or what is no field, if the map is empty. */
  static byte[] fields(int edition, Kind kind, Bytes map) {
    byte[] begin =
        table(kind) == Table.PARTS
            ? concat(edition(edition), new byte[] {tag(kind)})
            : edition(edition);
    return concat(begin, ordered(map));
  }

  /** Where the field begins, or one that is later. */
  static byte[] atField(Kind kind, byte[] prefix, Bytes name) {
    return kind == Kind.REGISTER ? concat(prefix, name.array()) : atName(prefix, name);
  }

  /** Where a later field begins. */
  static byte[] pastField(Kind kind, byte[] prefix, Bytes name) {
    if (kind == Kind.REGISTER) {
      return after(concat(prefix, name.array()));
    }
    byte[] past = concat(prefix, ordered(name));
    past[past.length - 1] = END + 1;
    return past;
  }

  /** Whose key it is. */
  static Bytes field(Kind kind, byte[] prefix, byte[] key) {
    return kind == Kind.REGISTER
        ? Bytes.of(Arrays.copyOfRange(key, prefix.length, key.length))
        : nameAfter(prefix, key);
  }

  /** What all parts of an object begin with. */
  static byte[] parts(int edition, Kind kind, Name name) {
    return concat(fields(edition, kind, name.map()), ordered(name.key()));
  }

  /** What all adds of a set begin with. */
  static byte[] elements(int edition, Name set) {
    return concat(
        concat(concat(edition(edition), new byte[] {ELEMENTS}), ordered(set.map())),
        ordered(set.key()));
  }

  /** What all adds of an element begin with. */
  static byte[] element(int edition, Name set, Bytes element) {
    return concat(elements(edition, set), ordered(element));
  }

  /**
   * A part.
   *
   * @param object as {@link #parts} or {@link #element} gives it
   */
  static byte[] part(byte[] object, Origin origin) {
    return ByteBuffer.allocate(object.length + ORIGIN_BYTES)
        .put(object)
        .putInt(origin.replicaId())
        .putInt(origin.incarnation())
        .array();
  }

  /**
   * Increments that are one: among the parts of a counter, with the request in place of an origin.
   */
  static byte[] twins(byte[] counter, RequestId id) {
    return ByteBuffer.allocate(counter.length + REQUEST_BYTES)
        .put(counter)
        .put(id.session().array())
        .putLong(id.number())
        .array();
  }

  /** Whether what follows the counter in a key is a request. */
  static boolean isTwins(byte[] key, int counterLength) {
    return key.length - counterLength == REQUEST_BYTES;
  }

  /** The name that follows a prefix in a key. */
  static Bytes nameAfter(byte[] prefix, byte[] key) {
    return plain(key, prefix.length);
  }

  /** Where what begins with the prefix and a name begins, or with a later name. */
  static byte[] atName(byte[] prefix, Bytes name) {
    return name.size() == 0 ? prefix : concat(prefix, ordered(name));
  }

  /** Whether it is a part's key, without its edition. */
  static boolean isPart(byte[] key) {
    if (key.length == 0) {
      return false;
    }
    int end = orderedEnd(key, orderedEnd(key, 1));
    return switch (key[0]) {
      case ELEMENTS -> orderedEnd(key, end) + ORIGIN_BYTES == key.length;
      case COUNTER -> end + ORIGIN_BYTES == key.length || isTwins(key, end);
      case MULTI, SET -> end + ORIGIN_BYTES == key.length;
      default -> false;
    };
  }

  /** Whether the part, by its key without the edition, is an add of an element. */
  static boolean isElement(byte[] key) {
    return key[0] == ELEMENTS;
  }

  /** Whether the key, without the edition, is that of increments that are one. */
  static boolean isTwins(byte[] key) {
    return key[0] == COUNTER && isTwins(key, orderedEnd(key, orderedEnd(key, 1)));
  }

  /** What all entries of a feed begin with. */
  static byte[] feed(int edition, Name name) {
    return concat(fields(edition, Kind.FEED, name.map()), ordered(name.key()));
  }

  /** In a feed: version, then the mutation's place in its write. */
  static byte[] feedEntry(int edition, Name name, Version version, int place) {
    return concat(feed(edition, name), place(version, place));
  }

  /** Whether it is a feed entry's key, without its edition. */
  static boolean isFeedEntry(byte[] key) {
    return orderedEnd(key, orderedEnd(key, 0)) + ENTRY_BYTES == key.length;
  }

  /** Among the tombstones: the delete's version, then the mutation's place in its write. */
  static byte[] tombstone(int edition, Version version, int place) {
    return concat(edition(edition), place(version, place));
  }

  private static byte[] place(Version version, int place) {
    return ByteBuffer.allocate(ENTRY_BYTES)
        .putLong(version.lamportTime())
        .putInt(version.origin().replicaId())
        .putInt(version.origin().incarnation())
        .putInt(place)
        .array();
  }

  /** Among the requests: a session's. */
  static byte[] request(int edition, Bytes session) {
    return concat(concat(edition(edition), new byte[] {SESSIONS}), session.array());
  }

  /** Among the requests: what one adds. */
  static byte[] additions(int edition, RequestId id) {
    return ByteBuffer.allocate(EDITION_BYTES + 1 + REQUEST_BYTES)
        .putInt(edition)
        .put(ADDITIONS)
        .put(id.session().array())
        .putLong(id.number())
        .array();
  }

  /** Whether it is that of what a request adds, without its edition. */
  static boolean isAdditions(byte[] key) {
    return key.length == 1 + REQUEST_BYTES && key[0] == ADDITIONS;
  }

  /** Among the requests: that some of a session's came in that hour. */
  static byte[] requestHour(int edition, long hour, Bytes session) {
    return ByteBuffer.allocate(HOUR_BYTES + session.size())
        .put(requestHours(edition))
        .putLong(hour)
        .put(session.array())
        .array();
  }

  /** What all of those begin with. */
  static byte[] requestHours(int edition) {
    return concat(edition(edition), new byte[] {HOURS});
  }

  static long hour(byte[] requestHour) {
    return ByteBuffer.wrap(requestHour).getLong(EDITION_BYTES + 1);
  }

  static Bytes requestSession(byte[] requestHour) {
    return Bytes.of(Arrays.copyOfRange(requestHour, HOUR_BYTES, requestHour.length));
  }

  /** Whether it is a session's key among the requests, without its edition. */
  static boolean isRequest(byte[] key) {
    return key.length > 1 && key[0] == SESSIONS;
  }

  /** The session whose key among the requests it is, without its edition. */
  static Bytes session(byte[] request) {
    return Bytes.of(Arrays.copyOfRange(request, 1, request.length));
  }

  /** Whether it is an hour's key among the requests, without its edition. */
  static boolean isRequestHour(byte[] key) {
    return key.length > 1 + Long.BYTES && key[0] == HOURS;
  }

  static boolean startsWith(byte[] key, byte[] prefix) {
    return key.length >= prefix.length
        && Arrays.equals(key, 0, prefix.length, prefix, 0, prefix.length);
  }

  static byte[] concat(byte[] a, byte[] b) {
    byte[] both = Arrays.copyOf(a, a.length + b.length);
    System.arraycopy(b, 0, both, a.length, b.length);
    return both;
  }

  /** The first key after {@code key}. */
  static byte[] after(byte[] key) {
    return Arrays.copyOf(key, key.length + 1);
  }
}
