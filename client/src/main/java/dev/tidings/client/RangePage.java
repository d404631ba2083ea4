package dev.tidings.client;

import java.util.List;

/**
 * Some registers, all from one moment.
 *
 * @param registers those that have a value, in the order of their keys. A page may have fewer than
 *     its limit, or none, and another after it
 * @param next from which key on the next page begins; empty bytes if this page reached the end
 */
public record RangePage(List<KeyValue> registers, Bytes next) implements Page<KeyValue> {
  public RangePage {
    registers = List.copyOf(registers);
  }

  /** As {@link #registers()}. */
  @Override
  public List<KeyValue> contents() {
    return registers;
  }
}
