package dev.tidings.client;

import org.jspecify.annotations.Nullable;

/** Which keys to watch. Keys of different types never collide. */
public sealed interface Selector {
  /** One register. */
  record Register(Bytes key) implements Selector {}

  /** One feed. */
  record Feed(Bytes feed) implements Selector {}

  /** Registers and feeds whose names begin so, by 1 byte or more. */
  record Prefix(Bytes prefix) implements Selector {
    public Prefix {
      if (prefix.size() == 0) {
        throw new IllegalArgumentException("a prefix has 1 byte or more");
      }
    }
  }

  /**
   * Registers and feeds whose names lie between two others, compared as unsigned bytes.
   *
   * @param from the first; empty for the beginning
   * @param to the first that is not in it any more; null for no end
   */
  record Range(Bytes from, @Nullable Bytes to) implements Selector {}

  /** Everything that clients write. */
  record Everything() implements Selector {}
}
