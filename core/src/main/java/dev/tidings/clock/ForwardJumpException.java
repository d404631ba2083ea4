package dev.tidings.clock;

/** A stamp lies further ahead of a clock than the clock may be pushed. The clock is unchanged. */
public final class ForwardJumpException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  public ForwardJumpException(String message) {
    super(message);
  }
}
