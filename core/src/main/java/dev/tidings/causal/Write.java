package dev.tidings.causal;

import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import java.util.List;
import java.util.Optional;

/**
 * An atomic set of mutations accepted by one origin.
 *
 * @param position where it stands in its origin's log
 * @param version what orders it against other writes of the same keys; of the position's origin
 * @param dependencies what must be visible before it is: what the writing session had read or
 *     written
 * @param committedAtMicros wall-clock time at the origin, microseconds since 1970; for people and
 *     for measuring lag, nothing is decided by it
 * @param mutations one or more
 */
public record Write(
    Position position,
    Version version,
    Optional<RequestId> requestId,
    PositionSet dependencies,
    long committedAtMicros,
    List<Mutation> mutations) {
  public Write {
    if (!position.origin().equals(version.origin())) {
      throw new IllegalArgumentException("position and version are of different origins");
    }
    if (mutations.isEmpty()) {
      throw new IllegalArgumentException("a write has at least one mutation");
    }
    mutations = List.copyOf(mutations);
  }
}
