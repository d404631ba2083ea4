package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.KeyType;
import dev.tidings.v1.Position;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import dev.tidings.v1.WatchSelector;
import io.grpc.ManagedChannel;
import io.grpc.stub.StreamObserver;
import java.util.Map;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.HdrHistogram.AtomicHistogram;
import org.HdrHistogram.Histogram;
import org.jspecify.annotations.Nullable;

/**
 * How long after its commit a write is visible elsewhere: from the origin's answer to the writer to
 * what a watch at another replica tells, by one clock. Both ways back to this process are alike, so
 * they cancel each other but for their spread; what is seen before its answer counts as 0. One in
 * ten keys is watched.
 */
public final class VisibilityProbe implements AutoCloseable {
  private static final long BEGUN_WITHIN_SECONDS = 10;
  private static final long MAX_NANOS = TimeUnit.MINUTES.toNanos(2);
  private static final String TENTH = "key-00000";

  private final ManagedChannel channel;
  private final int origin;
  private final Map<Long, Long> answered = new ConcurrentHashMap<>();
  private final Map<Long, Long> seen = new ConcurrentHashMap<>();
  private volatile @Nullable Throwable broken;
  private volatile Histogram latencies = new AtomicHistogram(MAX_NANOS, 3);

  /**
   * @param replica where the watch is
   * @param origin whose writes count
   */
  public VisibilityProbe(TidingsCluster cluster, int replica, int origin)
      throws InterruptedException {
    this.origin = origin;
    this.channel = GrpcChannels.open(cluster.port(replica));
    var begun = new CountDownLatch(1);
    CausalStoreServiceGrpc.newStub(channel)
        .watch(
            WatchRequest.newBuilder()
                .addSelectors(
                    WatchSelector.newBuilder()
                        .setType(KeyType.KEY_TYPE_REGISTER)
                        .setPrefix(ByteString.copyFromUtf8(TENTH)))
                .build(),
            new StreamObserver<>() {
              @Override
              public void onNext(WatchResponse response) {
                begun.countDown();
                if (response.hasWrite()) {
                  onSeen(response.getWrite().getWrittenBy().getPosition());
                }
              }

              @Override
              public void onError(Throwable failure) {
                broken = failure;
              }

              @Override
              public void onCompleted() {
                // A watch ends with a status only.
              }
            });
    if (!begun.await(BEGUN_WITHIN_SECONDS, TimeUnit.SECONDS)) {
      throw new IllegalStateException("a watch did not begin");
    }
  }

  private void onSeen(Position position) {
    if (position.getOrigin().getReplicaId() == origin) {
      meet(position.getSequence(), seen, answered);
    }
  }

  /** The origin has answered; its answer tells not which key, so all are remembered. */
  public void onWritten(ClientWriteResponse response) {
    if (response.getPosition().getOrigin().getReplicaId() == origin) {
      meet(response.getPosition().getSequence(), answered, seen);
    }
  }

  /** Whoever comes second finds when the first came. */
  private void meet(long sequence, Map<Long, Long> mine, Map<Long, Long> others) {
    long now = System.nanoTime();
    mine.put(sequence, now);
    Long other = others.get(sequence);
    if (other != null && mine.remove(sequence) != null && others.remove(sequence) != null) {
      // The other thread may have looked at the clock later, and come earlier.
      latencies.recordValue(mine == seen ? Math.max(0, Math.min(now - other, MAX_NANOS)) : 0);
    }
  }

  /**
   * Takes what was measured since the last time.
   *
   * @throws LoadFailedException if the watch has ended
   */
  public Histogram take() {
    Throwable reason = broken;
    if (reason != null) {
      throw new LoadFailedException("the watch has ended: " + reason.getMessage(), reason);
    }
    Histogram taken = latencies;
    latencies = new AtomicHistogram(MAX_NANOS, 3);
    answered.clear();
    seen.clear();
    return taken;
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
