package dev.tidings.replica;

/** Something is larger than the replica takes. Nothing has happened. */
public final class SizeLimitException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public SizeLimitException(String what, long size, long limit, String unit) {
    super("%s has %d %s; the limit is %d".formatted(what, size, unit, limit));
  }
}
