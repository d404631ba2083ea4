package dev.tidings.harness;

/**
 * Ends a replica in the middle of what it does. An error, so that nothing takes it for a failure.
 */
final class PowerCut extends Error {
  private static final long serialVersionUID = 1L;

  PowerCut() {
    super("the replica was killed while it wrote", null, false, false);
  }
}
