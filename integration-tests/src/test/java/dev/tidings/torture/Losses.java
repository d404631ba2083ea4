package dev.tidings.torture;

import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.OptionalLong;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What a history says of writes that were lost with a disk.
 *
 * <p>While the disk was there, what its replica answered was as causal as anything: {@link
 * #unended}, the whole history without what replicas held at the end, must be. When it was gone,
 * the other replicas went on from a past in which its last writes had not happened. A session that
 * had seen one of them has its end there: it may be told DATA_LOSS, and nothing else. {@link
 * #surviving} is the history of the others, and of that session up to there: it must be causal with
 * what replicas held at the end. Nothing in it has read what is left out, since that would have
 * seen a lost write itself.
 *
 * @param sessions those that had seen a lost write, by name
 * @param groups how many operations of theirs were answered from then on
 * @param tooLate those of them that were answered elsewhere, or after the disk was gone
 */
record Losses(
    History unended, History surviving, Set<String> sessions, int groups, List<String> tooLate) {

  /**
   * @param addresses of the replicas, in the order of their ids
   * @param isThere whether a write is still there in the end
   * @param wipedAt when a version's origin lost its disk, microseconds since 1970; empty if it has
   *     not
   */
  static Losses of(
      History history,
      List<String> addresses,
      Set<SeenVersion> isThere,
      Function<SeenVersion, OptionalLong> wipedAt) {
    Map<Integer, SeenVersion> seen = new HashMap<>();
    boolean[] isLeftOut = new boolean[history.groups()];
    Set<String> sessions = new TreeSet<>();
    Map<Integer, String> tooLate = new TreeMap<>();
    int groups = 0;
    for (int group = 0; group < history.groups(); group++) {
      if (history.isFinal(group)) {
        continue;
      }
      int session = history.session(group);
      @Nullable SeenVersion lost = lost(history, group, isThere, wipedAt);
      if (lost != null) {
        seen.putIfAbsent(session, lost);
      }
      @Nullable SeenVersion first = seen.get(session);
      if (first == null) {
        continue;
      }
      isLeftOut[group] = true;
      sessions.add(history.sessionName(session));
      if (history.outcome(group) == Outcome.OK) {
        groups++;
        boolean isElsewhere = !addresses.get(first.replica() - 1).equals(history.replica(group));
        if (isElsewhere || history.startMicros(group) > wipedAt.apply(first).orElseThrow()) {
          tooLate.put(
              group,
              "%s: session %s was answered by %s, although it had seen %s, which was lost"
                  .formatted(
                      history.place(history.begin(group)),
                      history.sessionName(session),
                      history.replica(group),
                      first));
        }
      }
    }
    return new Losses(
        copy(history, new boolean[history.groups()], false),
        copy(history, isLeftOut, true),
        sessions,
        groups,
        List.copyOf(tooLate.values()));
  }

  /** A lost write of the group, or one that it has read; null if there is none. */
  private static @Nullable SeenVersion lost(
      History history,
      int group,
      Set<SeenVersion> isThere,
      Function<SeenVersion, OptionalLong> wipedAt) {
    for (int op = history.begin(group); op < history.end(group); op++) {
      @Nullable SeenVersion version = history.version(op);
      if (version != null && !isThere.contains(version) && wipedAt.apply(version).isPresent()) {
        return version;
      }
    }
    return null;
  }

  private static History copy(History history, boolean[] isLeftOut, boolean withFinals) {
    var copy = new History.Builder();
    for (int group = 0; group < history.groups(); group++) {
      if (isLeftOut[group]) {
        continue;
      }
      if (history.isFinal(group)) {
        for (int op = history.begin(group); withFinals && op < history.end(group); op++) {
          copy.finalValue(
              history.line(op),
              String.valueOf(history.replica(group)),
              history.keyName(op),
              history.valueName(op),
              history.version(op));
        }
        continue;
      }
      copy.group(
          history.sessionName(history.session(group)),
          history.outcome(group),
          history.replica(group),
          history.startMicros(group),
          history.endMicros(group));
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (history.isWrite(op)) {
          copy.write(
              history.line(op), history.keyName(op), history.valueName(op), history.version(op));
        } else if (history.isOfNeverWritten(op)) {
          copy.readNeverWritten(history.line(op), history.keyName(op));
        } else {
          copy.read(
              history.line(op), history.keyName(op), history.valueName(op), history.version(op));
        }
      }
    }
    return copy.build();
  }
}
