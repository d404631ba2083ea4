package dev.tidings.clock;

/**
 * Where a write stands in its origin's log.
 *
 * @param sequence 1 for the origin's first write; no gaps
 */
public record Position(Origin origin, long sequence) {
  public Position {
    if (sequence < 1) {
      throw new IllegalArgumentException("sequence " + sequence + " is not 1 or more");
    }
  }

  /** As people read it: {@code 2:17} is write 17 of replica 2. */
  @Override
  public String toString() {
    return origin.replicaId() + ":" + sequence;
  }
}
