package dev.tidings.history;

import java.util.EnumSet;
import java.util.Set;
import java.util.stream.IntStream;

/**
 * The definitions of the session guarantees, word for word, for histories of single operations that
 * were all answered: is there a read that returned something older than a write W of its key, and
 * that W in the guarantee's way before it?
 */
final class NaiveGuarantees {
  private final History history;
  private final NaiveCausality causality;

  NaiveGuarantees(History history) {
    this.history = history;
    causality = new NaiveCausality(history);
  }

  boolean isCyclic() {
    return operations().anyMatch(op -> causality.isBefore(op, op));
  }

  Set<Guarantee> broken() {
    Set<Guarantee> broken = EnumSet.noneOf(Guarantee.class);
    for (int read : operations().filter(op -> !history.isWrite(op)).toArray()) {
      for (int write : causality.writes(read).filter(write -> isOlder(read, write)).toArray()) {
        if (isEarlier(write, read)) {
          broken.add(Guarantee.READ_YOUR_WRITES);
        }
        if (operations().anyMatch(seen -> isEarlier(seen, read) && hasRead(seen, write))) {
          broken.add(Guarantee.MONOTONIC_READS);
        }
        // What a session wrote or read itself is the business of the first two.
        for (int second : operations().filter(op -> wasSeenOfAnother(op, read)).toArray()) {
          if (isEarlier(write, second)) {
            broken.add(Guarantee.MONOTONIC_WRITES);
          }
          if (operations().anyMatch(seen -> isEarlier(seen, second) && hasRead(seen, write))) {
            broken.add(Guarantee.WRITES_FOLLOW_READS);
          }
        }
      }
    }
    return broken;
  }

  private IntStream operations() {
    return IntStream.range(0, history.registerOperations())
        .filter(op -> !history.isFinal(history.group(op)));
  }

  private boolean isOlder(int read, int write) {
    int source = causality.source(read);
    if (source < 0) {
      return source == NaiveCausality.INITIAL;
    }
    SeenVersion seen = history.version(source);
    SeenVersion other = history.version(write);
    return causality.isBefore(source, write)
        || (seen != null && other != null && seen.compareTo(other) < 0);
  }

  private boolean isEarlier(int one, int other) {
    return causality.inSession(history.group(one), history.group(other));
  }

  private boolean hasRead(int read, int write) {
    return !history.isWrite(read) && causality.source(read) == write;
  }

  /** Whether another session's write was read in the read's session before it, or by it. */
  private boolean wasSeenOfAnother(int write, int read) {
    return history.session(history.group(write)) != history.session(history.group(read))
        && operations()
            .anyMatch(seen -> (seen == read || isEarlier(seen, read)) && hasRead(seen, write));
  }
}
