package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;

/**
 * What an object is called among those of its kind.
 *
 * @param map the map whose field it is; empty for none
 */
public record Name(Bytes map, Bytes key) {
  /** Where a name may be absent. */
  public static final Bytes NONE = Bytes.of(new byte[0]);

  /** Of what a mutation changes. */
  static Name changedBy(Mutation mutation) {
    return mutation instanceof Mutation.InMap field
        ? new Name(field.map(), field.key())
        : of(mutation.key());
  }

  /** Of what is no map's field. */
  public static Name of(Bytes key) {
    return new Name(NONE, key);
  }
}
