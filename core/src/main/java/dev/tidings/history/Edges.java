package dev.tidings.history;

import java.util.Arrays;

/** A growing set of directed edges between nodes. */
final class Edges {
  private long[] items = new long[64];
  private int size;

  void add(int from, int to) {
    if (size == items.length) {
      deduplicate();
      if (size > items.length / 2) {
        items = Arrays.copyOf(items, items.length * 2);
      }
    }
    items[size++] = ((long) from << 32) | to;
  }

  void addAll(Edges others) {
    for (int i = 0; i < others.size; i++) {
      add(others.from(i), others.to(i));
    }
  }

  /** Drops repeated edges; sorts by {@link #from}, then {@link #to}. */
  void deduplicate() {
    Arrays.sort(items, 0, size);
    int kept = 0;
    for (int i = 0; i < size; i++) {
      if (kept == 0 || items[i] != items[kept - 1]) {
        items[kept++] = items[i];
      }
    }
    size = kept;
  }

  int size() {
    return size;
  }

  int from(int index) {
    return (int) (items[index] >>> 32);
  }

  int to(int index) {
    return (int) items[index];
  }
}
