package dev.tidings.client;

/**
 * One change of one key. The type is part of the key: a register and a feed of one name never
 * collide.
 */
public sealed interface Mutation {
  /** Sets a register. */
  record Put(Bytes key, Bytes value) implements Mutation {}

  /** Makes a register absent. */
  record Delete(Bytes key) implements Mutation {}

  /** Adds an entry to a feed; every entry is kept. */
  record Append(Bytes feed, Bytes value) implements Mutation {}
}
