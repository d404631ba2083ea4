package dev.tidings.history;

import java.util.Comparator;
import java.util.regex.Matcher;

/**
 * A version as a client saw it. Of two writes of one key the one with the higher version is the
 * newer; versions of different keys are never compared.
 *
 * @param time a Lamport time or any other counter, 0 or more
 * @param replica who wrote, 1 or more; 0 where versions are plain counters
 * @param incarnation of the replica, 1 or more; 0 where it is not told
 */
public record SeenVersion(long time, int replica, int incarnation)
    implements Comparable<SeenVersion> {
  private static final Comparator<SeenVersion> ORDER =
      Comparator.comparingLong(SeenVersion::time)
          .thenComparingInt(SeenVersion::replica)
          .thenComparingInt(SeenVersion::incarnation);
  private static final java.util.regex.Pattern TEXT =
      java.util.regex.Pattern.compile("(\\d{1,19})(?:@(\\d{1,9})(?:\\.(\\d{1,10}))?)?");

  public SeenVersion {
    if (time < 0 || replica < 0 || incarnation < 0) {
      throw new IllegalArgumentException("a version has no negative parts");
    }
  }

  /**
   * Reads {@code 7}, {@code 7@2} or {@code 7@2.31}.
   *
   * @throws IllegalArgumentException if the text is none of these
   */
  public static SeenVersion parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException(
          "\"" + text + "\" is no version, such as 7, 7@2 or 7@2.31");
    }
    try {
      return new SeenVersion(
          Long.parseLong(parts.group(1)),
          parts.group(2) == null ? 0 : Integer.parseInt(parts.group(2)),
          parts.group(3) == null ? 0 : Integer.parseInt(parts.group(3)));
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          "version \"" + text + "\" has a number above 2^63 - 1, or 2^31 - 1 behind a point", e);
    }
  }

  @Override
  public int compareTo(SeenVersion other) {
    return ORDER.compare(this, other);
  }

  /** As {@link #parse} reads it. */
  @Override
  public String toString() {
    return incarnation > 0
        ? time + "@" + replica + "." + incarnation
        : replica > 0 ? time + "@" + replica : Long.toString(time);
  }
}
