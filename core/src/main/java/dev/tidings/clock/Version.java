package dev.tidings.clock;

/**
 * What orders two writes of one key: the last writer by version wins. A total order that contains
 * happens-before (Lamport 1978, the order ⇒), since a write's Lamport time exceeds that of all it
 * depends on.
 *
 * @param lamportTime ticks, 1 to {@link LamportClock#MAX_TICKS}
 */
public record Version(long lamportTime, Origin origin) implements Comparable<Version> {
  public Version {
    if (lamportTime < 1 || lamportTime > LamportClock.MAX_TICKS) {
      throw new IllegalArgumentException(
          "Lamport time " + lamportTime + " is not between 1 and 2^62");
    }
  }

  /** By Lamport time, then origin. */
  @Override
  public int compareTo(Version other) {
    int byTime = Long.compare(lamportTime, other.lamportTime);
    return byTime != 0 ? byTime : origin.compareTo(other.origin);
  }

  /** As people read it: {@code 7@2} was written by replica 2 at Lamport time 7. */
  @Override
  public String toString() {
    return lamportTime + "@" + origin.replicaId();
  }
}
