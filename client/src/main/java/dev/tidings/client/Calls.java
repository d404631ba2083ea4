package dev.tidings.client;

import dev.tidings.client.TidingsException.Reason;
import io.grpc.CallOptions;
import io.grpc.ClientStreamTracer;
import io.grpc.ManagedChannel;
import io.grpc.Metadata;
import io.grpc.MethodDescriptor;
import io.grpc.Status;
import io.grpc.StatusException;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.BlockingClientCall;
import io.grpc.stub.ClientCalls;
import java.io.IOException;
import java.time.Duration;
import java.util.concurrent.ThreadLocalRandom;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/**
 * One request to one replica, repeated until it is answered, definitely refused, or its time is up.
 * Blocks. Safe for any number of threads.
 *
 * <p>HAZARD: a write is sent again only to the same replica, which recognises it by its request id
 * if it has happened already. If one of its repetitions may have happened, its outcome is unknown,
 * whatever is said of the others.
 */
final class Calls {
  private static final long FIRST_BACKOFF_MILLIS = 50;
  private static final long MAX_BACKOFF_MILLIS = 1_000;

  private final String replica;
  private final ManagedChannel channel;
  private final Duration deadline;

  /**
   * @param deadline how long a request may take with all its repetitions
   */
  Calls(String replica, ManagedChannel channel, Duration deadline) {
    this.replica = replica;
    this.channel = channel;
    this.deadline = deadline;
  }

  /** A request that may be repeated without harm. */
  <Q, R> R read(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, false, true);
  }

  /** A request that must not happen twice, and has a request id. */
  <Q, R> R write(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, true, true);
  }

  /** A request that is about how things are now: sent once. */
  <Q, R> R ask(MethodDescriptor<Q, R> method, Q request) {
    return call(method, request, false, false);
  }

  private <Q, R> R call(
      MethodDescriptor<Q, R> method, Q request, boolean isWrite, boolean isPatient) {
    long end = System.nanoTime() + deadline.toNanos();
    @Nullable TidingsException refusal = null;
    for (int attempt = 0; ; attempt++) {
      var sent = new SentTracer();
      CallOptions options =
          CallOptions.DEFAULT
              .withDeadlineAfter(end - System.nanoTime(), TimeUnit.NANOSECONDS)
              .withStreamTracerFactory(sent);
      try {
        return ClientCalls.blockingUnaryCall(channel, method, options, request);
      } catch (StatusRuntimeException e) {
        var last = StatusMapper.toException(e, replica, isWrite && sent.happened, deadline);
        if (last.reason() == Reason.NO_ANSWER && !last.outcomeUnknown() && refusal != null) {
          // What was in the way all the time says more than that time is up.
          throw refusal;
        }
        refusal = refusal != null && refusal.outcomeUnknown() ? last.mayHaveHappened() : last;
      }
      long pauseNanos = pauseMillis(refusal, attempt) * 1_000_000;
      if (!isPatient || !mayRepeat(refusal) || System.nanoTime() + pauseNanos >= end) {
        throw refusal;
      }
      pause(pauseNanos, refusal);
      if (refusal.reason() == Reason.UNREACHABLE) {
        channel.resetConnectBackoff();
      }
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

  private static boolean mayRepeat(TidingsException refusal) {
    return switch (refusal.reason()) {
      case NOT_YET_VISIBLE, CATCHING_UP, OVERLOADED, SHUTTING_DOWN, UNREACHABLE -> true;
      default -> false;
    };
  }

  /**
   * What the replica asks for, or else twice as long each time; a little more or less, to spread
   * clients.
   */
  private static long pauseMillis(TidingsException refusal, int attempt) {
    @Nullable Duration asked = refusal.retryAfter();
    long millis =
        asked != null
            ? asked.toMillis()
            : Math.min(MAX_BACKOFF_MILLIS, FIRST_BACKOFF_MILLIS << Math.min(attempt, 10));
    return millis + ThreadLocalRandom.current().nextLong(millis / 4 + 1);
  }

  private static void pause(long nanos, TidingsException refusal) {
    try {
      TimeUnit.NANOSECONDS.sleep(nanos);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw refusal;
    }
  }

  /**
   * Sees whether a request left this process. Called by gRPC's threads, read after the call has
   * ended.
   */
  private static final class SentTracer extends ClientStreamTracer.Factory {
    private volatile boolean happened;

    @Override
    public ClientStreamTracer newClientStreamTracer(
        ClientStreamTracer.StreamInfo info, Metadata headers) {
      return new ClientStreamTracer() {
        @Override
        public void outboundHeaders() {
          happened = true;
        }

        @Override
        public void outboundMessage(int sequence) {
          happened = true;
        }
      };
    }
  }
}
