package dev.tidings.history;

import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import dev.tidings.history.ObjectSources.Log;
import dev.tidings.history.ObjectSources.Origin;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.IntStream;
import org.jspecify.annotations.Nullable;

/**
 * Looks for readings of objects to which no updates come that their readers may have seen.
 *
 * <p>Of each update a reader must have seen it, cannot have, or may have. What is causally before
 * it must have been seen, and of a replica whose last change was told exactly what it had done
 * until then. Of two updates the one must, cannot or may have seen, and so undone, the other: it
 * cannot if somebody has seen the one without the other. A reading is wrong where no choice of the
 * open questions, each by itself, explains it. So whatever is said to be wrong is wrong; what is
 * open may hide a fault, but nothing is open where all versions are told and nothing is undone.
 */
final class ObjectJudge {
  /** So many different sums of increments are told apart; beyond, only their bounds are. */
  private static final int MOST_SUMS = 10_000;

  private final History history;
  private final CausalOrder order;
  private final ObjectSources objects;

  /** Whether a reader has seen an update. */
  private enum Status {
    SEEN,
    UNSEEN,
    OPEN
  }

  /**
   * Something wrong with a reading.
   *
   * @param pattern {@link Pattern#MISSING_UPDATE}: {@code update} is before it and is not in it;
   *     {@link Pattern#UNDONE_READ}: {@code update} is in it, and {@code undoing} was before it;
   *     {@link Pattern#FEED_ORDER}: {@code update} is before {@code undoing}, and read after it;
   *     {@link Pattern#WRONG_COUNT}: its increments come to other numbers
   * @param increments those that it has seen, and those that it may have
   */
  record Finding(
      Pattern pattern,
      int reading,
      int update,
      int undoing,
      List<Integer> increments,
      List<Integer> openIncrements) {
    private static Finding missing(int reading, int update) {
      return new Finding(Pattern.MISSING_UPDATE, reading, update, -1, List.of(), List.of());
    }

    private static Finding undone(int reading, int update, int undoing) {
      return new Finding(Pattern.UNDONE_READ, reading, update, undoing, List.of(), List.of());
    }
  }

  /** Needs the clocks of all groups. */
  ObjectJudge(History history, Sources sources, CausalOrder order) {
    this.history = history;
    this.order = order;
    this.objects = sources.objects();
  }

  /** The first reading that is wrong. */
  Optional<Finding> firstFinding() {
    return objects.logs().stream()
        .flatMap(log -> new OfObject(log).firstFinding().stream())
        .min((one, other) -> Integer.compare(one.reading, other.reading));
  }

  /** The readings of one object. */
  private final class OfObject {
    private final Log log;
    private final int[] updates;

    /** Of each update the last change of each replica that it may have seen, where that is told. */
    private final @Nullable Map<Origin, Long>[] witnessed;

    /** Of the reading that is being looked at. */
    private final Status[] status;

    /** Those that may undo others, and of a set those that add an element, by their indexes. */
    private final int[] undoing;

    private final Map<String, List<Integer>> adds = new HashMap<>();

    @SuppressWarnings({"unchecked", "rawtypes"})
    OfObject(Log log) {
      this.log = log;
      updates = log.updates.stream().mapToInt(Integer::intValue).toArray();
      status = new Status[updates.length];
      undoing = IntStream.range(0, updates.length).filter(i -> mayUndo(updates[i])).toArray();
      for (int i = 0; i < updates.length; i++) {
        if (kind(updates[i]) == Kind.ADD) {
          for (String element : values(updates[i])) {
            adds.computeIfAbsent(element, e -> new ArrayList<>()).add(i);
          }
        }
      }
      witnessed = new Map[updates.length];
      log.readings.forEach(this::witness);
    }

    /** Who saw an update without another one tells that it had not seen that either. */
    private void witness(int reading) {
      @Nullable Map<Origin, Long> changes = changes(reading);
      if (changes == null) {
        return;
      }
      for (int i : undoing) {
        if (objects.isExact(updates[i]) && covers(changes, updates[i])) {
          Map<Origin, Long> known = witnessed[i];
          if (known == null) {
            witnessed[i] = new HashMap<>(changes);
          } else {
            known.replaceAll((origin, time) -> Math.min(time, changes.getOrDefault(origin, 0L)));
          }
        }
      }
    }

    private @Nullable Map<Origin, Long> changes(int reading) {
      @Nullable List<SeenVersion> told = ((Reading) history.object(reading)).changedBy();
      if (told == null) {
        return null;
      }
      Map<Origin, Long> changes = new HashMap<>();
      told.forEach(version -> changes.merge(Origin.of(version), version.time(), Math::max));
      return changes;
    }

    private boolean covers(Map<Origin, Long> changes, int update) {
      @Nullable SeenVersion version = objects.version(update);
      return version != null && version.time() <= changes.getOrDefault(Origin.of(version), 0L);
    }

    Optional<Finding> firstFinding() {
      for (int reading : log.readings) {
        @Nullable Finding finding = finding(reading);
        if (finding != null) {
          return Optional.of(finding);
        }
      }
      return Optional.empty();
    }

    private @Nullable Finding finding(int reading) {
      @Nullable Map<Origin, Long> changes = changes(reading);
      for (int i = 0; i < updates.length; i++) {
        status[i] = status(reading, updates[i], changes);
        boolean isMissing =
            changes != null
                && status[i] == Status.SEEN
                && isTold(updates[i])
                && !covers(changes, updates[i]);
        if (isMissing) {
          return Finding.missing(reading, updates[i]);
        }
      }
      Reading what = (Reading) history.object(reading);
      return switch (what.object().type()) {
        case COUNTER -> count(reading, what);
        case SET -> set(reading, what);
        case MULTI -> multi(reading, what);
        case FEED -> feed(reading, what);
      };
    }

    private Status status(int reading, int update, @Nullable Map<Origin, Long> changes) {
      int reader = history.group(reading);
      int writer = history.group(update);
      if (writer == reader) {
        return update < reading ? Status.SEEN : Status.UNSEEN;
      }
      if (order.happened(writer)) {
        if (order.isBefore(writer, reader)) {
          return Status.SEEN;
        }
        if (order.isBefore(reader, writer)) {
          return Status.UNSEEN;
        }
      } else if (isLaterInSession(writer, reader)) {
        return Status.UNSEEN;
      }
      if (changes == null || isMapDelete(update)) {
        return Status.OPEN;
      }
      return covers(changes, update) ? Status.SEEN : isTold(update) ? Status.UNSEEN : Status.OPEN;
    }

    /** Whether changes tell of it: the delete of a map need not have found this object. */
    private boolean isTold(int update) {
      return objects.isExact(update) && !isMapDelete(update);
    }

    private boolean isLaterInSession(int writer, int reader) {
      return !history.isFinal(reader)
          && history.session(writer) == history.session(reader)
          && writer > reader;
    }

    private @Nullable Finding count(int reading, Reading what) {
      var seen = new ArrayList<Integer>();
      var open = new ArrayList<Integer>();
      for (int i = 0; i < updates.length; i++) {
        if (kind(updates[i]) != Kind.INCREMENT || status[i] == Status.UNSEEN) {
          continue;
        }
        Undone undone = undone(i, null);
        if (undone != Undone.YES) {
          (status[i] == Status.SEEN && undone == Undone.NO ? seen : open).add(updates[i]);
        }
      }
      long sum = seen.stream().mapToLong(this::by).sum();
      long[] more = open.stream().mapToLong(this::by).toArray();
      return isSum(what.count() - sum, more)
          ? null
          : new Finding(Pattern.WRONG_COUNT, reading, -1, -1, seen, open);
    }

    private long by(int update) {
      return ((Update) history.object(update)).by();
    }

    private @Nullable Finding set(int reading, Reading what) {
      Set<String> elements = new HashSet<>();
      for (Seen seen : what.seen()) {
        elements.add(seen.value());
        @Nullable Finding finding = undoneElement(reading, seen.value());
        if (finding != null) {
          return finding;
        }
      }
      for (int i = 0; what.whole() && i < updates.length; i++) {
        if (kind(updates[i]) == Kind.ADD && status[i] == Status.SEEN) {
          for (String element : values(updates[i])) {
            boolean isMissing =
                !elements.contains(element)
                    && undone(i, element) == Undone.NO
                    && !isAddedByARetry(element, updates[i]);
            if (isMissing) {
              return Finding.missing(reading, updates[i]);
            }
          }
        }
      }
      return null;
    }

    /** Of a replica's adds of an element the last stands for all, also if it is a second try. */
    private boolean isAddedByARetry(String element, int except) {
      return adds.getOrDefault(element, List.of()).stream()
          .anyMatch(
              other ->
                  updates[other] != except && history.isRetried(history.group(updates[other])));
    }

    private @Nullable Finding undoneElement(int reading, String element) {
      @Nullable Finding finding = null;
      for (int i : adds.getOrDefault(element, List.of())) {
        if (status[i] != Status.UNSEEN) {
          int by = certainUndoing(i, element);
          if (by < 0) {
            return null;
          }
          finding = Finding.undone(reading, updates[i], by);
        }
      }
      return finding;
    }

    private @Nullable Finding multi(int reading, Reading what) {
      int[] sources = objects.seen(reading);
      Set<Integer> found = new HashSet<>();
      Set<String> unclear = new HashSet<>();
      for (int i = 0; i < sources.length; i++) {
        if (sources[i] >= 0) {
          found.add(sources[i]);
        } else {
          unclear.add(what.seen().get(i).value());
        }
      }
      for (int i = 0; i < updates.length; i++) {
        if (kind(updates[i]) != Kind.PUT) {
          continue;
        }
        if (found.contains(updates[i])) {
          int by = certainUndoing(i, null);
          if (by >= 0) {
            return Finding.undone(reading, updates[i], by);
          }
        } else if (status[i] == Status.SEEN
            && what.whole()
            && undone(i, null) == Undone.NO
            && !unclear.contains(values(updates[i]).get(0))) {
          return Finding.missing(reading, updates[i]);
        }
      }
      return null;
    }

    private @Nullable Finding feed(int reading, Reading what) {
      int[] sources = objects.seen(reading);
      Set<Integer> found = new HashSet<>();
      Set<String> unclear = new HashSet<>();
      for (int i = 0; i < sources.length; i++) {
        if (sources[i] >= 0) {
          found.add(sources[i]);
        } else {
          unclear.add(what.seen().get(i).value());
        }
      }
      for (int i = 0; i < updates.length; i++) {
        if (status[i] == Status.SEEN
            && what.whole()
            && !found.contains(updates[i])
            && !unclear.contains(values(updates[i]).get(0))) {
          return Finding.missing(reading, updates[i]);
        }
      }
      return disorder(reading, sources);
    }

    /** An entry that is causally before one that was read before it. */
    private @Nullable Finding disorder(int reading, int[] entries) {
      Map<Integer, Integer> firstOfChain = new HashMap<>();
      for (int i = entries.length - 1; i >= 0; i--) {
        if (entries[i] < 0 || !order.happened(history.group(entries[i]))) {
          continue;
        }
        int group = history.group(entries[i]);
        for (int later : firstOfChain.values()) {
          boolean isBefore =
              history.group(later) == group
                  ? later < entries[i]
                  : order.isBefore(history.group(later), group);
          if (isBefore) {
            return new Finding(
                Pattern.FEED_ORDER, reading, later, entries[i], List.of(), List.of());
          }
        }
        firstOfChain.merge(
            order.chain(group),
            entries[i],
            (known, other) ->
                order.position(history.group(other)) <= order.position(history.group(known))
                    ? other
                    : known);
      }
      return null;
    }

    // Who undoes what.

    private enum Undone {
      YES,
      NO,
      MAYBE
    }

    /** Whether an update has been undone for the reader. */
    private Undone undone(int index, @Nullable String element) {
      if (certainUndoing(index, element) >= 0) {
        return Undone.YES;
      }
      for (int i : undoing) {
        boolean maybe =
            i != index
                && status[i] != Status.UNSEEN
                && undoes(updates[i], element)
                && !cannotHaveSeen(i, updates[index]);
        if (maybe) {
          return Undone.MAYBE;
        }
      }
      return Undone.NO;
    }

    /** An update that the reader has seen, and that had seen this one and undid it; or -1. */
    private int certainUndoing(int index, @Nullable String element) {
      for (int i : undoing) {
        boolean certain =
            i != index
                && status[i] == Status.SEEN
                && undoes(updates[i], element)
                && hasSeen(updates[i], updates[index]);
        if (certain) {
          return updates[i];
        }
      }
      return -1;
    }

    private boolean undoes(int update, @Nullable String element) {
      return kind(update) != Kind.REMOVE || (element != null && values(update).contains(element));
    }

    private boolean mayUndo(int update) {
      Kind kind = kind(update);
      return kind == Kind.PUT || kind == Kind.REMOVE || kind == Kind.CLEAR;
    }

    private boolean hasSeen(int update, int other) {
      int group = history.group(update);
      int otherGroup = history.group(other);
      if (group == otherGroup) {
        return other < update;
      }
      return (order.happened(group)
              && order.happened(otherGroup)
              && order.isBefore(otherGroup, group))
          || (!isMapDelete(update) && isLaterAtItsReplica(update, other));
    }

    /** A replica's updates of an object show in their order. */
    private boolean isLaterAtItsReplica(int update, int other) {
      @Nullable SeenVersion one = objects.version(update);
      @Nullable SeenVersion two = objects.version(other);
      return one != null
          && two != null
          && objects.isExact(update)
          && objects.isExact(other)
          && Origin.of(one).equals(Origin.of(two))
          && two.compareTo(one) < 0;
    }

    private boolean cannotHaveSeen(int index, int other) {
      int update = updates[index];
      int group = history.group(update);
      int otherGroup = history.group(other);
      if (history.isRetried(group)) {
        // Its second try may have come at any time.
        return false;
      }
      if (group == otherGroup) {
        return update < other;
      }
      if (order.happened(group)
          && order.happened(otherGroup)
          && order.isBefore(group, otherGroup)) {
        return true;
      }
      @Nullable SeenVersion version = objects.version(other);
      @Nullable SeenVersion own = objects.version(update);
      if (own == null || version == null || !objects.isExact(other)) {
        return false;
      }
      @Nullable Map<Origin, Long> known = witnessed[index];
      return own.compareTo(version) < 0
          || (known != null && known.getOrDefault(Origin.of(version), 0L) < version.time());
    }

    private Kind kind(int update) {
      return history.object(update) instanceof Update u ? u.kind() : Kind.CLEAR;
    }

    private List<String> values(int update) {
      return history.object(update) instanceof Update u ? u.values() : List.of();
    }

    private boolean isMapDelete(int update) {
      return history.object(update) instanceof MapDelete;
    }
  }

  /** Whether some of the numbers come to a sum. */
  private static boolean isSum(long wanted, long[] numbers) {
    Set<Long> sums = new HashSet<>(Set.of(0L));
    for (long number : numbers) {
      for (long sum : sums.toArray(Long[]::new)) {
        sums.add(sum + number);
      }
      if (sums.size() > MOST_SUMS) {
        long least = Arrays.stream(numbers).filter(n -> n < 0).sum();
        long most = Arrays.stream(numbers).filter(n -> n > 0).sum();
        return least <= wanted && wanted <= most;
      }
    }
    return sums.contains(wanted);
  }
}
