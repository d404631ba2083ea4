package dev.tidings.replica;

import dev.tidings.causal.Mutation;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.HashSet;
import java.util.List;

/**
 * What a replica takes from clients.
 *
 * @param maxKeyBytes of a key or a feed's name
 * @param maxValueBytes of one value
 * @param maxWriteBytes of all keys and values of a write
 */
public record Limits(int maxKeyBytes, int maxValueBytes, int maxWriteBytes) {
  /** Of mutations in a write, and of items in a read. */
  public static final int MAX_ITEMS = 10_000;

  public static final Limits DEFAULT = new Limits(1024, 4 << 20, 16 << 20);

  /** The largest that Java's arrays, gRPC's frames and the answers' overhead leave room for. */
  private static final int MOST = 256 << 20;

  public Limits {
    if (maxKeyBytes < 1 || maxValueBytes < 1 || maxWriteBytes < 1) {
      throw new IllegalArgumentException("limits are 1 byte or more");
    }
    if (maxWriteBytes > MOST || (long) maxKeyBytes + maxValueBytes > maxWriteBytes) {
      throw new IllegalArgumentException(
          "a write's limit is at most %d bytes, and has room for a key and a value of the largest size"
              .formatted(MOST));
    }
  }

  /**
   * Of an answer, what it says about its values included: room for whatever one write may hold, and
   * for many small values.
   */
  public long maxAnswerBytes() {
    return maxWriteBytes + (1L << 20);
  }

  /** gRPC's own limit on a message: far enough above ours that ours answers first. */
  public int maxMessageBytes() {
    return 2 * maxWriteBytes + (1 << 20);
  }

  /**
   * @throws SizeLimitException if one of the mutations or all together are too large
   * @throws InvalidRequestException if a key is empty, or changed twice
   */
  public void check(List<Mutation> mutations) {
    checkCount("the write", mutations.size(), "mutations");
    long bytes = 0;
    var keys = new HashSet<>();
    for (Mutation mutation : mutations) {
      checkKey(mutation.key().size());
      long value = mutation.size() - mutation.key().size();
      if (value > maxValueBytes) {
        throw new SizeLimitException("the value", value, maxValueBytes, "bytes");
      }
      if (!(mutation instanceof Mutation.Append) && !keys.add(mutation.key())) {
        throw new InvalidRequestException(
            "the write changes key " + mutation.key() + " twice; once is allowed");
      }
      bytes += mutation.size();
    }
    if (bytes > maxWriteBytes) {
      throw new SizeLimitException("the write", bytes, maxWriteBytes, "bytes");
    }
  }

  public void checkKey(int bytes) {
    if (bytes == 0) {
      throw new InvalidRequestException(
          "a key has 1 to %d bytes, and this one is empty".formatted(maxKeyBytes));
    }
    if (bytes > maxKeyBytes) {
      throw new SizeLimitException("the key", bytes, maxKeyBytes, "bytes");
    }
  }

  public static void checkCount(String what, int count, String unit) {
    if (count > MAX_ITEMS) {
      throw new SizeLimitException(what, count, MAX_ITEMS, unit);
    }
  }
}
