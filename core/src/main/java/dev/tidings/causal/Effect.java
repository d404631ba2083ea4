package dev.tidings.causal;

import dev.tidings.clock.PositionSet;
import java.util.OptionalLong;

/** What follows from an input, for the caller to carry out in order. */
public sealed interface Effect {
  /**
   * Append the write to its origin's log.
   *
   * @param lamportTime the replica's clock after it
   */
  record Logged(Write write, long lamportTime) implements Effect {}

  /**
   * Apply the write's mutations.
   *
   * @param stalledForMicros how long it was stalled here; empty if it never was
   */
  record BecameVisible(Write write, OptionalLong stalledForMicros) implements Effect {}

  /**
   * Keep the write from readers; a later input will make it visible.
   *
   * @param missing those of its dependencies that are not visible here, never empty
   */
  record Stalled(Write write, PositionSet missing) implements Effect {}

  /** What a waiter asked for is visible now; see {@link CausalReplica#awaitVisible}. */
  record Released(long waiterId) implements Effect {}
}
