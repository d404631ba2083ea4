package dev.tidings.client;

import com.google.protobuf.InvalidProtocolBufferException;
import dev.tidings.client.TidingsException.Reason;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.PipelineAnswer;
import dev.tidings.v1.PipelineCall;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ClientCallStreamObserver;
import io.grpc.stub.ClientResponseObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.List;
import java.util.Queue;
import java.util.concurrent.CompletableFuture;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * A session that does not wait for answers: many requests are under way at once, each depends on
 * those before it all the same, and futures are completed in their order. Requests share frames,
 * and writes share the replica's commits. While it is open its session is used for nothing else.
 *
 * <p>A pipeline stays at its replica. If that fails, or answers nothing for as long as a request
 * may take, all requests that have no answer fail, writes among them with {@link
 * TidingsException#outcomeUnknown()} unless they were not sent; then the session may go on, also at
 * another replica.
 *
 * <p>Safe for any number of threads. A request blocks while {@link #MAX_UNANSWERED} others have no
 * answer; so what depends on a future and makes requests itself does that on a thread of its own
 * ({@code thenAcceptAsync}).
 *
 * <pre>{@code
 * try (Pipeline pipeline = session.pipeline()) {
 *   for (int i = 0; i < 1000; i++) {
 *     pipeline.write(new Mutation.Append(Bytes.of("log"), Bytes.of("entry " + i)));
 *   }
 * }
 * }</pre>
 */
public final class Pipeline implements AutoCloseable {
  /** So many requests at most have no answer. */
  public static final int MAX_UNANSWERED = 2_000;

  /** What has come together while others were under way is sent once it is so much. */
  private static final int FRAME_CALLS = 100;

  private static final long FRAME_BYTES = 64 << 10;

  /** A replica reads no more in one message. */
  private static final long MAX_FRAME_BYTES = 16 << 20;

  private final Tidings tidings;
  private final AsyncSession session;
  private final String replica;
  private final CompletableFuture<Void> ended = new CompletableFuture<>();

  /** Sent, in their order. */
  private final Queue<Request<?>> unanswered = new ArrayDeque<>();

  /** Not sent yet. */
  private final Queue<Request<?>> waiting = new ArrayDeque<>();

  private long waitingBytes;
  private long progressNanos;
  private boolean watched;
  private boolean first = true;
  private boolean closing;
  private boolean halfClosed;
  private @Nullable TidingsException failure;
  private @Nullable ClientCallStreamObserver<PipelineRequest> call;

  /** A request on its way. */
  private record Request<T>(
      PipelineCall call, Function<PipelineAnswer, T> result, CompletableFuture<T> future) {
    boolean isWrite() {
      return call.hasWrite();
    }

    void complete(PipelineAnswer answer) {
      try {
        future.complete(result.apply(answer));
      } catch (RuntimeException e) {
        future.completeExceptionally(e);
      }
    }
  }

  Pipeline(Tidings tidings, AsyncSession session, String replica) {
    this.tidings = tidings;
    this.session = session;
    this.replica = replica;
  }

  void begin() {
    CausalStoreServiceGrpc.newStub(tidings.channel(replica)).pipeline(new Answers());
  }

  /** As {@link Session#write(List)}. */
  public CompletableFuture<WriteInfo> write(Mutation... mutations) {
    return write(List.of(mutations), WriteOptions.DEFAULT).thenApply(DurableWrite::write);
  }

  /** As {@link Session#write(List, WriteOptions)}; a second write elsewhere is never tried. */
  public CompletableFuture<DurableWrite> write(List<Mutation> mutations, WriteOptions options) {
    return add(
        () ->
            PipelineCall.newBuilder()
                .setWrite(
                    WireMapper.toProto(mutations, options).toBuilder()
                        .setRequestId(session.nextRequestId()))
                .build(),
        answer -> WireMapper.write(answer.getWrite()));
  }

  /** Reads one item. */
  public <T> CompletableFuture<T> read(Item<T> item) {
    return read(Query.of(item)).thenApply(snapshot -> snapshot.get(item));
  }

  /** Reads several items from one moment. */
  public CompletableFuture<Snapshot> read(Query query) {
    return add(
        () -> PipelineCall.newBuilder().setRead(WireMapper.toProto(query)).build(),
        answer -> WireMapper.snapshot(query, answer.getRead()));
  }

  private interface Message {
    PipelineCall make();
  }

  private <T> CompletableFuture<T> add(Message message, Function<PipelineAnswer, T> result) {
    var future = new CompletableFuture<T>();
    synchronized (this) {
      awaitSpace();
      TidingsException reason =
          closing
              ? new TidingsException(
                  "CANCELLED", Reason.CLOSED, "the pipeline is closed", false, null, null)
              : failure;
      if (reason != null) {
        future.completeExceptionally(reason);
        return future;
      }
      // Numbered in the order in which they are sent.
      PipelineCall made = message.make();
      waiting.add(new Request<>(made, result, future));
      waitingBytes += made.getSerializedSize();
      pump();
    }
    return future;
  }

  private void awaitSpace() {
    boolean isInterrupted = false;
    while (unanswered.size() + waiting.size() >= MAX_UNANSWERED && failure == null && !closing) {
      try {
        wait();
      } catch (InterruptedException e) {
        isInterrupted = true;
      }
    }
    if (isInterrupted) {
      Thread.currentThread().interrupt();
    }
  }

  /** Sends what is worth a frame, or all that there is if nothing else is under way. */
  private synchronized void pump() {
    ClientCallStreamObserver<PipelineRequest> to = call;
    if (to == null || failure != null) {
      return;
    }
    while (!waiting.isEmpty() && to.isReady() && isWorthIt()) {
      var frame = PipelineRequest.newBuilder();
      if (first) {
        first = false;
        frame.setSession(session.state());
      }
      long bytes = 0;
      while (!waiting.isEmpty() && frame.getCallsCount() < FRAME_CALLS) {
        long size = waiting.element().call().getSerializedSize();
        if (bytes > 0 && bytes + size > MAX_FRAME_BYTES) {
          break;
        }
        bytes += size;
        Request<?> next = waiting.remove();
        frame.addCalls(next.call());
        unanswered.add(next);
      }
      waitingBytes -= bytes;
      to.onNext(frame.build());
      watchProgress();
    }
    if (closing && waiting.isEmpty() && !halfClosed) {
      halfClosed = true;
      to.onCompleted();
      watchProgress();
    }
  }

  private boolean isWorthIt() {
    return unanswered.isEmpty()
        || closing
        || waiting.size() >= FRAME_CALLS
        || waitingBytes >= FRAME_BYTES;
  }

  private void watchProgress() {
    if (!watched) {
      watched = true;
      progressNanos = tidings.surroundings().nanoTime();
      tidings.surroundings().after(tidings.deadline().toNanos(), this::lookForProgress);
    }
  }

  private void lookForProgress() {
    long silent;
    synchronized (this) {
      watched = false;
      if (failure != null || ended.isDone() || (unanswered.isEmpty() && !halfClosed)) {
        return;
      }
      silent = tidings.surroundings().nanoTime() - progressNanos;
      if (silent < tidings.deadline().toNanos()) {
        watched = true;
        tidings.surroundings().after(tidings.deadline().toNanos() - silent, this::lookForProgress);
        return;
      }
    }
    fail(Status.DEADLINE_EXCEEDED.asRuntimeException());
  }

  private void onAnswers(PipelineResponse response) {
    var answered = new ArrayList<Request<?>>();
    synchronized (this) {
      if (failure != null) {
        return;
      }
      if (response.getAnswersCount() > unanswered.size()) {
        fail(Status.INTERNAL.withDescription("more answers than requests").asRuntimeException());
        return;
      }
      progressNanos = tidings.surroundings().nanoTime();
      session.continueFrom(response.getSession());
      for (int i = 0; i < response.getAnswersCount(); i++) {
        answered.add(unanswered.remove());
      }
      notifyAll();
      pump();
    }
    tidings.answered(replica, response.getSession().getToken());
    for (int i = 0; i < answered.size(); i++) {
      PipelineAnswer answer = response.getAnswers(i);
      if (answer.hasRefusal()) {
        refuse(answered.get(i), refusal(answer), true);
      } else {
        answered.get(i).complete(answer);
      }
    }
  }

  private static StatusRuntimeException refusal(PipelineAnswer answer) {
    try {
      return StatusProto.toStatusRuntimeException(
          com.google.rpc.Status.parseFrom(answer.getRefusal()));
    } catch (InvalidProtocolBufferException e) {
      return Status.INTERNAL
          .withDescription("a refusal that cannot be read")
          .withCause(e)
          .asRuntimeException();
    }
  }

  private TidingsException refuse(Request<?> request, StatusRuntimeException e, boolean wasSent) {
    TidingsException refusal =
        StatusMapper.toException(e, replica, request.isWrite() && wasSent, tidings.deadline());
    if (refusal.outcomeUnknown()) {
      session.goOnUnderNewId();
    }
    request.future().completeExceptionally(refusal);
    return refusal;
  }

  private void fail(StatusRuntimeException e) {
    var sent = new ArrayList<Request<?>>();
    var unsent = new ArrayList<Request<?>>();
    synchronized (this) {
      if (failure != null || ended.isDone()) {
        return;
      }
      failure = StatusMapper.toException(e, replica, false, tidings.deadline());
      sent.addAll(unanswered);
      unanswered.clear();
      unsent.addAll(waiting);
      waiting.clear();
      notifyAll();
    }
    ClientCallStreamObserver<PipelineRequest> broken = call;
    if (broken != null) {
      broken.cancel("given up", null);
    }
    sent.forEach(request -> refuse(request, e, true));
    unsent.forEach(request -> refuse(request, e, false));
    end();
  }

  private void end() {
    session.pipelineEnded();
    tidings.pipelineClosed(this);
    ended.complete(null);
  }

  /** The connections are closed. */
  void abort() {
    fail(Status.CANCELLED.withDescription("the connections are closed").asRuntimeException());
  }

  /** Sends what there is, and waits until all of it is answered, or has failed. */
  @Override
  public void close() {
    closeAsync().join();
  }

  /** The same, without waiting. */
  CompletableFuture<Void> closeAsync() {
    synchronized (this) {
      closing = true;
      notifyAll();
      pump();
    }
    return ended;
  }

  private final class Answers implements ClientResponseObserver<PipelineRequest, PipelineResponse> {
    @Override
    public void beforeStart(ClientCallStreamObserver<PipelineRequest> requests) {
      call = requests;
      requests.setOnReadyHandler(Pipeline.this::pump);
    }

    @Override
    public void onNext(PipelineResponse response) {
      onAnswers(response);
    }

    @Override
    public void onError(Throwable thrown) {
      fail(
          new StatusRuntimeException(
              Status.fromThrowable(thrown), Status.trailersFromThrowable(thrown)));
    }

    @Override
    public void onCompleted() {
      boolean isComplete;
      synchronized (Pipeline.this) {
        isComplete = unanswered.isEmpty() && waiting.isEmpty();
      }
      if (isComplete) {
        end();
      } else {
        fail(Status.INTERNAL.withDescription("the replica ended early").asRuntimeException());
      }
    }
  }
}
