package dev.tidings.router;

import dev.tidings.v1.Incoming;
import dev.tidings.v1.RouteResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;

/**
 * What waits for one host: as much as its stream does not take at once, up to a bound. Deliveries
 * that have queued up leave in one frame. Confined to the service's context.
 */
final class HostQueue {
  /** So many deliveries share a frame at most. */
  private static final int MAX_FRAME = 1_000;

  /**
   * So many bytes of them, well below gRPC's limit on a message; a larger one has a frame of its
   * own.
   */
  private static final int MAX_FRAME_BYTES = 1 << 20;

  private final ServerCallStreamObserver<RouteResponse> call;
  private final int bound;
  private final RouterCounts counts;
  private final Queue<RouteResponse> queue = new ArrayDeque<>();
  private boolean completing;
  private boolean ended;

  HostQueue(ServerCallStreamObserver<RouteResponse> call, int bound, RouterCounts counts) {
    this.call = call;
    this.bound = bound;
    this.counts = counts;
    counts.hosts.increment();
  }

  /** Whether nothing can be said to the host any more. */
  boolean hasEnded() {
    return ended;
  }

  /**
   * Queues a message; false if that would pass the bound. What is for a stream that has ended is
   * dropped.
   */
  boolean send(RouteResponse response) {
    if (ended) {
      return true;
    }
    if (queue.size() >= bound) {
      return false;
    }
    queue.add(response);
    counts.queued.increment();
    flush();
    return true;
  }

  /** Completes the stream once everything is delivered. */
  void complete() {
    completing = true;
    flush();
  }

  /** Ends the stream now. */
  void fail(StatusRuntimeException status) {
    if (!ended) {
      end();
      call.onError(status);
    }
  }

  /** The stream has ended by itself. */
  void abandon() {
    end();
  }

  private void end() {
    if (!ended) {
      ended = true;
      counts.hosts.decrement();
      counts.queued.add(-queue.size());
      queue.clear();
    }
  }

  /** Passes on what flow control lets pass. */
  void flush() {
    while (!ended && call.isReady() && !queue.isEmpty()) {
      call.onNext(nextFrame());
    }
    if (!ended && completing && queue.isEmpty()) {
      end();
      call.onCompleted();
    }
  }

  private RouteResponse nextFrame() {
    RouteResponse first = remove();
    RouteResponse next = queue.peek();
    if (!first.hasIncoming() || next == null || !next.hasIncoming()) {
      return first;
    }
    Incoming.Builder frame = first.getIncoming().toBuilder();
    int bytes = first.getSerializedSize();
    while (next != null
        && next.hasIncoming()
        && frame.getDeliveriesCount() < MAX_FRAME
        && bytes + next.getSerializedSize() <= MAX_FRAME_BYTES) {
      bytes += next.getSerializedSize();
      frame.addAllDeliveries(remove().getIncoming().getDeliveriesList());
      next = queue.peek();
    }
    return RouteResponse.newBuilder().setIncoming(frame).build();
  }

  private RouteResponse remove() {
    counts.queued.decrement();
    return queue.remove();
  }

  Refusal full() {
    return new Refusal(
        Status.Code.RESOURCE_EXHAUSTED,
        "QUEUE_FULL",
        "this host did not take its messages: %d are waiting, which is the bound".formatted(bound));
  }
}
