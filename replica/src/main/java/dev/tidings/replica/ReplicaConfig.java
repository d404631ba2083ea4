package dev.tidings.replica;

import dev.tidings.causal.Consistency;
import dev.tidings.causal.Member;
import dev.tidings.replica.link.LinkSettings;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * How a replica is set up.
 *
 * @param replicaId 1 or more
 * @param cluster 1 to 100 characters; replicas of different clusters refuse each other
 * @param listen where clients are served
 * @param peerListen where peers are served
 * @param metricsListen where Prometheus reads metrics; null for nowhere
 * @param peers the other replicas' peer addresses, by id
 * @param minFreeBytes with less space on its disk a replica takes no writes; 0 or more
 * @param links simulated links to peers, by id
 * @param readWait how long a request waits for what its session depends on, at most a minute
 * @param joinWait how long a replica that begins with an empty directory waits for peers that do
 *     not answer, 0 to an hour
 * @param maxForwardJumpTicks how far a client may push the clock, 0 to 2^31
 * @param homes which keys have one; the same for the whole cluster
 */
public record ReplicaConfig(
    int replicaId,
    String cluster,
    HostPort listen,
    HostPort peerListen,
    @Nullable HostPort metricsListen,
    Map<Integer, HostPort> peers,
    Path data,
    long minFreeBytes,
    Map<Integer, LinkSettings> links,
    Consistency consistency,
    Limits limits,
    Duration readWait,
    Duration joinWait,
    long maxForwardJumpTicks,
    Retention retention,
    Homes homes) {
  /** A clock that a client has pushed is still well within what peers take. */
  private static final long MOST_FORWARD_JUMP_TICKS = 1L << 31;

  public ReplicaConfig {
    if (replicaId < 1) {
      throw new IllegalArgumentException("a replica's id is 1 or more, not " + replicaId);
    }
    if (cluster.isBlank() || cluster.length() > 100) {
      throw new IllegalArgumentException("a cluster's name has 1 to 100 characters");
    }
    if (peers.containsKey(replicaId)) {
      throw new IllegalArgumentException("replica " + replicaId + " is listed as its own peer");
    }
    if (readWait.isNegative() || readWait.compareTo(Duration.ofMinutes(1)) > 0) {
      throw new IllegalArgumentException("the read wait is between 0 and a minute");
    }
    if (joinWait.isNegative() || joinWait.compareTo(Duration.ofHours(1)) > 0) {
      throw new IllegalArgumentException("the join wait is between 0 and an hour");
    }
    if (peers.size() >= Member.MOST) {
      throw new IllegalArgumentException(
          "a cluster has at most %d replicas, not %d".formatted(Member.MOST, peers.size() + 1));
    }
    if (minFreeBytes < 0) {
      throw new IllegalArgumentException("the free space to keep is 0 or more bytes");
    }
    if (maxForwardJumpTicks < 0 || maxForwardJumpTicks > MOST_FORWARD_JUMP_TICKS) {
      throw new IllegalArgumentException(
          "the forward jump is bounded by 0 to %d ticks".formatted(MOST_FORWARD_JUMP_TICKS));
    }
    for (int peer : links.keySet()) {
      if (!peers.containsKey(peer)) {
        throw new IllegalArgumentException(
            "the delay %d-%d speaks of replica %d, which is not a peer; peers are %s"
                .formatted(replicaId, peer, peer, peers.keySet()));
      }
    }
    peers = Map.copyOf(peers);
    links = Map.copyOf(links);
  }
}
