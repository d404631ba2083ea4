package dev.tidings.bench;

import dev.tidings.bench.servers.Workspace;
import java.time.Duration;
import java.util.OptionalInt;

/**
 * How long everything takes, and where.
 *
 * @param quick whether two minutes have to be enough for all of it
 * @param askedRounds how many rounds the user wants; empty for each part's own number
 */
record Settings(Workspace workspace, boolean quick, OptionalInt askedRounds) {
  int rounds(int thorough, int quickly) {
    return askedRounds.orElse(quick ? quickly : thorough);
  }

  Duration round() {
    return Duration.ofMillis(quick ? 400 : 1_000);
  }

  /** How long servers run before it is looked whether they have become faster. */
  Duration warmUp() {
    return Duration.ofMillis(quick ? 250 : 750);
  }
}
