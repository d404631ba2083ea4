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
import java.util.Optional;
import java.util.concurrent.TimeUnit;

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

  /** How many writes it has shown. */
  public long visible() {
    return status()
        .map(
            status ->
                Wire.fromProto(status.getFrontier()).prefixes().counts().values().stream()
                    .mapToLong(Long::longValue)
                    .sum())
        .orElse(0L);
  }

  /** Returns when it shows so many writes. */
  public void awaitVisible(long writes) throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (visible() < writes) {
      pause(end, "did not show %,d writes".formatted(writes));
    }
  }

  /** Returns when it serves clients and its log flows to all peers. */
  public void awaitConnected() throws InterruptedException {
    long end = System.nanoTime() + PATIENCE.toNanos();
    while (!status()
        .map(
            status ->
                status.getServing()
                    && status.getPeersList().stream().allMatch(peer -> peer.getConnected()))
        .orElse(false)) {
      pause(end, "did not reach all its peers");
    }
  }

  private static void pause(long end, String what) throws InterruptedException {
    if (System.nanoTime() > end) {
      throw new IllegalStateException(
          "a replica %s within %d s".formatted(what, PATIENCE.toSeconds()));
    }
    TimeUnit.MILLISECONDS.sleep(LOOK_MILLIS);
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
