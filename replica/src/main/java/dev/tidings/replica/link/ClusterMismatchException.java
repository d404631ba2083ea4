package dev.tidings.replica.link;

/** A peer is set up differently; retrying does not help until someone mends that. */
public final class ClusterMismatchException extends RuntimeException {
  /** As the wire has it. */
  public static final String REASON = "CLUSTER_MISMATCH";

  private static final long serialVersionUID = 1L;

  public ClusterMismatchException(String message) {
    super(message);
  }
}
