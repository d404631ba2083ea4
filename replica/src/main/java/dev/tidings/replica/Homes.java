package dev.tidings.replica;

import dev.tidings.causal.Bytes;
import dev.tidings.causal.Mutation;
import dev.tidings.replica.storage.Name;
import dev.tidings.replica.wire.InvalidRequestException;
import java.nio.charset.StandardCharsets;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.OptionalInt;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * Which keys have a home: one replica that alone decides all writes to them, so that what it
 * decides holds everywhere. The longest prefix of a key counts, whatever its type; of a map's
 * field, the map's name. The same for the whole cluster.
 */
public final class Homes {
  /** No key has one. */
  public static final Homes NONE = new Homes(Map.of());

  /** So long is the text of all of them at most. */
  public static final int MAX_LENGTH = 10_000;

  private final Map<String, Integer> byPrefix;

  /** The longest first. */
  private final List<Home> homes;

  private record Home(Bytes prefix, int replicaId) {}

  private Homes(Map<String, Integer> byPrefix) {
    this.byPrefix = new TreeMap<>(byPrefix);
    this.homes =
        byPrefix.entrySet().stream()
            .map(e -> new Home(Bytes.of(e.getKey().getBytes(StandardCharsets.UTF_8)), e.getValue()))
            .sorted(Comparator.comparingInt(home -> -home.prefix().size()))
            .toList();
  }

  /**
   * As people write them: {@code accounts/=1,locks/=2}.
   *
   * @param text empty for none
   * @throws IllegalArgumentException if the text is not such a list
   */
  public static Homes parse(String text) {
    var byPrefix = new TreeMap<String, Integer>();
    if (text.length() > MAX_LENGTH) {
      throw new IllegalArgumentException(
          "the homes are %d characters long, and at most %d are possible"
              .formatted(text.length(), MAX_LENGTH));
    }
    for (String entry : text.split(",", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      String[] sides = entry.strip().split("=", -1);
      if (sides.length != 2 || sides[0].isEmpty() || !sides[1].matches("[1-9]\\d{0,8}")) {
        throw new IllegalArgumentException(
            "a home is written like accounts/=1, a prefix of keys without a comma or = and a replica's number, not \"%s\""
                .formatted(entry.strip()));
      }
      if (byPrefix.put(sides[0], Integer.valueOf(sides[1])) != null) {
        throw new IllegalArgumentException("prefix \"" + sides[0] + "\" has two homes");
      }
    }
    return new Homes(byPrefix);
  }

  /**
   * The replica that decides such a write; empty if any may.
   *
   * @throws InvalidRequestException if no single one may
   */
  public OptionalInt of(WriteRequest write) {
    if (homes.isEmpty()) {
      return OptionalInt.empty();
    }
    var found = new TreeSet<Integer>();
    Stream.concat(
            write.mutations().stream().map(Homes::key),
            write.conditions().stream().map(condition -> key(condition.register())))
        .forEach(key -> of(key).ifPresent(found::add));
    if (found.size() > 1) {
      throw new InvalidRequestException(
          "the write's keys have several homes, replicas %s: only one replica can decide a write"
              .formatted(found));
    }
    return found.isEmpty() ? OptionalInt.empty() : OptionalInt.of(found.first());
  }

  private OptionalInt of(Bytes key) {
    return homes.stream()
        .filter(home -> key.startsWith(home.prefix()))
        .mapToInt(Home::replicaId)
        .findFirst();
  }

  private static Bytes key(Mutation mutation) {
    return mutation instanceof Mutation.InMap field ? field.map() : mutation.key();
  }

  private static Bytes key(Name register) {
    return register.map().size() == 0 ? register.key() : register.map();
  }

  @Override
  public boolean equals(Object other) {
    return other instanceof Homes that && byPrefix.equals(that.byPrefix);
  }

  @Override
  public int hashCode() {
    return byPrefix.hashCode();
  }

  /** As {@link #parse} takes it, by prefix. */
  @Override
  public String toString() {
    return byPrefix.entrySet().stream()
        .map(e -> e.getKey() + "=" + e.getValue())
        .collect(Collectors.joining(","));
  }
}
