package dev.tidings.lab;

import java.math.BigDecimal;
import java.time.Duration;

/** What the laboratory's options may be, each told in one line. */
final class Checks {
  private static final Duration LONGEST = Duration.ofHours(24);

  private Checks() {}

  static void hostId(int id) {
    check(id >= 1, "a host's id is 1 or more, not %s", id);
  }

  static void hosts(Mode mode, int hosts) {
    check(
        hosts >= 1 && hosts <= mode.maxHosts(),
        mode.words() + " has 1 to " + mode.maxHosts() + " hosts, not %s",
        hosts);
  }

  static void others(int others, int hosts) {
    check(
        others >= Math.min(1, hosts - 1) && others < hosts,
        "each of %d hosts knows 1 to %d others, not %%s".formatted(hosts, hosts - 1),
        others);
  }

  static void overridden(int host, int hosts) {
    check(
        host >= 1 && host <= hosts,
        "an override is for one of the hosts 1 to " + hosts + ", not for host %s",
        host);
  }

  static void command(String command) {
    check(!command.isBlank(), "a host's program is a command of the shell, not \"%s\"", command);
  }

  static void noPrograms(boolean hasPrograms) {
    check(
        !hasPrograms,
        "in virtual time all hosts are ours; a host_command is for a run in real time%s",
        "");
  }

  static void jitter(double jitter) {
    check(
        jitter >= 0 && jitter <= 1,
        "the tick jitter is a part of the time between two ticks, 0 to 1, not %s",
        jitter);
  }

  static void loss(double loss) {
    check(loss >= 0 && loss <= 1, "the loss is between 0 and 1, not %s", loss);
  }

  static void timeScale(BigDecimal scale) {
    check(
        scale.compareTo(BigDecimal.valueOf(1, 2)) >= 0
            && scale.compareTo(BigDecimal.valueOf(1_000)) <= 0,
        "the time scale is between 0.01 and 1000, not %s",
        scale.toPlainString());
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
        "the run time is 0.001 to 86400 s, not %s s",
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
