package dev.tidings.replica.storage;

import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * The last write of a session that this replica holds.
 *
 * @param number of its request id
 */
public record LastRequest(long number, Position position, Version version) {}
