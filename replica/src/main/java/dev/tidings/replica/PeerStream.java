package dev.tidings.replica;

import dev.tidings.causal.TimeTable;
import dev.tidings.clock.Origin;
import java.util.Map;

/** A peer's stream of writes as the replica sees it. Called on the replica's loop. */
public interface PeerStream extends PageSource {
  /**
   * Answers the peer's hello.
   *
   * @param standing how far this replica is, durably
   */
  void welcome(TimeTable.Row standing);

  /** The peer's own log is held durably up to this sequence. */
  void held(long upTo);

  /** Says which logs the peer is to send, in place of what was said before. */
  void want(Map<Origin, Want> wants);

  /**
   * How a log is wanted.
   *
   * @param after from where on, unless it is being sent already
   * @param paused not now
   */
  record Want(long after, boolean paused) {}

  /** Asks for a snapshot. */
  void requestSnapshot();

  /** Whether the stream has ended, so that nobody is there to send more. */
  boolean hasEnded();
}
