package dev.tidings.clock;

import java.util.Collections;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * Per origin, how many of its writes are known without a gap (Parker et al., "Detection of Mutual
 * Inconsistency in Distributed Systems", 1983). Immutable.
 */
public final class VersionVector {
  public static final VersionVector EMPTY = new VersionVector(new TreeMap<>());

  private final SortedMap<Origin, Long> counts;

  private VersionVector(SortedMap<Origin, Long> counts) {
    this.counts = Collections.unmodifiableSortedMap(counts);
  }

  /** Takes the map over; each of its counts is 1 or more. */
  static VersionVector of(SortedMap<Origin, Long> counts) {
    return new VersionVector(counts);
  }

  /** Up to which sequence the origin's writes are known; 0 for none. */
  public long upTo(Origin origin) {
    return counts.getOrDefault(origin, 0L);
  }

  public boolean contains(Position position) {
    return position.sequence() <= upTo(position.origin());
  }

  /** With the origin's writes known up to {@code sequence}, or further if they already were. */
  public VersionVector with(Origin origin, long sequence) {
    if (sequence <= upTo(origin)) {
      return this;
    }
    var next = new TreeMap<>(counts);
    next.put(origin, sequence);
    return new VersionVector(next);
  }

  /** What either knows: the larger count for each origin. */
  public VersionVector merge(VersionVector other) {
    var next = new TreeMap<>(counts);
    other.counts.forEach((origin, sequence) -> next.merge(origin, sequence, Math::max));
    return new VersionVector(next);
  }

  /** Whether this knows everything that the other knows. */
  public boolean dominates(VersionVector other) {
    return other.counts.entrySet().stream().allMatch(e -> upTo(e.getKey()) >= e.getValue());
  }

  /** Ascending by origin; no count is 0. */
  public SortedMap<Origin, Long> counts() {
    return counts;
  }

  @Override
  public boolean equals(Object o) {
    return o instanceof VersionVector other && counts.equals(other.counts);
  }

  @Override
  public int hashCode() {
    return counts.hashCode();
  }

  @Override
  public String toString() {
    return counts.entrySet().stream()
        .map(e -> e.getKey().replicaId() + ":" + e.getValue())
        .collect(Collectors.joining(", ", "[", "]"));
  }
}
