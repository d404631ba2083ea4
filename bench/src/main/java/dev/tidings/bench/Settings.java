package dev.tidings.bench;

import dev.tidings.bench.contestants.Keys;
import dev.tidings.bench.contestants.ReplicaAdmin;
import dev.tidings.bench.load.Client;
import dev.tidings.bench.load.OpenLoop;
import dev.tidings.bench.load.WarmUp;
import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.bench.servers.Workspace;
import java.io.IOException;
import java.time.Duration;
import java.util.List;
import java.util.OptionalInt;

/**
 * How long everything takes, and where.
 *
 * @param quick whether it is to be over soon, rather than to be quoted
 * @param askedRounds how many rounds the user wants; empty for each part's own number
 */
record Settings(Workspace workspace, boolean quick, OptionalInt askedRounds) {
  int rounds(int thorough, int quickly) {
    return askedRounds.orElse(quick ? quickly : thorough);
  }

  Duration round() {
    return Duration.ofMillis(quick ? 400 : 1_000);
  }

  /**
   * Returns when all serve clients, and their logs flow to all peers.
   *
   * @param consistency {@link TidingsCluster#CAUSAL} or {@link TidingsCluster#EVENTUAL}
   */
  TidingsCluster startCluster(int replicas, String consistency)
      throws IOException, InterruptedException {
    TidingsCluster cluster = TidingsCluster.start(workspace, replicas, consistency);
    ReplicaAdmin.awaitConnected(cluster);
    return cluster;
  }

  /** For a server process that has just started. As writes, enough for all keys. */
  WarmUp warmUp() {
    return untilCalm((quick ? 1L : 6L) * Keys.COUNT);
  }

  /** For several that share the load, and what each does for the others. */
  WarmUp warmUp(int servers) {
    return untilCalm(quick ? 1_000 : 120_000L * servers);
  }

  /** For servers that have been used, before a load of another kind. */
  WarmUp settling() {
    return untilCalm(0);
  }

  /**
   * Lets servers compile anew what a change of their situation has thrown away, before anybody
   * looks: at a fixed rate they are at it for ten seconds to a minute.
   */
  void settle(List<? extends Client> clients, double requestsPerSecond)
      throws InterruptedException {
    if (quick) {
      OpenLoop.run(clients, requestsPerSecond, Duration.ofSeconds(1));
    } else {
      WarmUp.atRate(clients, requestsPerSecond, Duration.ofSeconds(4));
    }
  }

  private WarmUp untilCalm(long fewestOperations) {
    return quick
        ? new WarmUp(Duration.ofMillis(200), fewestOperations, 1)
        : new WarmUp(Duration.ofMillis(750), fewestOperations, 4);
  }
}
