package dev.tidings.causal;

import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;
import java.util.Collection;
import java.util.Collections;
import java.util.Comparator;
import java.util.HashMap;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * What this replica knows of how far each replica is: what everybody holds need not be kept for
 * anybody (Wuu and Bernstein, "Efficient Solutions to the Replicated Log and Dictionary Problems",
 * PODC 1984: the two-dimensional time-table). Knowledge lags behind, so it errs on the side of
 * keeping. Confined to one thread.
 */
public final class TimeTable {
  /** Of one member so many unknown incarnations are asked about at once. */
  private static final int MOST_UNKNOWN = 4;

  /** What is stable grows by so many writes of an origin at once. */
  private static final long STABLE_STEP = 256;

  private final SortedMap<Origin, Row> rows = new TreeMap<>();

  /** What replicas told, until all that they had written by then is visible here. */
  private final Map<Origin, Row> promised = new HashMap<>();

  private final Map<Origin, Row> kept = new HashMap<>();

  /**
   * How far one replica is.
   *
   * @param held per origin the gapless durable prefix of its log
   * @param visible per origin the gapless prefix that its readers see. What is visible has pulled
   *     the replica's clock along: all that it writes after these writes has a higher Lamport time.
   * @param ended incarnations that it knows to have ended; more of their logs than {@code held} it
   *     takes only from members
   * @param unknown incarnations that its sessions have seen and nobody has told it of: the member
   *     that they were ends them, if it lives in another. Those that have ended are left out, and
   *     so are some if there are many ({@link #fewOfEach}).
   */
  public record Row(
      VersionVector held, VersionVector visible, Set<Origin> ended, Set<Origin> unknown) {
    public static final Row NONE =
        new Row(VersionVector.EMPTY, VersionVector.EMPTY, Set.of(), Set.of());

    public Row {
      ended = Set.copyOf(ended);
      var open = new HashSet<>(unknown);
      open.removeAll(ended);
      unknown = fewOfEach(open);
    }

    Row merge(Row other) {
      return new Row(
          held.merge(other.held),
          visible.merge(other.visible),
          union(ended, other.ended),
          union(unknown, other.unknown));
    }

    private static Set<Origin> union(Set<Origin> one, Set<Origin> other) {
      var both = new HashSet<>(one);
      both.addAll(other);
      return both;
    }
  }

  /**
   * The greatest few of each member: who makes up incarnations makes nothing grow, and all who hear
   * of the same come to the same.
   */
  public static Set<Origin> fewOfEach(Set<Origin> unknown) {
    if (unknown.isEmpty()) {
      return Set.of();
    }
    var ofMember = new HashMap<Integer, Integer>();
    return unknown.stream()
        .sorted(Comparator.reverseOrder())
        .filter(origin -> ofMember.merge(origin.replicaId(), 1, Integer::sum) <= MOST_UNKNOWN)
        .collect(Collectors.toUnmodifiableSet());
  }

  /** Takes in what is told of a replica, however late it comes; whether anything is new. */
  public boolean learn(Origin of, Row told) {
    Row known = row(of);
    Row next = known.merge(told);
    rows.put(of, next);
    return !next.equals(known);
  }

  public Row row(Origin of) {
    return rows.getOrDefault(of, Row.NONE);
  }

  /**
   * What a replica showed at a moment up to which all its own writes are visible here. All that
   * comes from it later has a higher Lamport time than anything in the row's visible: the row is a
   * promise that has been kept.
   */
  public Row kept(Origin of) {
    return kept.getOrDefault(of, Row.NONE);
  }

  /** Looks which promises are kept by now. */
  public void keep(PositionSet frontier) {
    rows.forEach(
        (of, row) -> {
          Row oldest = promised.computeIfAbsent(of, o -> row);
          if (frontier.upTo(of) >= oldest.held.upTo(of)) {
            kept.put(of, oldest);
            promised.put(of, row);
          }
        });
  }

  /**
   * Per origin what all show, as far as is known here: whoever depends on it waits nowhere, but at
   * a replica that has lost its disk and is not as far again (COPS' {@code never-depend}, Lloyd et
   * al., SOSP 2011; the global stable time of GentleRain, Du et al., SoCC 2014). In whole steps of
   * 256 writes, so that it stays the same for a while, and sessions that have seen a few writes
   * name these and no others.
   *
   * @param here what this replica shows
   * @param others who must show it too; empty for each of whom nothing is known
   */
  public PositionSet stable(VersionVector here, Collection<Optional<Origin>> others) {
    VersionVector stable = VersionVector.EMPTY;
    for (Origin origin : here.counts().keySet()) {
      long least = here.upTo(origin);
      for (Optional<Origin> other : others) {
        least = Math.min(least, other.map(o -> row(o).visible().upTo(origin)).orElse(0L));
      }
      stable = stable.with(origin, least - least % STABLE_STEP);
    }
    return PositionSet.of(stable);
  }

  /** Of a replica that is no more. */
  public void forget(Origin of) {
    rows.remove(of);
    promised.remove(of);
    kept.remove(of);
  }

  /** Ascending by origin. */
  public SortedMap<Origin, Row> rows() {
    return Collections.unmodifiableSortedMap(rows);
  }
}
