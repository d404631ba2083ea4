package dev.tidings.client;

import dev.tidings.clock.Version;
import org.jspecify.annotations.Nullable;

/**
 * What a register has to be for a write to be accepted, at the replica that is asked and at the
 * moment at which it accepts. Another replica may accept a write under the same condition at the
 * same time: then both stand, and the last writer by version wins.
 *
 * @param map the map whose field the register is; null for none
 * @param version its newest version, whether that is a value or a delete; null: it has no value
 */
public record Condition(@Nullable Bytes map, Bytes key, @Nullable Version version) {
  /** The register has no value: it was never written here, or was deleted. */
  public static Condition absent(Bytes key) {
    return new Condition(null, key, null);
  }

  /** The register has this version: see {@link Value#writtenBy()}. */
  public static Condition version(Bytes key, Version version) {
    return new Condition(null, key, version);
  }

  /** The same of the field of that name in a map. */
  public Condition inMap(Bytes map) {
    return new Condition(map, key, version);
  }
}
