package dev.tidings.causal;

import dev.tidings.clock.PositionSet;

/** The promise that a whole cluster gives. */
public enum Consistency {
  /** A write is visible once all that it depends on is (COPS, SOSP 2011: causal+ consistency). */
  CAUSAL,
  /**
   * A write is visible on arrival. Exists to be measured against, and to let people see the
   * anomaly.
   */
  EVENTUAL;

  /**
   * The dependencies that are sent, stored and checked: all in a causal cluster, none in an
   * eventual one.
   */
  public PositionSet declared(PositionSet dependencies) {
    return this == CAUSAL ? dependencies : PositionSet.EMPTY;
  }
}
