package dev.tidings.bench.contestants;

import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.replica.wire.Wire;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.GetStatusRequest;
import dev.tidings.v1.GetStatusResponse;
import dev.tidings.v1.SetLinkRequest;
import dev.tidings.v1.SimulatedLink;
import io.grpc.ManagedChannel;
import io.grpc.StatusRuntimeException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.function.Predicate;
import java.util.stream.IntStream;

/** Looks at a replica from outside, and changes its links. */
public final class ReplicaAdmin implements AutoCloseable {
  private static final Duration PATIENCE = Duration.ofMinutes(2);
  private static final long CALL_SECONDS = 5;
  private static final long LOOK_MILLIS = 20;

  private final ManagedChannel channel;
  private final AdminServiceGrpc.AdminServiceBlockingStub calls;

  public ReplicaAdmin(TidingsCluster cluster, int replica) {
    channel = GrpcChannels.open(cluster.port(replica));
    calls = AdminServiceGrpc.newBlockingStub(channel);
  }

  /** Empty while it does not answer. */
  public Optional<GetStatusResponse> status() {
    try {
      return Optional.of(
          calls
              .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
              .getStatus(GetStatusRequest.getDefaultInstance()));
    } catch (StatusRuntimeException e) {
      return Optional.empty();
    }
  }

  /** How many writes it has shown; 0 while it does not answer. */
  public long visible() {
    return count().orElse(0L);
  }

  private Optional<Long> count() {
    return status()
        .map(
            status ->
                Wire.fromProto(status.getFrontier()).prefixes().counts().values().stream()
                    .mapToLong(Long::longValue)
                    .sum());
  }

  /** Returns when all replicas show as many writes; nobody may write meanwhile. */
  public static void awaitAllEverywhere(TidingsCluster cluster) throws InterruptedException {
    await(
        cluster,
        all -> {
          List<Optional<Long>> counts = all.stream().map(ReplicaAdmin::count).distinct().toList();
          return counts.size() == 1 && counts.get(0).isPresent();
        },
        "the replicas do not show the same");
  }

  /** Returns when all replicas serve clients, and their logs flow to all peers. */
  public static void awaitConnected(TidingsCluster cluster) throws InterruptedException {
    await(
        cluster,
        all -> all.stream().allMatch(ReplicaAdmin::isConnected),
        "the replicas did not all reach each other");
  }

  private static void await(
      TidingsCluster cluster, Predicate<List<ReplicaAdmin>> condition, String otherwise)
      throws InterruptedException {
    List<ReplicaAdmin> all =
        IntStream.rangeClosed(1, cluster.servers().size())
            .mapToObj(id -> new ReplicaAdmin(cluster, id))
            .toList();
    try {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (!condition.test(all)) {
        if (System.nanoTime() > end) {
          throw new IllegalStateException(
              "%s within %d s".formatted(otherwise, PATIENCE.toSeconds()));
        }
        TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
      }
    } finally {
      all.forEach(ReplicaAdmin::close);
    }
  }

  private boolean isConnected() {
    return status()
        .map(
            status ->
                status.getServing()
                    && status.getPeersList().stream().allMatch(peer -> peer.getConnected()))
        .orElse(false);
  }

  /** Simulates a link of this delay from this replica to another. */
  public void delay(int toReplica, Duration delay) {
    calls
        .withDeadlineAfter(CALL_SECONDS, TimeUnit.SECONDS)
        .setLink(
            SetLinkRequest.newBuilder()
                .setToReplicaId(toReplica)
                .setLink(SimulatedLink.newBuilder().setDelayMillis(delay.toMillis()))
                .build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
