package dev.tidings.client;

import io.grpc.CallOptions;
import io.grpc.ManagedChannel;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * What is asked of one replica and of no other, and once: requests about the replica itself, and
 * streams. Blocks. Safe for any number of threads.
 */
final class Calls {
  private final String replica;
  private final ManagedChannel channel;
  private final Duration deadline;

  /**
   * @param deadline how long a request may take
   */
  Calls(String replica, ManagedChannel channel, Duration deadline) {
    this.replica = replica;
    this.channel = channel;
    this.deadline = deadline;
  }

  /** A request that is about how things are now. */
  <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
    CallOptions options =
        CallOptions.DEFAULT.withDeadlineAfter(deadline.toNanos(), TimeUnit.NANOSECONDS);
    try {
      return ClientCalls.blockingUnaryCall(channel, method, options, request);
    } catch (StatusRuntimeException e) {
      throw StatusMapper.toException(e, replica, false, deadline);
    }
  }

  /** Takes what comes of an answer in many messages. */
  interface Taker<R> {
    void take(R message) throws IOException;
  }

  /** Gives a request of many messages. */
  interface Giver<Q> {
    /** The next one; null at the end. */
    @Nullable Q give() throws IOException;
  }

  /**
   * A request whose answer is a stream, sent once: as slow as it is taken, and given up when
   * nothing comes for as long as another request may take.
   */
  <Q, R> void download(MethodDescriptor<Q, R> method, Q request, Taker<R> taker)
      throws IOException {
    BlockingClientCall<Q, R> call =
        ClientCalls.blockingV2ServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
    boolean complete = false;
    try {
      R message;
      while ((message = call.read(deadline.toNanos(), TimeUnit.NANOSECONDS)) != null) {
        taker.take(message);
      }
      complete = true;
    } catch (StatusException | TimeoutException | InterruptedException e) {
      throw exception(e);
    } finally {
      if (!complete) {
        call.cancel("given up", null);
      }
    }
  }

  /**
   * A request whose answer is a stream without an end, sent once; its reader keeps the time.
   *
   * @param isRetry whether to try to connect now, even if that failed a moment ago
   */
  <Q, R> BlockingClientCall<Q, R> open(MethodDescriptor<Q, R> method, Q request, boolean isRetry) {
    if (isRetry) {
      channel.resetConnectBackoff();
    }
    return ClientCalls.blockingV2ServerStreamingCall(channel, method, CallOptions.DEFAULT, request);
  }

  /** A stream that is one request, sent once; as slow as the replica takes it. */
  <Q, R> R upload(MethodDescriptor<Q, R> method, Giver<Q> giver) throws IOException {
    BlockingClientCall<Q, R> call =
        ClientCalls.blockingClientStreamingCall(channel, method, CallOptions.DEFAULT);
    boolean complete = false;
    try {
      Q message;
      while ((message = giver.give()) != null
          && call.write(message, deadline.toNanos(), TimeUnit.NANOSECONDS)) {}
      // If it was refused on the way, the answer says so.
      call.halfClose();
      R answer = call.read();
      if (answer == null) {
        throw exception(Status.INTERNAL.withDescription("no answer").asException());
      }
      complete = true;
      return answer;
    } catch (StatusException | TimeoutException | InterruptedException e) {
      throw exception(e);
    } finally {
      if (!complete) {
        call.cancel("given up", null);
      }
    }
  }

  TidingsException exception(Exception e) {
    StatusRuntimeException status;
    if (e instanceof StatusException refusal) {
      status = refusal.getStatus().asRuntimeException(refusal.getTrailers());
    } else if (e instanceof TimeoutException) {
      status = Status.DEADLINE_EXCEEDED.asRuntimeException();
    } else {
      Thread.currentThread().interrupt();
      status = Status.CANCELLED.asRuntimeException();
    }
    return StatusMapper.toException(status, replica, false, deadline);
  }
}
