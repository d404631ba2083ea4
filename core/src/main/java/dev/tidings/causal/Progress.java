package dev.tidings.causal;

import dev.tidings.clock.PositionSet;
import dev.tidings.clock.VersionVector;

/**
 * How far a replica is. It changes together with the log and the data, in one storage batch.
 *
 * @param lamportTime the replica's clock, ticks
 * @param frontier what is visible here
 * @param held per origin the gapless durable prefix of its log that is here, stalled writes
 *     included
 */
public record Progress(long lamportTime, PositionSet frontier, VersionVector held) {
  /** A new replica's. */
  public static final Progress NONE = new Progress(0, PositionSet.EMPTY, VersionVector.EMPTY);

  /** How many writes are held and not visible. */
  public int stalled() {
    var count = new long[1];
    held.counts().values().forEach(upTo -> count[0] += upTo);
    frontier.forEachRange(
        (origin, first, last) ->
            count[0] -= Math.max(0, Math.min(last, held.upTo(origin)) - first + 1));
    return Math.toIntExact(count[0]);
  }
}
