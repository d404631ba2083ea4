package dev.tidings.bench.contestants;

/**
 * What clients do.
 *
 * @param depth how many operations a client asks for at once, before it waits for all their
 *     answers; 1: one after the other
 * @param stream whether a client's requests go over one stream, where the system knows streams
 * @param clients how many
 * @param connections over how many connections they go: 1, or one for each
 */
public record Load(Kind kind, int depth, boolean stream, int clients, int connections) {
  /** What is asked. */
  public enum Kind {
    WRITE,
    READ
  }

  public Load {
    if (depth < 1 || clients < 1 || (connections != 1 && connections != clients)) {
      throw new IllegalArgumentException(
          "a load has a depth, clients, and one connection or one for each client");
    }
  }

  public boolean isWrite() {
    return kind == Kind.WRITE;
  }
}
