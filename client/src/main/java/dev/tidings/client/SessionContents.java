package dev.tidings.client;

import dev.tidings.clock.PositionSet;

/**
 * What a session's token says, for people to look at. Programs pass tokens on and never depend on
 * this.
 *
 * @param cluster the cluster that the token is of
 * @param clock Lamport time, ticks
 * @param dependencies what the session's next write will depend on
 */
public record SessionContents(String cluster, long clock, PositionSet dependencies) {
  SessionContents union(SessionContents other) {
    return new SessionContents(
        cluster, Math.max(clock, other.clock), dependencies.union(other.dependencies));
  }
}
