package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tidings.drift.TickSchedule;
import java.math.BigDecimal;
import java.util.Map;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * What one host has otherwise than the rest; null where it has not.
 *
 * @param clockSpeed ticks a second
 * @param probInternal how likely a tick without a message is an internal event
 * @param start seconds after the run's beginning
 * @param hostCommand the program that is ticked in its place
 */
@JsonInclude(JsonInclude.Include.NON_NULL)
record HostOverride(
    @JsonProperty("clock_speed") @Nullable BigDecimal clockSpeed,
    @JsonProperty("prob_internal") @Nullable Double probInternal,
    @JsonProperty("start") @Nullable BigDecimal start,
    @JsonProperty("host_command") @Nullable String hostCommand) {
  private static final String ALLOWED =
      "an override is \"HOST: clock_speed=R prob_internal=P start=SECONDS host_command=COMMAND\","
          + " each of them if you like, the command last, not \"%s\"";
  private static final String COMMAND = "host_command";
  private static final BigDecimal LATEST = BigDecimal.valueOf(86_400);

  HostOverride {
    if (clockSpeed != null) {
      new TickSchedule(clockSpeed.doubleValue());
    }
    if (probInternal != null) {
      Checks.probability(probInternal);
    }
    if (hostCommand != null) {
      Checks.command(hostCommand);
    }
    if (start != null && (start.signum() < 0 || start.compareTo(LATEST) > 0)) {
      throw new IllegalArgumentException(
          "a host starts 0 to 86400 s after the run's beginning, not " + start);
    }
  }

  /**
   * @throws IllegalArgumentException if the text is none; the message says what is allowed
   */
  static Map.Entry<Integer, HostOverride> parse(String text) {
    var values = new TreeMap<String, String>();
    String[] parts = text.strip().split("\\s*:\\s*", 2);
    if (parts.length != 2 || !parts[0].matches("[0-9]{1,9}")) {
      throw new IllegalArgumentException(ALLOWED.formatted(text));
    }
    // A command has spaces of its own, and goes on to the end.
    String[] beforeAndCommand = parts[1].split("(^|[\\s,]+)" + COMMAND + "=", 2);
    if (beforeAndCommand.length == 2) {
      values.put(COMMAND, beforeAndCommand[1]);
    }
    boolean isCommandAlone = beforeAndCommand.length == 2 && beforeAndCommand[0].isEmpty();
    for (String word : isCommandAlone ? new String[0] : beforeAndCommand[0].split("[\\s,]+", -1)) {
      String[] pair = word.split("=", 2);
      if (pair.length != 2
          || !pair[0].matches("clock_speed|prob_internal|start")
          || !pair[1].matches("[0-9]+(\\.[0-9]+)?")) {
        throw new IllegalArgumentException(ALLOWED.formatted(text));
      }
      values.put(pair[0], pair[1]);
    }
    return Map.entry(
        Integer.valueOf(parts[0]),
        new HostOverride(
            decimal(values.get("clock_speed")),
            values.containsKey("prob_internal")
                ? Double.valueOf(values.get("prob_internal"))
                : null,
            decimal(values.get("start")),
            values.get(COMMAND)));
  }

  private static @Nullable BigDecimal decimal(@Nullable String text) {
    return text == null ? null : new BigDecimal(text);
  }
}
