package dev.tidings.history;

import java.util.Arrays;

/** A map from pairs of ints, 0 or more, to ints, 0 or more; open addressing. */
final class LongIntMap {
  private static final long EMPTY = -1;
  private static final long GOLDEN_RATIO = 0x9E3779B97F4A7C15L;

  private long[] keys;
  private int[] values;
  private int size;

  LongIntMap(int expected) {
    int capacity = Integer.highestOneBit(Math.max(8, expected)) * 2;
    keys = new long[capacity];
    values = new int[capacity];
    Arrays.fill(keys, EMPTY);
  }

  /** Returns -1 where there is none. */
  int get(int first, int second) {
    int slot = slot(pair(first, second));
    return keys[slot] == EMPTY ? -1 : values[slot];
  }

  /** Returns what was there before, or -1. */
  int put(int first, int second, int value) {
    if (size * 2 > keys.length) {
      grow();
    }
    long pair = pair(first, second);
    int slot = slot(pair);
    int before = keys[slot] == EMPTY ? -1 : values[slot];
    if (before < 0) {
      keys[slot] = pair;
      size++;
    }
    values[slot] = value;
    return before;
  }

  private void grow() {
    long[] oldKeys = keys;
    int[] oldValues = values;
    keys = new long[oldKeys.length * 2];
    values = new int[keys.length];
    Arrays.fill(keys, EMPTY);
    for (int i = 0; i < oldKeys.length; i++) {
      if (oldKeys[i] != EMPTY) {
        int slot = slot(oldKeys[i]);
        keys[slot] = oldKeys[i];
        values[slot] = oldValues[i];
      }
    }
  }

  private int slot(long pair) {
    int mask = keys.length - 1;
    int slot = (int) ((pair * GOLDEN_RATIO) >>> 32) & mask;
    while (keys[slot] != EMPTY && keys[slot] != pair) {
      slot = (slot + 1) & mask;
    }
    return slot;
  }

  private static long pair(int first, int second) {
    return ((long) first << 32) | second;
  }
}
