package dev.tidings.client.demo;

import dev.tidings.client.Bytes;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What can be said about the ring. The words are a convenience; causality comes from reads and
 * writes.
 */
public enum RingWord {
  LOST("Alice", "I have lost my wedding ring!", null),
  FOUND("Alice", "I have found my wedding ring!", LOST),
  GLAD("Bob", "I am glad to hear that!", FOUND);

  /** The feed that all of it is said in. */
  public static final Bytes FEED = Bytes.of("ring");

  private final String speaker;
  private final String text;
  private final @Nullable RingWord needs;

  RingWord(String speaker, String text, @Nullable RingWord needs) {
    this.speaker = speaker;
    this.text = text;
    this.needs = needs;
  }

  public String speaker() {
    return speaker;
  }

  public String text() {
    return text;
  }

  /** What only makes sense after this: what its speaker must have read or said before. */
  public Optional<RingWord> needs() {
    return Optional.ofNullable(needs);
  }

  /** As it stands in the feed. */
  public Bytes entry() {
    return entry(speaker, text);
  }

  /** Anything that anyone says, as it stands in the feed. */
  public static Bytes entry(String speaker, String text) {
    return Bytes.of(speaker + ": " + text);
  }
}
