package dev.tidings.replica.storage;

import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * A write that this replica holds for a request of a session.
 *
 * @param number of the request
 * @param retried another replica may have accepted it before
 * @param shown whether it is visible here
 */
public record Try(
    long number, Position position, Version version, boolean retried, boolean shown) {}
