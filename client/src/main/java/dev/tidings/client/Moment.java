package dev.tidings.client;

import java.util.Base64;

/**
 * How far a watch is: what it has told, and what it need not tell. Or what a read could see. A
 * watch that begins after it, at any replica of the cluster, tells everything else; a read at it
 * reads it again, where it is kept ({@link Query#at}), and otherwise something at least as late.
 *
 * @param bytes opaque
 */
public record Moment(Bytes bytes) {
  /**
   * What {@link #toString()} has made of a moment.
   *
   * @throws IllegalArgumentException if it has not
   */
  public static Moment parse(String text) {
    try {
      return new Moment(Bytes.of(Base64.getUrlDecoder().decode(text)));
    } catch (IllegalArgumentException e) {
      throw new IllegalArgumentException("\"" + text + "\" is not a moment: " + e.getMessage(), e);
    }
  }

  /** As text for other processes: letters, digits, {@code -} and {@code _}. */
  @Override
  public String toString() {
    return Base64.getUrlEncoder().withoutPadding().encodeToString(bytes.toByteArray());
  }
}
