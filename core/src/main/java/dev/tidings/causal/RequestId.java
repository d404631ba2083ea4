package dev.tidings.causal;

/**
 * One request of a session, for telling a repetition from a new request. Several replicas may have
 * accepted it, each a try of it: what commutes is counted once then.
 *
 * @param session 16 bytes
 * @param number rises with each write of the session
 * @param retried another replica may have accepted it before
 */
public record RequestId(Bytes session, long number, boolean retried) {}
