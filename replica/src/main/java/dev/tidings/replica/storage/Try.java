package dev.tidings.replica.storage;

import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * A write that this replica holds for a request of a session.
 *
 * @param number of the request
 * @param retried another replica may have accepted it before
 * @param shown whether it is visible here
 * @param hour in which it came, since 1970
 */
public record Try(
    long number, Position position, Version version, boolean retried, boolean shown, long hour) {
  /** One that is not visible yet. */
  static Try held(Write write, long hour) {
    var id = write.requestId().orElseThrow();
    return new Try(id.number(), write.position(), write.version(), id.retried(), false, hour);
  }

  Try asShown() {
    return new Try(number, position, version, retried, true, hour);
  }

  /** What is known of the same try at two replicas. */
  Try merge(Try other) {
    return new Try(
        number, position, version, retried, shown || other.shown, Math.max(hour, other.hour));
  }
}
