package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import java.nio.ByteBuffer;
import java.util.Arrays;

/**
 * The keys of the tables. All numbers are positive and big-endian, so that byte order is numeric
 * order.
 */
final class Keys {
  /** Lamport time, replica id, incarnation, and the place among the write's mutations. */
  static final int ENTRY_BYTES = Long.BYTES + 3 * Integer.BYTES;

  private Keys() {}

  /** In the log: origin, then sequence. */
  static byte[] log(Position position) {
    Origin origin = position.origin();
    return ByteBuffer.allocate(2 * Integer.BYTES + Long.BYTES)
        .putInt(origin.replicaId())
        .putInt(origin.incarnation())
        .putLong(position.sequence())
        .array();
  }

  /**
   * What all entries of a feed begin with: the length of its name, so that no feed is a prefix of
   * another, and the name.
   */
  static byte[] feed(Bytes name) {
    return ByteBuffer.allocate(Integer.BYTES + name.size())
        .putInt(name.size())
        .put(name.array())
        .array();
  }

  /** In a feed: version, then the mutation's place in its write. */
  static byte[] feedEntry(Bytes name, Version version, int place) {
    byte[] prefix = feed(name);
    return ByteBuffer.allocate(prefix.length + ENTRY_BYTES)
        .put(prefix)
        .putLong(version.lamportTime())
        .putInt(version.origin().replicaId())
        .putInt(version.origin().incarnation())
        .putInt(place)
        .array();
  }

  /** Among the requests: the hour in which it came, then the session. */
  static byte[] request(long hour, Bytes session) {
    return concat(requests(hour), session.array());
  }

  /** What all requests of an hour begin with. */
  static byte[] requests(long hour) {
    return ByteBuffer.allocate(Long.BYTES).putLong(hour).array();
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
