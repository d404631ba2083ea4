package dev.tidings.replica;

import dev.tidings.causal.Session;
import dev.tidings.clock.PositionSet;
import java.util.Optional;

/**
 * What a watch is for, and where it begins.
 *
 * @param session to which all that is told belongs from then on
 * @param after what need not be told; empty to begin with what becomes visible from now on
 */
public record WatchRequest(
    Optional<Session> session, WatchFilter filter, Optional<PositionSet> after) {
  /** What must be visible before the watch begins. */
  PositionSet needs() {
    // After a moment all is told that is not in it, now or later: there is nothing to wait for.
    return after.isPresent() || session.isEmpty()
        ? PositionSet.EMPTY
        : session.get().dependencies();
  }
}
