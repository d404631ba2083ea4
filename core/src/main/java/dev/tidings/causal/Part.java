package dev.tidings.causal;

import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import java.util.Optional;

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
 */
public record Part(
    Optional<Last> last, long clearedUpTo, Optional<Bytes> value, long sum, long clearedSum) {
  public static final Part NONE = new Part(Optional.empty(), 0, Optional.empty(), 0, 0);

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
    return new Part(Optional.of(update), clearedUpTo, Optional.empty(), sum, clearedSum);
  }

  /** After the origin has put a value. */
  public Part put(Last update, Bytes put) {
    return new Part(Optional.of(update), clearedUpTo, Optional.of(put), sum, clearedSum);
  }

  /** After the origin has added to the counter; beyond 64 bits it wraps around. */
  public Part incremented(Last update, long by) {
    return new Part(Optional.of(update), clearedUpTo, value, sum + by, clearedSum);
  }

  /**
   * After somebody has undone the origin's updates up to a sequence.
   *
   * @param sumThen what the increments up to there come to
   */
  public Part cleared(long upTo, long sumThen) {
    return upTo > clearedUpTo ? new Part(last, upTo, value, sum, sumThen) : this;
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
    return new Part(later.last, clearer.clearedUpTo, later.value, later.sum, clearer.clearedSum);
  }
}
