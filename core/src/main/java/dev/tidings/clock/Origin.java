package dev.tidings.clock;

import java.util.Comparator;

/**
 * A replica in one incarnation: who writes a log.
 *
 * @param replicaId the replica's number in its cluster, 1 or more
 * @param incarnation drawn when the replica's data directory was created, 1 or more; a replica that
 *     lost its disk comes back as another origin, so that no position is ever used twice
 */
public record Origin(int replicaId, int incarnation) implements Comparable<Origin> {
  private static final Comparator<Origin> ORDER =
      Comparator.comparingInt(Origin::replicaId).thenComparingInt(Origin::incarnation);

  public Origin {
    if (replicaId < 1) {
      throw new IllegalArgumentException("replica id " + replicaId + " is not 1 or more");
    }
    if (incarnation < 1) {
      throw new IllegalArgumentException("incarnation " + incarnation + " is not 1 or more");
    }
  }

  /** By replica id, then incarnation. */
  @Override
  public int compareTo(Origin other) {
    return ORDER.compare(this, other);
  }

  @Override
  public String toString() {
    return "replica " + replicaId;
  }
}
