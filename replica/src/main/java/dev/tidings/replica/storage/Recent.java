package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * What is stored, or about to be, under the keys that were used last, so that it need not be read
 * again. Confined to the thread that decides.
 */
final class Recent<V> extends LinkedHashMap<Bytes, V> {
  private static final int KEYS = 10_000;

  Recent() {
    super(16, 0.75f, true);
  }

  @Override
  protected boolean removeEldestEntry(Map.Entry<Bytes, V> eldest) {
    return size() > KEYS;
  }
}
