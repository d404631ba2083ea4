package dev.tidings.spacetime;

import dev.tidings.clock.VectorClock;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A space-time diagram as a log that ShiViz opens as it is (Beschastnikh et al., "Visualizing
 * Distributed System Executions", 2020): the expression to read it with, an empty delimiter, and
 * two lines for each event.
 */
public final class ShiVizLog {
  private static final String EXPRESSION = "(?<host>\\S*) (?<clock>{.*})\\n(?<event>.*)";

  private ShiVizLog() {}

  /** The whole log. */
  public static String of(SpaceTime diagram) {
    List<String> hosts = hosts(diagram.processes());
    List<VectorClock> clocks = diagram.vectorClocks();
    var log = new StringBuilder(EXPRESSION).append("\n\n");
    for (int i = 0; i < clocks.size(); i++) {
      SpaceTime.Event event = diagram.events().get(i);
      log.append(hosts.get(event.process()))
          .append(' ')
          .append(json(clocks.get(i), hosts))
          .append('\n')
          .append(event.label().replaceAll("\\s+", " "))
          .append('\n');
    }
    return log.toString();
  }

  private static String json(VectorClock clock, List<String> hosts) {
    return clock.events().entrySet().stream()
        .map(entry -> "\"%s\":%d".formatted(hosts.get(entry.getKey() - 1), entry.getValue()))
        .collect(Collectors.joining(", ", "{", "}"));
  }

  /** A host is one word, which needs no escape in JSON; two that become one word are told apart. */
  private static List<String> hosts(List<String> processes) {
    var hosts = new ArrayList<String>();
    for (String process : processes) {
      String host = process.replaceAll("[^\\p{L}\\p{N}._-]", "-");
      hosts.add(hosts.contains(host) ? host + "-" + (hosts.size() + 1) : host);
    }
    return hosts;
  }
}
