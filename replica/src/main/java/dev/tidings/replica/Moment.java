package dev.tidings.replica;

import dev.tidings.clock.Origin;
import dev.tidings.clock.PositionSet;
import java.util.Optional;

/**
 * A causally consistent moment that a client can name.
 *
 * @param positions what was visible then, or has been told since
 * @param kept empty if nobody keeps the data as they were
 */
public record Moment(PositionSet positions, Optional<Kept> kept) {
  /** Where the data as they were are kept, and under which number. */
  public record Kept(Origin by, long number) {}

  /** One whose data nobody keeps. */
  public static Moment of(PositionSet positions) {
    return new Moment(positions, Optional.empty());
  }
}
