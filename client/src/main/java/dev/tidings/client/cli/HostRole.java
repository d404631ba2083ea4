package dev.tidings.client.cli;

import dev.tidings.lab.HostCommand;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The role that speaks to a router and not to a replica: it belongs to the drift laboratory, with
 * options of its own.
 */
final class HostRole {
  private static final String ROLE = "--role";
  private static final String HOST = "host";

  private HostRole() {}

  /** The other arguments, if these ask for the role. */
  static Optional<List<String>> arguments(List<String> arguments) {
    var others = new ArrayList<>(arguments);
    int place = arguments.indexOf(ROLE);
    if (others.remove(ROLE + "=" + HOST)) {
      return Optional.of(others);
    }
    if (place >= 0 && place + 1 < others.size() && others.get(place + 1).equals(HOST)) {
      others.subList(place, place + 2).clear();
      return Optional.of(others);
    }
    return Optional.empty();
  }

  /** Returns the exit code. */
  static int run(List<String> arguments) {
    return HostCommand.run(arguments.toArray(String[]::new));
  }
}
