package dev.tidings.replica;

/** A peer's stream of writes as the replica sees it. Called on the replica's loop. */
public interface PeerStream {
  /** The peer's log is held durably up to this sequence. */
  void held(long upTo);

  /** The peer may send more. */
  void ready();

  /** A write was not taken, and nothing after it. Those before it were. */
  void refuse(RuntimeException reason);

  /** Whether the stream has ended, so that nobody is there to send more. */
  boolean hasEnded();
}
