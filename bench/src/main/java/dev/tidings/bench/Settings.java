package dev.tidings.bench;

import dev.tidings.bench.load.WarmUp;
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

  /** For one server process. */
  WarmUp warmUp() {
    return warmUp(1);
  }

  /** For several server processes that share the load, and what each does for the others. */
  WarmUp warmUp(int servers) {
    return quick
        ? new WarmUp(Duration.ofMillis(250), 15_000)
        : new WarmUp(Duration.ofMillis(750), servers == 1 ? 15_000 : 120_000L * servers);
  }
}
