package dev.tidings.replica;

import dev.tidings.causal.Session;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * The answer to a write that is durable here.
 *
 * @param session the session after it
 * @param durableOn how many replicas are known to hold it durably, 1 or more
 */
public record WriteResult(Session session, Position position, Version version, int durableOn) {}
