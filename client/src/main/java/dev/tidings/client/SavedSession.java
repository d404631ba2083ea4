package dev.tidings.client;

import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * A session to be continued later, in this process or another one, at this replica or another one
 * of the cluster. The id that tells a session's writes from those of others is not part of it: who
 * continues draws a new one, so that a saved session can be continued twice, or after a crash,
 * without two writes sharing one request id.
 *
 * @param replica HOST:PORT where the session was
 * @param token opaque; empty for a session that has read and written nothing
 * @param clock the session's Lamport time, ticks, 0 or more
 * @param told further tokens, of what watches have told the session since its last request
 */
public record SavedSession(String replica, Bytes token, long clock, List<Bytes> told) {
  public SavedSession {
    told = List.copyOf(told);
    Addresses.check(replica);
    if (clock < 0) {
      throw new IllegalArgumentException("clock " + clock + " is negative");
    }
  }

  /** Of a session that no watch has told anything. */
  public SavedSession(String replica, Bytes token, long clock) {
    this(replica, token, clock, List.of());
  }

  /**
   * What its tokens say; empty for a session that has read and written nothing.
   *
   * @throws IllegalArgumentException if a token is damaged
   */
  public Optional<SessionContents> contents() {
    return Stream.concat(Stream.of(token), told.stream())
        .filter(each -> each.size() > 0)
        .map(each -> WireMapper.sessionContents(each.toByteString()))
        .reduce(SessionContents::union);
  }
}
