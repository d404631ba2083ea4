package dev.tidings.bench.contestants;

import java.nio.charset.StandardCharsets;
import java.util.SplittableRandom;

/**
 * The keys of one client: first its share of all keys in their order, so that all are written once;
 * then any, drawn by a seed.
 */
public final class Keys {
  /** How many there are, unless said otherwise. */
  public static final int COUNT = 10_000;

  private static final byte[] PREFIX = "key-00000000".getBytes(StandardCharsets.US_ASCII);

  private final SplittableRandom random;
  private final int count;
  private final int clients;
  private int next;

  public Keys(int count, int client, int clients) {
    this.random = new SplittableRandom(client);
    this.count = count;
    this.clients = clients;
    this.next = client;
  }

  /** Any of so many keys from the beginning on. */
  public static Keys any(int count, int client) {
    var keys = new Keys(count, client, 1);
    keys.next = count;
    return keys;
  }

  /** The number of the next key. */
  public int next() {
    if (next < count) {
      int key = next;
      next += clients;
      return key;
    }
    return random.nextInt(count);
  }

  /** Always of the same length, 12 bytes. */
  public static byte[] name(int key) {
    byte[] name = PREFIX.clone();
    int rest = key;
    for (int i = name.length - 1; rest > 0; i--) {
      name[i] = (byte) ('0' + rest % 10);
      rest /= 10;
    }
    return name;
  }
}
