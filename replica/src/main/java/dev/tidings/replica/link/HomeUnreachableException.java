package dev.tidings.replica.link;

/** The home of a write's keys cannot be reached from here; the write was not sent. */
public final class HomeUnreachableException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  HomeUnreachableException(int home, String why) {
    super(
        "replica %d is the home of the write's keys and cannot be reached: %s; the write has not happened"
            .formatted(home, why));
  }
}
