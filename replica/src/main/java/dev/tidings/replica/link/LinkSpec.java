package dev.tidings.replica.link;

import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Simulated link delays as people write them: {@code 1-2=2s,1>3=500ms} is two seconds between 1 and
 * 2 both ways, and half a second from 1 to 3.
 */
public final class LinkSpec {
  private static final Pattern ENTRY =
      Pattern.compile("(\\d{1,9})([->])(\\d{1,9})=(\\d{1,9}(?:\\.\\d{1,3})?)(ms|s|m)");

  private LinkSpec() {}

  /**
   * The links that go out from a replica, by peer.
   *
   * @throws IllegalArgumentException if the text is not such a list
   */
  public static Map<Integer, LinkSettings> outgoing(int replicaId, String spec) {
    var links = new HashMap<Integer, LinkSettings>();
    for (String entry : spec.split(",", -1)) {
      if (entry.isBlank()) {
        continue;
      }
      Matcher m = ENTRY.matcher(entry.strip());
      if (!m.matches()) {
        throw new IllegalArgumentException(
            "a delay is written like 1-2=2s (both ways) or 1>3=500ms (one way), with ms, s or m, not \"%s\""
                .formatted(entry.strip()));
      }
      int from = Integer.parseInt(m.group(1));
      int to = Integer.parseInt(m.group(3));
      boolean bothWays = m.group(2).equals("-");
      var settings = new LinkSettings(duration(m.group(4), m.group(5)), false);
      if (from == replicaId) {
        links.put(to, settings);
      } else if (bothWays && to == replicaId) {
        links.put(from, settings);
      }
    }
    return links;
  }

  private static Duration duration(String number, String unit) {
    double millis =
        Double.parseDouble(number)
            * switch (unit) {
              case "ms" -> 1;
              case "s" -> 1_000;
              default -> 60_000;
            };
    return Duration.ofMillis(Math.round(millis));
  }
}
