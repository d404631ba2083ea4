package dev.tidings.bench;

import dev.tidings.bench.contestants.Keys;
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

  /** For a server process that has just started. As writes, enough for all keys. */
  WarmUp warmUp() {
    return untilCalm((quick ? 2L : 6L) * Keys.COUNT);
  }

  /** For several that share the load, and what each does for the others. */
  WarmUp warmUp(int servers) {
    return untilCalm(quick ? 5_000 : 120_000L * servers);
  }

  /** For servers that have been used, before a load of another kind. */
  WarmUp settling() {
    return untilCalm(0);
  }

  private WarmUp untilCalm(long fewestOperations) {
    return new WarmUp(Duration.ofMillis(quick ? 250 : 750), fewestOperations);
  }
}
