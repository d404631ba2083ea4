package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Values of one size: pieces of random bytes, each another one, since no two values of a user are
 * alike, and a store that compresses them would write next to nothing. Any thread.
 */
final class Values {
  private static final int PIECES = 1 << 20;

  private final int size;
  private final ByteString all;

  Values(int size) {
    this.size = size;
    byte[] bytes = new byte[PIECES + size];
    new SplittableRandom(size).nextBytes(bytes);
    this.all = UnsafeByteOperations.unsafeWrap(bytes);
  }

  ByteString next() {
    int begin = ThreadLocalRandom.current().nextInt(PIECES);
    return all.substring(begin, begin + size);
  }

  byte[] nextBytes() {
    return next().toByteArray();
  }
}
