package dev.tidings.replica;

import dev.tidings.clock.Version;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.storage.Stored;
import java.util.Optional;

/**
 * What a register has to be here for a write to be accepted.
 *
 * @param version its newest one, a delete's too; empty: it has no value
 */
public record Condition(Name register, Optional<Version> version) {
  boolean holds(Optional<Stored> stored) {
    return version.isPresent()
        ? stored.map(Stored::version).equals(version)
        : stored.flatMap(Stored::value).isEmpty();
  }
}
