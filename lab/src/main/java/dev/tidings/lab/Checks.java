package dev.tidings.lab;

import java.time.Duration;

/** What the laboratory's options may be, each told in one line. */
final class Checks {
  private static final Duration LONGEST = Duration.ofHours(24);

  private Checks() {}

  static void hostId(int id) {
    check(id >= 1, "a host's id is 1 or more, not %s", id);
  }

  static void hosts(int hosts) {
    check(hosts >= 1 && hosts <= 1_000, "a run of processes has 1 to 1000 hosts, not %s", hosts);
  }

  static void port(int port) {
    check(port >= 1 && port <= 65_535, "a port is between 1 and 65535, not %s", port);
  }

  static void address(String address) {
    check(
        address.matches(".+:\\d{1,5}"),
        "the router's address is HOST:PORT, such as 127.0.0.1:8200, not \"%s\"",
        address);
  }

  static void probability(double probability) {
    check(
        probability >= 0 && probability <= 1,
        "the probability of internal events is between 0 and 1, not %s",
        probability);
  }

  static void runTime(Duration runTime) {
    check(
        !runTime.isNegative() && !runTime.isZero() && runTime.compareTo(LONGEST) <= 0,
        "the run time is above 0 s and at most a day, not %s s",
        runTime.toMillis() / 1e3);
  }

  static void seed(long seed) {
    check(seed >= 0 && seed < Experiment.SEEDS, "a seed is 0 or more and below 2^53, not %s", seed);
  }

  static void name(String name) {
    check(
        name.matches("[A-Za-z0-9][A-Za-z0-9._-]{0,99}"),
        "an experiment's name has 1 to 100 letters, digits, dots, dashes or underscores, not \"%s\"",
        name);
  }

  private static void check(boolean isAllowed, String message, Object value) {
    if (!isAllowed) {
      throw new IllegalArgumentException(message.formatted(value));
    }
  }
}
