package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
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

  static byte[] register(int edition, Bytes key) {
    return concat(edition(edition), key.array());
  }

  /**
   * What all entries of a feed begin with: the length of its name, so that no feed is a prefix of
   * another, and the name.
   */
  static byte[] feed(int edition, Bytes name) {
    return ByteBuffer.allocate(EDITION_BYTES + Integer.BYTES + name.size())
        .putInt(edition)
        .putInt(name.size())
        .put(name.array())
        .array();
  }

  /** In a feed: version, then the mutation's place in its write. */
  static byte[] feedEntry(int edition, Bytes name, Version version, int place) {
    return concat(feed(edition, name), place(version, place));
  }

  /** Whether it is a feed entry's key, without its edition. */
  static boolean isFeedEntry(byte[] key) {
    int name = key.length - Integer.BYTES - ENTRY_BYTES;
    return name > 0 && ByteBuffer.wrap(key).getInt() == name;
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

  /** Among the requests: the hour in which it came, then the session. */
  static byte[] request(int edition, long hour, Bytes session) {
    return concat(requests(edition, hour), session.array());
  }

  /** Whether it is a request's key, without its edition. */
  static boolean isRequest(byte[] key) {
    return key.length > Long.BYTES;
  }

  /** What all requests of an hour begin with. */
  static byte[] requests(int edition, long hour) {
    return ByteBuffer.allocate(EDITION_BYTES + Long.BYTES).putInt(edition).putLong(hour).array();
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
