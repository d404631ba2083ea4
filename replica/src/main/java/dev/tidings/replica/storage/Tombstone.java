package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * That a register was deleted.
 *
 * @param position of the write that deleted it
 * @param committedAtMicros as the write has it
 */
public record Tombstone(Bytes key, Position position, Version version, long committedAtMicros) {}
