package dev.tidings.history;

import java.util.Arrays;
import java.util.HashSet;
import java.util.Set;

/**
 * The writes that happened, by key, and for each key by the chain of who wrote it, in the order of
 * the chain. A <i>run</i> is what one chain wrote of one key; a group that wrote a key several
 * times counts with its last write.
 */
final class Writes {
  /** The key's runs are those from here up to the next key's. */
  private final int[] firstRun;

  private final int[] runChain;
  private final int[] runBegin;
  private final int[] operation;
  private final int[] group;

  /** Of each entry's group on its chain: beside each other, since every read looks for some. */
  private final int[] position;

  /** For each entry, the entry with the highest version of its run up to there. */
  private final int[] newest;

  private final int[] rank;

  Writes(History history, Sources sources, CausalOrder order) {
    rank = ranks(history, sources);
    int[] writes = lastWrites(history, order);
    int[] firstEntry = new int[history.keys() + 1];
    for (int write : writes) {
      firstEntry[history.key(write) + 1]++;
    }
    for (int key = 0; key < history.keys(); key++) {
      firstEntry[key + 1] += firstEntry[key];
    }
    operation = new int[writes.length];
    int[] next = firstEntry.clone();
    for (int write : writes) {
      operation[next[history.key(write)]++] = write;
    }
    group = new int[writes.length];
    position = new int[writes.length];
    newest = new int[writes.length];
    firstRun = new int[history.keys() + 1];
    var chains = new Ints();
    var begins = new Ints();
    for (int key = 0; key < history.keys(); key++) {
      firstRun[key] = chains.size();
      for (int entry = firstEntry[key]; entry < firstEntry[key + 1]; entry++) {
        group[entry] = history.group(operation[entry]);
        position[entry] = order.position(group[entry]);
        int chain = order.chain(group[entry]);
        boolean first = entry == firstEntry[key] || chain != order.chain(group[entry - 1]);
        if (first) {
          chains.add(chain);
          begins.add(entry);
        }
        newest[entry] =
            first || rank(operation[entry]) >= rank(operation[newest[entry - 1]])
                ? entry
                : newest[entry - 1];
      }
    }
    firstRun[history.keys()] = chains.size();
    begins.add(writes.length);
    runChain = chains.toArray();
    runBegin = begins.toArray();
  }

  /** By chain, and on each chain by position. */
  private static int[] lastWrites(History history, CausalOrder order) {
    int[] next = new int[order.chains() + 1];
    for (int g = 0; g < order.groups(); g++) {
      if (order.chain(g) >= 0) {
        next[order.chain(g) + 1] += history.size(g);
      }
    }
    for (int chain = 0; chain < order.chains(); chain++) {
      next[chain + 1] += next[chain];
    }
    int[] operations = new int[next[order.chains()]];
    Arrays.fill(operations, -1);
    for (int g = 0; g < order.groups(); g++) {
      if (order.chain(g) < 0) {
        continue;
      }
      Set<Integer> replaced = history.size(g) == 1 ? Set.of() : new HashSet<>();
      for (int op = history.end(g) - 1; op >= history.begin(g); op--) {
        if (history.isWrite(op) && (history.size(g) == 1 || replaced.add(history.key(op)))) {
          operations[next[order.chain(g)]++] = op;
        }
      }
    }
    return Arrays.stream(operations).filter(op -> op >= 0).toArray();
  }

  /** The rank of each write's version among all; 0 where it is not known. */
  private static int[] ranks(History history, Sources sources) {
    if (history.versions().isEmpty()) {
      return new int[0];
    }
    Integer[] sorted = new Integer[history.versions().size()];
    Arrays.setAll(sorted, i -> i);
    Arrays.sort(sorted, (a, b) -> history.versions().get(a).compareTo(history.versions().get(b)));
    int[] rankOfVersion = new int[sorted.length];
    for (int i = 0; i < sorted.length; i++) {
      rankOfVersion[sorted[i]] = i + 1;
    }
    int[] rank = new int[history.registerOperations()];
    for (int op = 0; op < rank.length; op++) {
      int version = history.isWrite(op) ? sources.versionNumber(op) : History.NO_VERSION;
      rank[op] = version == History.NO_VERSION ? 0 : rankOfVersion[version];
    }
    return rank;
  }

  /**
   * Where a write stands in the order of all versions, from 1 on; 0 if its version is not known.
   */
  int rank(int write) {
    return rank.length == 0 ? 0 : rank[write];
  }

  boolean haveVersions() {
    return rank.length > 0;
  }

  /** The first of a key's runs; they go up to {@link #endRun}, exclusive. */
  int beginRun(int key) {
    return firstRun[key];
  }

  int endRun(int key) {
    return firstRun[key + 1];
  }

  int chain(int run) {
    return runChain[run];
  }

  /** The first entry of a run; they go up to {@link #end}, exclusive. */
  int begin(int run) {
    return runBegin[run];
  }

  int end(int run) {
    return runBegin[run + 1];
  }

  int operation(int entry) {
    return operation[entry];
  }

  int group(int entry) {
    return group[entry];
  }

  /** An entry's position on the chain of its run. */
  int position(int entry) {
    return position[entry];
  }

  /** The run's last entry up to a position on its chain, or -1. */
  int latest(int run, int upTo) {
    int low = begin(run);
    int high = end(run);
    while (low < high) {
      int middle = (low + high) >>> 1;
      if (position[middle] <= upTo) {
        low = middle + 1;
      } else {
        high = middle;
      }
    }
    return low == begin(run) ? -1 : low - 1;
  }

  /** Of the run's entries up to this one, the one with the highest version. */
  int newest(int entry) {
    return newest[entry];
  }
}
