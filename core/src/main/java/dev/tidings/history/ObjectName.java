package dev.tidings.history;

import org.jspecify.annotations.Nullable;

/**
 * An object that several may change at once without one of them losing.
 *
 * @param map the map whose field it is; null for none
 */
public record ObjectName(Type type, @Nullable String map, String key) {
  /** The type is part of the name: a counter and a set of one key are two objects. */
  public enum Type {
    /** Keeps all values that were put concurrently, until a put replaces those that it has seen. */
    MULTI,
    /** Adds up increments. */
    COUNTER,
    /** An add wins over a concurrent removal. */
    SET,
    /** Keeps every entry, all of them in one order, which agrees with causality. */
    FEED
  }
}
