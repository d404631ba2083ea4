package dev.tidings.history;

/**
 * The session guarantees of Terry, Demers, Petersen, Spreitzer, Theimer and Welch (PDIS 1994), as a
 * read breaks them that returns something older than a write W of the same key. Each is judged by
 * itself and directly: together, and over any number of steps, they are causal consistency.
 */
public enum Guarantee {
  /** W was written by the reading session before. */
  READ_YOUR_WRITES("read your writes"),
  /** W was read by the reading session before. */
  MONOTONIC_READS("monotonic reads"),
  /** Another session wrote W, and after it something that the reading session has read. */
  MONOTONIC_WRITES("monotonic writes"),
  /** Another session read W, and then wrote something that the reading session has read. */
  WRITES_FOLLOW_READS("writes follow reads");

  private final String words;

  Guarantee(String words) {
    this.words = words;
  }

  /** As people say it. */
  public String words() {
    return words;
  }
}
