package dev.tidings.torture;

import dev.tidings.history.History;
import dev.tidings.history.ObjectOperation;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Update;
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
import java.util.stream.IntStream;
import java.util.stream.Stream;
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
 * @param certain those of them of which that is certain: of two tries of one request nothing tells
 *     which versions they have, so the one may seem lost though the other is there
 * @param groups how many operations of theirs were answered from then on
 * @param tooLate those of them that were answered elsewhere, or after the disk was gone
 */
record Losses(
    History unended,
    History surviving,
    Set<String> sessions,
    Set<String> certain,
    int groups,
    List<String> tooLate) {

  /**
   * @param addresses of the replicas, in the order of their ids
   * @param isThere whether a write is still there in the end
   * @param acknowledged the versions that were told to those who wrote
   * @param wipedAt when a version's origin lost its disk, microseconds since 1970; empty if it has
   *     not
   */
  static Losses of(
      History history,
      List<String> addresses,
      Set<SeenVersion> isThere,
      Set<SeenVersion> acknowledged,
      Function<SeenVersion, OptionalLong> wipedAt) {
    Map<Life, Long> lastThere = new HashMap<>();
    for (SeenVersion version : isThere) {
      lastThere.merge(Life.of(version), version.time(), Math::max);
    }
    Map<Integer, SeenVersion> seen = new HashMap<>();
    boolean[] isLeftOut = new boolean[history.groups()];
    Set<String> sessions = new TreeSet<>();
    Set<String> certain = new TreeSet<>();
    Map<Integer, String> tooLate = new TreeMap<>();
    int groups = 0;
    for (int group = 0; group < history.groups(); group++) {
      if (history.isFinal(group)) {
        continue;
      }
      int session = history.session(group);
      @Nullable SeenVersion lost = lost(history, group, lastThere, wipedAt);
      if (lost != null) {
        seen.putIfAbsent(session, lost);
      }
      @Nullable SeenVersion first = seen.get(session);
      if (first == null) {
        continue;
      }
      isLeftOut[group] = true;
      sessions.add(history.sessionName(session));
      boolean isCertain = acknowledged.contains(first);
      if (isCertain) {
        certain.add(history.sessionName(session));
      }
      if (history.outcome(group) == Outcome.OK) {
        groups++;
        boolean isElsewhere = !addresses.get(first.replica() - 1).equals(history.replica(group));
        boolean isLater = history.startMicros(group) > wipedAt.apply(first).orElseThrow();
        if (isCertain && (isElsewhere || isLater)) {
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
        certain,
        groups,
        List.copyOf(tooLate.values()));
  }

  /** Of a replica, from one disk to the next. */
  private record Life(int replica, int incarnation) {
    static Life of(SeenVersion version) {
      return new Life(version.replica(), version.incarnation());
    }
  }

  /**
   * A lost write of the group, or one that it has read; null if there is none. What is lost of a
   * log is its end: what came before a write that is there is there too, also where nobody was told
   * of it, as of the second of two tries.
   */
  private static @Nullable SeenVersion lost(
      History history,
      int group,
      Map<Life, Long> lastThere,
      Function<SeenVersion, OptionalLong> wipedAt) {
    return versions(history, group)
        .filter(
            version ->
                version.time() > lastThere.getOrDefault(Life.of(version), 0L)
                    && wipedAt.apply(version).isPresent())
        .findFirst()
        .orElse(null);
  }

  /** Of what a group has written or read. */
  private static Stream<SeenVersion> versions(History history, int group) {
    Stream<SeenVersion> registers =
        IntStream.range(history.begin(group), history.end(group))
            .mapToObj(history::version)
            .flatMap(Stream::ofNullable);
    return Stream.concat(
        registers,
        IntStream.range(history.objectBegin(group), history.objectEnd(group))
            .mapToObj(history::object)
            .flatMap(Losses::versions));
  }

  private static Stream<SeenVersion> versions(ObjectOperation operation) {
    if (operation instanceof Update update) {
      return Stream.ofNullable(update.version());
    }
    if (operation instanceof MapDelete delete) {
      return Stream.ofNullable(delete.version());
    }
    Reading reading = (Reading) operation;
    return Stream.concat(
        reading.seen().stream().flatMap(seen -> Stream.ofNullable(seen.version())),
        Stream.ofNullable(reading.changedBy()).flatMap(List::stream));
  }

  private static History copy(History history, boolean[] isLeftOut, boolean withFinals) {
    var copy = new History.Builder();
    for (int group = 0; group < history.groups(); group++) {
      if (isLeftOut[group]) {
        // Of a request that was retried another try may be there.
        if (history.isRetried(group)) {
          copyRetried(history, group, copy);
        }
        continue;
      }
      if (history.isFinal(group)) {
        for (int op = history.begin(group); withFinals && op < history.end(group); op++) {
          copy.finalValue(
              history.line(op),
              String.valueOf(history.replica(group)),
              history.register(op),
              history.valueName(op),
              history.version(op));
        }
        for (int op = history.objectBegin(group);
            withFinals && op < history.objectEnd(group);
            op++) {
          copy.finalReading(
              history.line(op),
              String.valueOf(history.replica(group)),
              (Reading) history.object(op));
        }
        continue;
      }
      copy.group(
          history.sessionName(history.session(group)),
          history.outcome(group),
          history.replica(group),
          history.startMicros(group),
          history.endMicros(group));
      if (history.isRetried(group)) {
        copy.retried();
      }
      for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
        copy.object(history.line(op), history.object(op));
      }
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (history.isByMapDelete(op)) {
          continue;
        }
        if (history.isCondition(op)) {
          copy.condition(history.line(op), history.register(op), history.version(op));
        } else if (history.isWrite(op)) {
          copy.write(
              history.line(op), history.register(op), history.valueName(op), history.version(op));
        } else if (history.isOfNeverWritten(op)) {
          copy.readNeverWritten(history.line(op), history.register(op));
        } else {
          copy.read(
              history.line(op), history.register(op), history.valueName(op), history.version(op));
        }
      }
    }
    return copy.build();
  }

  private static void copyRetried(History history, int group, History.Builder copy) {
    copy.group(
        history.sessionName(history.session(group)),
        Outcome.UNKNOWN,
        history.replica(group),
        history.startMicros(group),
        history.endMicros(group));
    copy.retried();
    for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
      Update update = (Update) history.object(op);
      copy.object(
          history.line(op),
          new Update(update.object(), update.kind(), update.values(), update.by(), null));
    }
  }
}
