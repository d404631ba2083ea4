package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;

/**
 * What an object is called among those of its kind.
 *
 * @param map the map whose field it is; empty for none
 */
public record Name(Bytes map, Bytes key) {
  /** Where a name may be absent. */
  public static final Bytes NONE = Bytes.of(new byte[0]);

  /** Of what is no map's field. */
  public static Name of(Bytes key) {
    return new Name(NONE, key);
  }
}
