package dev.tidings.replica;

import dev.tidings.causal.Session;
import dev.tidings.clock.Position;
import dev.tidings.clock.Version;

/**
 * The answer to a write that is durable here.
 *
 * @param session the session after it
 */
public record WriteResult(Session session, Position position, Version version) {}
