package dev.tidings.client;

/**
 * A session to be continued later, in this process or another one, at this replica or another one
 * of the cluster. The id that tells a session's writes from those of others is not part of it: who
 * continues draws a new one, so that a saved session can be continued twice, or after a crash,
 * without two writes sharing one request id.
 *
 * @param replica HOST:PORT where the session was
 * @param token opaque; empty for a session that has read and written nothing
 * @param clock the session's Lamport time, ticks, 0 or more
 */
public record SavedSession(String replica, Bytes token, long clock) {
  public SavedSession {
    Addresses.check(replica);
    if (clock < 0) {
      throw new IllegalArgumentException("clock " + clock + " is negative");
    }
  }
}
