package dev.tidings.replica;

import dev.tidings.causal.Mutation;
import dev.tidings.causal.Write;
import java.util.List;

/**
 * What a watch tells of one write.
 *
 * @param mutations those that are watched, in the write's order; one or more
 */
public record WatchedWrite(Write write, List<Watched> mutations) {
  /**
   * One of them.
   *
   * @param replaced whether a later version of the register is visible already
   */
  public record Watched(Mutation mutation, boolean replaced) {}

  public WatchedWrite {
    mutations = List.copyOf(mutations);
  }
}
