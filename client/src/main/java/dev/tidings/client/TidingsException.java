package dev.tidings.client;

import java.time.Duration;
import java.util.Collection;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A request that was refused, or whose answer never came. The message says why, in one line. */
public final class TidingsException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  /**
   * Why. All but the last four are a replica's own words, and then a write did not happen and will
   * not.
   */
  public enum Reason {
    /** The request is malformed. */
    INVALID_REQUEST,
    /** A key, a value, a write or an answer is too large. */
    SIZE_LIMIT,
    /**
     * The session's token is damaged, of another cluster, or of a newer format: start a new
     * session.
     */
    SESSION_TOKEN_INVALID,
    /** The watch's moment is damaged, of another cluster, or of a newer format. */
    MOMENT_INVALID,
    /**
     * The replica does not keep what came after the watch's moment: read anew, and watch from now
     * on.
     */
    MOMENT_NOT_KEPT,
    /** The session's clock is too far ahead of the replica's. */
    CLOCK_JUMP_REJECTED,
    /** A {@link Condition} does not hold at the replica; the message says what is there. */
    CONDITION_FAILED,
    /** What the session depends on is not visible at the replica yet. */
    NOT_YET_VISIBLE,
    /** The replica does not have yet what its cluster has, and so serves nobody. */
    CATCHING_UP,
    /** The keys have a home that decides their writes, and the replica cannot reach it. */
    HOME_UNREACHABLE,
    /** The replica belongs to the cluster no longer: go to another one. */
    REPLICA_REMOVED,
    /** The session has seen a write that no replica has any more: start a new session. */
    WRITE_LOST,
    /** The replica has too much to do, or too many requests wait for the session's turn. */
    OVERLOADED,
    /** The replica is stopping; it, or another one, may answer soon. */
    SHUTTING_DOWN,
    /** The replica's disk is full: it reads, and will write again when there is space. */
    DISK_FULL,
    /** A backup is restored only into a cluster that has no data yet. */
    NOT_EMPTY,
    /** The backup is of another cluster, consistency mode or format. */
    CLUSTER_MISMATCH,
    /** The backup has ended early: begin again. */
    BACKUP_ENDED,
    /** What the replica's disk holds is damaged; it stops. */
    DATA_DAMAGED,
    /** The watch, or the {@link Tidings} of the session, was closed. */
    CLOSED,
    /** There is no connection to the replica, or it broke. */
    UNREACHABLE,
    /** No answer in time. */
    NO_ANSWER,
    /** Anything else; see {@link #code()} and the message. */
    OTHER
  }

  private final String code;
  private final Reason reason;
  private final String words;
  private final boolean outcomeUnknown;
  private final transient @Nullable Duration retryAfter;

  TidingsException(
      String code,
      Reason reason,
      String words,
      boolean outcomeUnknown,
      @Nullable Duration retryAfter,
      @Nullable Throwable cause) {
    super(outcomeUnknown ? words + "; the write may have happened" : words, cause);
    this.code = code;
    this.reason = reason;
    this.words = words;
    this.outcomeUnknown = outcomeUnknown;
    this.retryAfter = retryAfter;
  }

  /** The same, but for a write that may have happened the time before. */
  TidingsException mayHaveHappened() {
    return outcomeUnknown
        ? this
        : new TidingsException(code, reason, words, true, retryAfter, getCause());
  }

  /** The same, for whoever waited for it: with the stack of the thread that asks. */
  TidingsException here() {
    return new TidingsException(code, reason, words, outcomeUnknown, retryAfter, this);
  }

  /**
   * What several replicas said.
   *
   * @param last of which code and reason are
   */
  static TidingsException ofAll(Collection<TidingsException> refusals, TidingsException last) {
    return new TidingsException(
        last.code,
        last.reason,
        refusals.stream().map(refusal -> refusal.words).collect(Collectors.joining("; ")),
        refusals.stream().anyMatch(TidingsException::outcomeUnknown),
        last.retryAfter,
        last);
  }

  /** The name of the gRPC status code, such as {@code UNAVAILABLE}. */
  public String code() {
    return code;
  }

  public Reason reason() {
    return reason;
  }

  /** Whether this was a write that may have happened, or may yet happen. */
  public boolean outcomeUnknown() {
    return outcomeUnknown;
  }

  /** When the replica asks to try again; null where it does not say. */
  @Nullable Duration retryAfter() {
    return retryAfter;
  }
}
