package dev.tidings.history;

/** What a history is judged by. */
public enum Model {
  /** Causal consistency: nobody sees an effect without its cause. */
  CC,
  /**
   * Causal convergence: causal, and concurrent writes of a key are put into one order, the same for
   * everyone. It is what last-writer-wins promises.
   */
  CCV,
  /** The four session guarantees, each by itself (Terry et al., PDIS 1994). */
  SESSION
}
