package dev.tidings.causal;

import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;

/**
 * What a client's thread of reads and writes carries from one request to the next.
 *
 * @param clock Lamport time, ticks; at least that of everything the session has read or written
 * @param dependencies what the session's next write has to declare: what it has read since its last
 *     write, and that write; and of an origin of which it has read something that every replica
 *     showed, all that every replica showed
 */
public record Session(long clock, PositionSet dependencies) {
  /** A session that has seen nothing. */
  public static final Session NEW = new Session(0, PositionSet.EMPTY);

  /**
   * Of what some replica may not show yet dependencies stay exact up to so many ranges; beyond,
   * they widen to the frontier that was read from: coarser, never wrong, and bounded.
   */
  public static final int MAX_EXACT_RANGES = 64;

  /**
   * After a read; this session itself, if it had seen all of that before.
   *
   * @param readFrom the positions that the answer came from
   * @param highestLamport the highest Lamport time among their versions, 0 for none
   * @param frontier what was visible at that moment; contains {@code readFrom} and the session's
   *     dependencies
   * @param stable what every replica shows ({@link TimeTable#stable}). None that serves waits for
   *     any of it, so who depends on some of an origin's may as well depend on all of it: one
   *     range, which what is read next mostly lies in, too. Does not count unless it lies in the
   *     frontier.
   */
  public Session afterRead(
      PositionSet readFrom, long highestLamport, PositionSet frontier, PositionSet stable) {
    if (highestLamport <= clock && dependencies.containsAll(readFrom)) {
      return this;
    }
    PositionSet exact = dependencies.union(readFrom);
    PositionSet coarser = frontier.containsAll(stable) ? exact.unionWhereShared(stable) : exact;
    return new Session(
        Math.max(clock, highestLamport),
        coarser.rangeCount() <= MAX_EXACT_RANGES ? coarser : frontier);
  }

  /** A session that has seen what both have. */
  public Session union(Session other) {
    return new Session(Math.max(clock, other.clock), dependencies.union(other.dependencies));
  }

  /** After a write. It implies everything before it, since it is nowhere visible without that. */
  public Session afterWrite(Position position, Version version) {
    return new Session(version.lamportTime(), PositionSet.of(position));
  }
}
