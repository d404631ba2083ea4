package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;

/** Which mutations a watch is for: those that any of its selectors matches. Immutable. */
public final class WatchFilter {
  /** What a key names. */
  public enum Type {
    REGISTER,
    MULTI,
    COUNTER,
    SET,
    FEED,
    /** A map with all of its fields. */
    MAP
  }

  /** Some keys of a type, or of every type. */
  public record Selector(Optional<Type> type, Keys keys) {}

  /** Some keys, whatever they name. */
  public sealed interface Keys {
    /** This one. */
    record One(Bytes key) implements Keys {}

    /** Those that begin so. */
    record Prefix(Bytes prefix) implements Keys {}

    /**
     * Those from one to another, compared as unsigned bytes.
     *
     * @param to the first that is not in it any more; empty for no end
     */
    record Range(Bytes from, Optional<Bytes> to) implements Keys {}

    /** All there are. */
    record All() implements Keys {}
  }

  private record Named(Type type, Bytes key) {}

  /** A watch of many single keys does not look at them one by one. */
  private final Set<Named> single = new HashSet<>();

  private final List<Selector> others = new ArrayList<>();

  public WatchFilter(List<Selector> selectors) {
    for (Selector selector : selectors) {
      if (selector.keys() instanceof Keys.One one) {
        for (Type type : selector.type().map(List::of).orElse(List.of(Type.values()))) {
          single.add(new Named(type, one.key()));
        }
      } else {
        others.add(selector);
      }
    }
  }

  /** The write's mutations that are watched, in its order. */
  List<Mutation> matching(List<Mutation> mutations) {
    return mutations.stream().filter(this::matches).toList();
  }

  private boolean matches(Mutation mutation) {
    Bytes key = mutation instanceof Mutation.InMap field ? field.map() : mutation.key();
    return type(mutation).filter(type -> matches(type, key)).isPresent();
  }

  private boolean matches(Type type, Bytes key) {
    return single.contains(new Named(type, key))
        || others.stream()
            .anyMatch(
                selector -> selector.type().orElse(type) == type && contains(selector.keys(), key));
  }

  /** Empty for what is not clients' business. */
  private static Optional<Type> type(Mutation mutation) {
    if (mutation instanceof Mutation.Put || mutation instanceof Mutation.Delete) {
      return Optional.of(Type.REGISTER);
    } else if (mutation instanceof Mutation.Append) {
      return Optional.of(Type.FEED);
    } else if (mutation instanceof Mutation.MultiPut) {
      return Optional.of(Type.MULTI);
    } else if (mutation instanceof Mutation.Increment
        || mutation instanceof Mutation.CounterDelete) {
      return Optional.of(Type.COUNTER);
    } else if (mutation instanceof Mutation.Add || mutation instanceof Mutation.Remove) {
      return Optional.of(Type.SET);
    } else if (mutation instanceof Mutation.InMap || mutation instanceof Mutation.MapDelete) {
      return Optional.of(Type.MAP);
    } else if (mutation instanceof Mutation.SetMember) {
      return Optional.empty();
    }
    throw new AssertionError(mutation);
  }

  private static boolean contains(Keys keys, Bytes key) {
    if (keys instanceof Keys.Prefix it) {
      return key.startsWith(it.prefix());
    } else if (keys instanceof Keys.Range it) {
      return Arrays.compareUnsigned(key.array(), it.from().array()) >= 0
          && it.to().map(to -> Arrays.compareUnsigned(key.array(), to.array()) < 0).orElse(true);
    } else if (keys instanceof Keys.All) {
      return true;
    }
    // Single keys are looked up.
    throw new AssertionError(keys);
  }
}
