package dev.tidings.replica;

/** Where a snapshot comes from. Called on the replica's loop. */
public interface PageSource {
  /** The next message may be sent. */
  void ready();

  /** A message was not taken, and nothing after it. What came before was. */
  void refuse(RuntimeException reason);
}
