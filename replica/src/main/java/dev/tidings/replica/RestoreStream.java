package dev.tidings.replica;

import dev.tidings.causal.Progress;

/** A backup on its way here. Called on the replica's loop. */
public interface RestoreStream extends PageSource {
  /**
   * All of it is durable and readable.
   *
   * @param progress how far the replica is now
   */
  void succeed(Progress progress);
}
