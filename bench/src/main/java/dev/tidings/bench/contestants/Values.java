package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import java.util.SplittableRandom;
import java.util.concurrent.ThreadLocalRandom;

/**
 * Values of one size: pieces of random bytes, each another one, since no two values of a user are
 * alike, and a store that compresses them would write next to nothing. Any thread.
 */
final class Values {
  private static final int PIECES = 1 << 20;

  private final int size;
  private final byte[] all;
  private final ByteString allAsString;

  Values(int size) {
    this.size = size;
    this.all = new byte[PIECES + size];
    new SplittableRandom(size).nextBytes(all);
    this.allAsString = ByteString.copyFrom(all);
  }

  ByteString next() {
    int begin = begin();
    return allAsString.substring(begin, begin + size);
  }

  byte[] nextBytes() {
    byte[] value = new byte[size];
    System.arraycopy(all, begin(), value, 0, size);
    return value;
  }

  private static int begin() {
    return ThreadLocalRandom.current().nextInt(PIECES);
  }
}
