package dev.tidings.client;

import dev.tidings.clock.Position;
import dev.tidings.clock.PositionSet;
import dev.tidings.clock.Version;
import org.jspecify.annotations.Nullable;

/**
 * The write behind a value.
 *
 * @param dependencies what had to be visible before it; null unless they were asked for
 */
public record WriteInfo(Version version, Position position, @Nullable PositionSet dependencies) {}
