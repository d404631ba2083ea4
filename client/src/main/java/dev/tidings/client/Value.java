package dev.tidings.client;

import org.jspecify.annotations.Nullable;

/**
 * What a register holds.
 *
 * @param bytes null where the key was never written here, or was deleted
 * @param writtenBy the write that was read, a delete included; null where the key was never written
 *     here, or deleted so long ago that the replica has forgotten it
 * @param neverWritten the key was never written here
 */
public record Value(@Nullable Bytes bytes, @Nullable WriteInfo writtenBy, boolean neverWritten)
    implements Content {}
