package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.wire.InvalidRequestException;
import java.util.HashSet;
import java.util.List;
import java.util.Set;

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

  /** Of entries, elements, registers or fields in one page. */
  public static final int MAX_PAGE = 1_000;

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
   * What a client asks for.
   *
   * @throws SizeLimitException if one of the mutations or all together are too large
   * @throws InvalidRequestException if a key is empty, or changed twice
   */
  public void check(List<Mutation> mutations) {
    var changed = new HashSet<Object>();
    var maps = new HashSet<Bytes>();
    for (Mutation mutation : mutations) {
      if (mutation instanceof Mutation.InMap field) {
        checkKey(field.map().size());
        check(field.change());
        maps.add(field.map());
        checkOnce(changed, field.change(), field.map());
      } else {
        check(mutation);
        checkOnce(changed, mutation, Name.NONE);
      }
    }
    for (Mutation mutation : mutations) {
      if (mutation instanceof Mutation.MapDelete && maps.contains(mutation.key())) {
        throw new InvalidRequestException(
            "the write deletes map %s and changes a field of it; one of both is allowed"
                .formatted(mutation.key()));
      }
    }
    checkSize(mutations);
  }

  /** What a write may change once. */
  private record Changed(Class<?> kind, Bytes map, Bytes key) {}

  private static void checkOnce(Set<Object> changed, Mutation mutation, Bytes map) {
    Class<?> kind =
        mutation instanceof Mutation.Delete
            ? Mutation.Put.class
            : mutation instanceof Mutation.Remove
                ? Mutation.Add.class
                : mutation instanceof Mutation.CounterDelete
                    ? Mutation.Increment.class
                    : mutation.getClass();
    boolean isNew = changed.add(new Changed(kind, map, mutation.key()));
    if (!isNew && !(mutation instanceof Mutation.Append)) {
      throw new InvalidRequestException(
          "the write changes %s twice; once is allowed".formatted(mutation.key()));
    }
  }

  private void check(Mutation mutation) {
    checkKey(mutation.key().size());
    if (mutation instanceof Mutation.Put put) {
      checkValue(put.value());
    } else if (mutation instanceof Mutation.Append append) {
      checkValue(append.value());
    } else if (mutation instanceof Mutation.MultiPut put) {
      put.value().ifPresent(this::checkValue);
    } else if (mutation instanceof Mutation.Add add) {
      checkCount("the write", add.elements().size(), "elements");
      add.elements().forEach(this::checkElement);
    } else if (mutation instanceof Mutation.Remove remove) {
      checkCount("the write", remove.removed().size(), "elements");
      remove.removed().forEach(removed -> checkElement(removed.element()));
    }
  }

  private void checkValue(Bytes value) {
    if (value.size() > maxValueBytes) {
      throw new SizeLimitException("the value", value.size(), maxValueBytes, "bytes");
    }
  }

  private void checkElement(Bytes element) {
    if (element.size() == 0 || element.size() > maxKeyBytes) {
      throw new SizeLimitException("the element", element.size(), maxKeyBytes, "bytes, 1 or more");
    }
  }

  /**
   * @throws SizeLimitException if there are too many mutations, or they are too large together
   */
  void checkSize(List<Mutation> mutations) {
    checkCount("the write", mutations.size(), "mutations");
    long bytes = Mutation.size(mutations);
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
