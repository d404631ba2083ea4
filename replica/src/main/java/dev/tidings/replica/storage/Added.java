package dev.tidings.replica.storage;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.causal.Write;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * What a write adds to a counter, a set or a feed: the same, in the same places, in all tries of a
 * request. It is remembered apart from the write's log, which may be cut before another try is met
 * with.
 *
 * @param place of the mutation in its write
 * @param mutation an append without its value: that is in the feed
 */
record Added(int place, Mutation mutation) {
  Added {
    if (kept(mutation).isEmpty()) {
      throw new IllegalArgumentException("nothing is added by " + mutation);
    }
  }

  static List<Added> by(Write write) {
    List<Added> added = new ArrayList<>(0);
    for (int place = 0; place < write.mutations().size(); place++) {
      int at = place;
      kept(write.mutations().get(place)).ifPresent(it -> added.add(new Added(at, it)));
    }
    return added;
  }

  private static Optional<Mutation> kept(Mutation mutation) {
    if (mutation instanceof Mutation.InMap field) {
      return kept(field.change()).map(change -> new Mutation.InMap(field.map(), change));
    }
    if (mutation instanceof Mutation.Append append) {
      return Optional.of(new Mutation.Append(append.key(), Bytes.of(new byte[0])));
    }
    return mutation instanceof Mutation.Increment || mutation instanceof Mutation.Add
        ? Optional.of(mutation)
        : Optional.empty();
  }
}
