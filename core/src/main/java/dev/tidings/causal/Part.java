package dev.tidings.causal;

import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import java.util.Collection;
import java.util.HashSet;
import java.util.Optional;
import java.util.Set;

/**
 * What one origin has done to an object that all may change at once: to a multi-value register, a
 * counter or a set; or its adds of one element of a set. The object is the sum of its parts. An
 * origin's updates of an object show everywhere in their order, so a part is known by the last of
 * them, and what has been undone of it by a sequence up to which it was.
 *
 * @param last the origin's last update; empty where only what is undone is known yet, as it happens
 *     in an eventual cluster
 * @param clearedUpTo the origin's updates up to this sequence are undone; 0 for none
 * @param value what a multi-value register was set to by the last update
 * @param sum of the origin's increments of a counter
 * @param clearedSum of those up to {@code clearedUpTo}
 * @param twins of an add: what other replicas have accepted for the same request
 */
public record Part(
    Optional<Last> last,
    long clearedUpTo,
    Optional<Bytes> value,
    long sum,
    long clearedSum,
    Set<Position> twins) {
  public static final Part NONE = new Part(Optional.empty(), 0, Optional.empty(), 0, 0, Set.of());

  public Part {
    twins = Set.copyOf(twins);
  }

  /** An update. */
  public record Last(Position position, Version version) {
    public static Last of(Write write) {
      return new Last(write.position(), write.version());
    }
  }

  private long lastSequence() {
    return last.map(l -> l.position.sequence()).orElse(0L);
  }

  /** After another update by the origin. */
  public Part updated(Last update) {
    return new Part(Optional.of(update), clearedUpTo, Optional.empty(), sum, clearedSum, Set.of());
  }

  /** After the origin has put a value. */
  public Part put(Last update, Bytes put) {
    return new Part(Optional.of(update), clearedUpTo, Optional.of(put), sum, clearedSum, Set.of());
  }

  /** After the origin has added to the counter; beyond 64 bits it wraps around. */
  public Part incremented(Last update, long by) {
    return new Part(Optional.of(update), clearedUpTo, value, sum + by, clearedSum, Set.of());
  }

  /**
   * After somebody has undone the origin's updates up to a sequence.
   *
   * @param sumThen what the increments up to there come to
   */
  public Part cleared(long upTo, long sumThen) {
    return upTo > clearedUpTo ? new Part(last, upTo, value, sum, sumThen, twins) : this;
  }

  /** With more that other replicas have accepted for the same request. */
  public Part withTwins(Collection<Position> more) {
    var all = new HashSet<>(twins);
    all.addAll(more);
    return new Part(last, clearedUpTo, value, sum, clearedSum, all);
  }

  /** Whether it is the last update, and stands. */
  public boolean standsWith(Position update) {
    return stands() && last.orElseThrow().position.equals(update);
  }

  /** Whether the last update stands. */
  public boolean stands() {
    return lastSequence() > clearedUpTo;
  }

  /** Whether something has been undone here that has not arrived. */
  public boolean isAwaited() {
    return lastSequence() < clearedUpTo;
  }

  /** What the origin's increments add to the counter. */
  public long count() {
    return sum - clearedSum;
  }

  /** What is known of the same part at two replicas. */
  public Part merge(Part other) {
    Part later = other.lastSequence() > lastSequence() ? other : this;
    Part clearer = other.clearedUpTo > clearedUpTo ? other : this;
    var merged =
        new Part(
            later.last,
            clearer.clearedUpTo,
            later.value,
            later.sum,
            clearer.clearedSum,
            later.twins);
    return last.equals(other.last) ? merged.withTwins(twins).withTwins(other.twins) : merged;
  }
}
