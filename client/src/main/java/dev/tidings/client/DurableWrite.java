package dev.tidings.client;

/**
 * The answer to a write with a {@link Durability}.
 *
 * @param durableOn how many replicas are known to hold it durably; the write stands, also where
 *     these are fewer than was asked for
 */
public record DurableWrite(WriteInfo write, int durableOn) {}
