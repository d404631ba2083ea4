package dev.tidings.replica;

/** A request that its session has gone on from: nobody waits for its answer. */
public final class SupersededRequestException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  SupersededRequestException(long number, long last) {
    super("request %d of this session comes after its request %d".formatted(number, last));
  }
}
