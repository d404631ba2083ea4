package dev.tidings.history;

import java.util.Objects;
import java.util.stream.IntStream;

/**
 * What is before what in a history, and what was read from where, computed as slowly as it is said.
 */
final class NaiveCausality {
  static final int INITIAL = -1;
  static final int NOBODY = -2;

  private final History history;
  private final boolean[] happened;
  private final boolean[][] before;

  NaiveCausality(History history) {
    this.history = history;
    int groups = history.groups();
    happened = new boolean[groups];
    before = new boolean[groups][groups];
    for (int pass = 0; pass <= groups; pass++) {
      for (int group = 0; group < groups; group++) {
        happened[group] |= history.outcome(group) == Outcome.OK;
        for (int op = history.begin(group); happened[group] && op < history.end(group); op++) {
          if (!history.isWrite(op) && source(op) >= 0) {
            int writer = history.group(source(op));
            happened[writer] |= history.outcome(writer) == Outcome.UNKNOWN;
            before[writer][group] |= writer != group;
          }
        }
      }
    }
    for (int one = 0; one < groups; one++) {
      for (int other = 0; other < groups; other++) {
        before[one][other] |= happened[other] && inSession(one, other);
      }
    }
    for (int via = 0; via < groups; via++) {
      for (int one = 0; one < groups; one++) {
        for (int other = 0; other < groups; other++) {
          before[one][other] |= before[one][via] && before[via][other];
        }
      }
    }
  }

  /** Whether the one group was answered before the other began, in its session. */
  boolean inSession(int one, int other) {
    if (history.isFinal(one) || history.outcome(one) != Outcome.OK) {
      return false;
    }
    return history.isFinal(other)
        || (one < other && history.session(one) == history.session(other));
  }

  boolean isBefore(int operation, int other) {
    return before[history.group(operation)][history.group(other)];
  }

  /** The write that was read, {@link #INITIAL} or {@link #NOBODY}. */
  int source(int read) {
    SeenVersion version = history.version(read);
    if (version == null && history.valueName(read) == null) {
      return INITIAL;
    }
    return writes(read)
        .filter(write -> Objects.equals(history.valueName(write), history.valueName(read)))
        .filter(
            write ->
                version == null
                    || history.version(write) == null
                    || version.equals(history.version(write)))
        .reduce((one, other) -> other)
        .orElse(NOBODY);
  }

  /** All writes of an operation's key. */
  IntStream writes(int operation) {
    return IntStream.range(0, history.registerOperations())
        .filter(history::isWrite)
        .filter(write -> history.register(write).key().equals(history.register(operation).key()));
  }

  /** Whether a write has a version, by its own answer or by who has read it. */
  boolean hasVersion(int write, String version) {
    SeenVersion wanted = SeenVersion.parse(version);
    return wanted.equals(history.version(write))
        || (history.version(write) == null
            && IntStream.range(0, history.registerOperations())
                .anyMatch(
                    read ->
                        !history.isWrite(read)
                            && source(read) == write
                            && wanted.equals(history.version(read))));
  }
}
