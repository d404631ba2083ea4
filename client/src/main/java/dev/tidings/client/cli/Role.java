package dev.tidings.client.cli;

import dev.tidings.client.demo.RingWord;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Set;
import java.util.stream.Collectors;

/**
 * The roles that a client can play. They differ in nothing but this and their words, {@link
 * RingWord}.
 */
enum Role {
  ALICE("Alice", "127.0.0.1:8000"),
  BOB("Bob", "127.0.0.1:8001");

  /** What can be typed, for completion. */
  static final class Words extends ArrayList<String> {
    private static final long serialVersionUID = 1L;

    Words() {
      super(List.of("alice", "bob", "host"));
    }
  }

  private final String speaker;
  private final String home;

  Role(String speaker, String home) {
    this.speaker = speaker;
    this.home = home;
  }

  /** The name that is put before what is said. */
  String speaker() {
    return speaker;
  }

  /** HOST:PORT of the replica where the role's sessions begin. */
  String home() {
    return home;
  }

  /** What the role can say about the ring. */
  Set<RingWord> words() {
    return Arrays.stream(RingWord.values())
        .filter(word -> word.speaker().equals(speaker))
        .collect(Collectors.toUnmodifiableSet());
  }

  /** As it is typed. */
  @Override
  public String toString() {
    return name().toLowerCase(Locale.ROOT);
  }

  static Role of(String typed) {
    return Arrays.stream(values())
        .filter(role -> role.toString().equals(typed))
        .findFirst()
        .orElseThrow(
            () ->
                CommandFailure.usage(
                    "there is no role \"%s\"; the roles are %s, and host"
                        .formatted(
                            typed,
                            Arrays.stream(values())
                                .map(Role::toString)
                                .collect(Collectors.joining(", ")))));
  }
}
