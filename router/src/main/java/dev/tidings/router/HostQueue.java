package dev.tidings.router;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.ServerCallStreamObserver;
import java.util.ArrayDeque;
import java.util.Queue;
import java.util.concurrent.Executor;

/**
 * What waits for one host: as much as its stream does not take at once, up to a bound. Deliveries
 * that have queued up leave in one frame. Confined to the service's context.
 */
final class HostQueue {
  /** So many deliveries share a frame at most. */
  static final int MAX_FRAME = 1_000;

  /**
   * So many bytes of them, well below gRPC's limit on a message; a larger one has a frame of its
   * own.
   */
  static final int MAX_FRAME_BYTES = 1 << 20;

  private final ServerCallStreamObserver<byte[]> call;
  private final int bound;
  private final Executor later;
  private final RouterCounts counts;
  private final Queue<Parcel> queue = new ArrayDeque<>();

  /** Whether it will be flushed. */
  private boolean flushing;

  /** How many messages are queued. */
  private int size;

  /** How many of them have been counted. */
  private int counted;

  private boolean completing;
  private boolean ended;

  /**
   * @param later runs what it is given in the service's context, after what waits there already:
   *     what is queued until then leaves together
   */
  HostQueue(ServerCallStreamObserver<byte[]> call, int bound, Executor later, RouterCounts counts) {
    this.call = call;
    this.bound = bound;
    this.later = later;
    this.counts = counts;
    counts.hosts.increment();
  }

  /** Whether nothing can be said to the host any more. */
  boolean hasEnded() {
    return ended;
  }

  /**
   * Queues messages, which leave soon; false if that would pass the bound. What is for a stream
   * that has ended is dropped.
   *
   * @param parcel of no more messages than the bound
   */
  boolean send(Parcel parcel) {
    if (size + parcel.messages() > bound) {
      // What only waits for others to share its frame is not what the host did not take.
      flush();
    }
    if (ended) {
      return true;
    }
    if (size + parcel.messages() > bound) {
      return false;
    }
    queue.add(parcel);
    size += parcel.messages();
    if (!flushing) {
      flushing = true;
      later.execute(this::flush);
    }
    return true;
  }

  /** Completes the stream once everything is delivered. */
  void complete() {
    completing = true;
    flush();
  }

  /** Ends the stream now, after what it still takes. */
  void fail(StatusRuntimeException status) {
    flush();
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
      queue.clear();
      size = 0;
      count();
    }
  }

  /** Passes on what flow control lets pass. */
  void flush() {
    flushing = false;
    while (!ended && !queue.isEmpty() && call.isReady()) {
      Parcel frame = Parcel.nextFrame(queue, MAX_FRAME, MAX_FRAME_BYTES);
      size -= frame.messages();
      call.onNext(frame.bytes());
    }
    count();
    if (!ended && completing && queue.isEmpty()) {
      end();
      call.onCompleted();
    }
  }

  private void count() {
    if (size != counted) {
      counts.queued.add(size - counted);
      counted = size;
    }
  }

  Refusal full() {
    return new Refusal(
        Status.Code.RESOURCE_EXHAUSTED,
        "QUEUE_FULL",
        "this host did not take its messages: %d are waiting, and the bound is %d"
            .formatted(size, bound));
  }
}
