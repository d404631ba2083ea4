package dev.tidings.clock;

import java.util.Comparator;

/**
 * What orders two writes of one key: the last writer by version wins. A total order that contains
 * happens-before (Lamport 1978, the order ⇒), since a write's Lamport time exceeds that of all it
 * depends on.
 *
 * @param lamportTime ticks, 1 to {@link LamportClock#MAX_TICKS}
 */
public record Version(long lamportTime, Origin origin) implements Comparable<Version> {
  private static final Comparator<Version> ORDER =
      Comparator.comparingLong(Version::lamportTime).thenComparing(Version::origin);

  public Version {
    if (lamportTime < 1 || lamportTime > LamportClock.MAX_TICKS) {
      throw new IllegalArgumentException(
          "Lamport time " + lamportTime + " is not between 1 and 2^62");
    }
  }

  @Override
  public int compareTo(Version other) {
    return ORDER.compare(this, other);
  }

  /** As people read it: {@code 7@2} was written by replica 2 at Lamport time 7. */
  @Override
  public String toString() {
    return lamportTime + "@" + origin.replicaId();
  }
}
