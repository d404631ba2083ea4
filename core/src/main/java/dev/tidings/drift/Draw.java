package dev.tidings.drift;

import java.util.random.RandomGenerator;

/** What a host does at a tick that finds its inbox empty. */
final class Draw {
  /** No target, but an internal event. */
  static final int INTERNAL = -1;

  private Draw() {}

  /**
   * @return {@link #INTERNAL}, or a target as {@link Target} has it: with n others there are n + 1,
   *     to the first, …, to the n-th, and to all
   */
  static int target(RandomGenerator chance, double probInternal, int others) {
    return chance.nextDouble() < probInternal ? INTERNAL : chance.nextInt(others + 1);
  }
}
