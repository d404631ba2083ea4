package dev.tidings.history;

/** How an operation, or a whole group, ended for its client. */
public enum Outcome {
  /** It was answered: it happened. */
  OK,
  /** It was refused, or rolled back: it did not happen, and nobody may see it. */
  ABORTED,
  /**
   * No answer came: it may have happened. It follows what its session did before, and precedes
   * nothing that its session did later.
   */
  UNKNOWN
}
