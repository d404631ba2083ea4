package dev.tidings.replica;

import dev.tidings.causal.Write;
import dev.tidings.clock.Origin;
import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import dev.tidings.replica.storage.ReadView;
import java.util.ArrayDeque;
import java.util.Comparator;
import java.util.Map;
import java.util.PriorityQueue;
import java.util.Queue;
import java.util.TreeMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * What is visible at one moment and has not been seen, in causal order: by version, merged from the
 * origins' logs, in each of which versions ascend. A write's version is above those of all that it
 * depends on, and what is visible has nothing that it depends on outside of what is visible; so
 * what it depends on has been seen, or comes before it.
 */
final class UnseenWrites {
  private final Function<Position, Write> log;
  private final PriorityQueue<Cursor> cursors =
      new PriorityQueue<>(Comparator.comparing(cursor -> cursor.version));

  /** Whose write was given last: read on before the next is chosen. */
  private @Nullable Cursor last;

  /**
   * @param log the write at a visible position; what it throws, {@link #next} throws
   */
  UnseenWrites(ReadView view, PositionSet seen, Function<Position, Write> log) {
    this.log = log;
    Map<Origin, Cursor> byOrigin = new TreeMap<>();
    view.frontier()
        .minus(seen)
        .forEachRange(
            (origin, first, last) ->
                byOrigin
                    .computeIfAbsent(origin, o -> new Cursor(o, first))
                    .ranges
                    .add(new long[] {first, last}));
    byOrigin.values().forEach(this::readOn);
  }

  /** The next write; null at the end. */
  @Nullable Write next() {
    Cursor before = last;
    last = null;
    if (before != null) {
      readOn(before);
    }
    last = cursors.poll();
    return last == null ? null : last.write;
  }

  private void readOn(Cursor cursor) {
    if (cursor.advance()) {
      cursors.add(cursor);
    }
  }

  /** Where one origin's log is read. */
  private final class Cursor {
    private final Origin origin;
    private final Queue<long[]> ranges = new ArrayDeque<>();
    private long next;
    private @Nullable Write write;
    private @Nullable Version version;

    Cursor(Origin origin, long first) {
      this.origin = origin;
      this.next = first;
    }

    boolean advance() {
      long[] range = ranges.peek();
      if (range == null) {
        return false;
      }
      next = Math.max(next, range[0]);
      write = log.apply(new Position(origin, next));
      version = write.version();
      if (next == range[1]) {
        ranges.remove();
      }
      next++;
      return true;
    }
  }
}
