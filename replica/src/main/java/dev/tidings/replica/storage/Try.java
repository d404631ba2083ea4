package dev.tidings.replica.storage;

import dev.tidings.causal.Write;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;
import java.util.List;

/**
 * A write that this replica holds for a request of a session.
 *
 * @param number of the request
 * @param retried another replica may have accepted it before
 * @param added what would count again if another try of the request counted too
 * @param shown whether it is visible here
 */
public record Try(
    long number,
    Position position,
    Version version,
    boolean retried,
    List<Added> added,
    boolean shown) {
  public Try {
    added = List.copyOf(added);
  }

  /** One that is not visible yet. */
  static Try held(Write write) {
    var id = write.requestId().orElseThrow();
    return new Try(
        id.number(), write.position(), write.version(), id.retried(), Added.by(write), false);
  }

  Try asShown() {
    return new Try(number, position, version, retried, added, true);
  }
}
