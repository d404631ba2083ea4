package dev.tidings.client;

import java.util.List;

/**
 * What a watch tells of one write.
 *
 * @param changes those that are watched, all at once, in the write's order; one or more
 * @param moment after it: a watch that goes on from there does not tell this write again
 */
public record WatchedWrite(WriteInfo write, List<Change> changes, Moment moment) {
  public WatchedWrite {
    changes = List.copyOf(changes);
  }

  /**
   * One of its mutations.
   *
   * @param replaced whether the replica showed a later version of the register already. Who keeps
   *     copies of registers compares versions all the same: another replica, at which a watch goes
   *     on, may not show yet what was told before.
   */
  public record Change(Mutation mutation, boolean replaced) {}
}
