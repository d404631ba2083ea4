package dev.tidings.history;

import org.jspecify.annotations.Nullable;

/**
 * A register that keeps the last value written.
 *
 * @param map the map whose field it is; null for none
 */
public record RegisterName(@Nullable String map, String key) {
  public static RegisterName of(String key) {
    return new RegisterName(null, key);
  }
}
