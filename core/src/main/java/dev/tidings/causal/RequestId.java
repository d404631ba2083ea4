package dev.tidings.causal;

/**
 * One request of a session, for telling a repetition from a new request.
 *
 * @param session 16 bytes
 * @param number rises with each write of the session
 */
public record RequestId(Bytes session, long number) {}
