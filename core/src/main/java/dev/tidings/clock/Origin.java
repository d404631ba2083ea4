package dev.tidings.clock;

/**
 * A replica in one incarnation: who writes a log.
 *
 * @param replicaId the replica's number in its cluster, 1 or more
 * @param incarnation drawn when the replica's data directory was created, 1 or more; a replica that
 *     lost its disk comes back as another origin, so that no position is ever used twice
 */
public record Origin(int replicaId, int incarnation) implements Comparable<Origin> {
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
    int byReplica = Integer.compare(replicaId, other.replicaId);
    return byReplica != 0 ? byReplica : Integer.compare(incarnation, other.incarnation);
  }

  @Override
  public String toString() {
    return "replica " + replicaId;
  }
}
