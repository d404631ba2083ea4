package dev.tidings.replica.grpc;

import dev.tidings.causal.Session;
import dev.tidings.replica.Answer;
import dev.tidings.replica.Limits;
import dev.tidings.replica.OverloadedException;
import dev.tidings.replica.ReadRequest;
import dev.tidings.replica.ReadResult;
import dev.tidings.replica.Replica;
import dev.tidings.replica.WriteRequest;
import dev.tidings.replica.WriteResult;
import dev.tidings.replica.wire.InvalidRequestException;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.PipelineAnswer;
import dev.tidings.v1.PipelineCall;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.Objects;
import java.util.Queue;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.Executor;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * Sessions that do not wait for answers. Of each the requests are carried out in their order:
 * writes that follow each other are handed over together and cost one commit, and a read waits
 * until what was written before it is readable. All that happens to one of them happens on its
 * connection's thread.
 */
public final class PipelineGrpc {
  /** So many at once. */
  private static final int MOST = 1_000;

  /** With more unanswered requests of a session no further frame of it is read. */
  private static final int MAX_UNANSWERED = 1_000;

  /** The same, of the bytes of requests and of answers that wait. */
  private static final long MAX_BYTES = 4 << 20;

  /** So many writes of a session are handed over at once. */
  private static final int MAX_RUN = 256;

  /** So many reads are answered before others of the same thread have their turn. */
  private static final int MAX_TURN = 256;

  /** A frame of answers ends when it passes this. */
  private static final long FRAME_BYTES = 1 << 20;

  private static final String NO_SESSION =
      "the session of a pipeline is the frame's, and its calls have none";

  private final Replica replica;
  private final Homing homing;
  private final Executor walkers;
  private final Supplier<Executor> connections;
  private final RequestCodec codec;
  private final Set<Pipeline> open = ConcurrentHashMap.newKeySet();

  /**
   * @param walkers runs reads that may have to walk over many entries
   * @param connections see {@link dev.tidings.replica.ReplicaNode.Surroundings}
   */
  public PipelineGrpc(
      Replica replica, Homing homing, Executor walkers, Supplier<Executor> connections) {
    this.replica = replica;
    this.homing = homing;
    this.walkers = walkers;
    this.connections = connections;
    this.codec = new RequestCodec(replica);
  }

  StreamObserver<PipelineRequest> begin(StreamObserver<PipelineResponse> responses) {
    var pipeline =
        new Pipeline((ServerCallStreamObserver<PipelineResponse>) responses, connections.get());
    pipeline.begin();
    return pipeline;
  }

  /** None of them goes on. Any thread. */
  public void end(RuntimeException reason) {
    open.forEach(pipeline -> pipeline.connection.execute(() -> pipeline.fail(reason)));
  }

  /** A request on its way. */
  private static final class Slot {
    private final PipelineCall call;
    private @Nullable PipelineAnswer answer;

    /** What the session has seen with it; null if the request was refused. */
    private @Nullable Session after;

    Slot(PipelineCall call) {
      this.call = call;
    }

    /** What it takes while it waits. */
    long bytes() {
      return (long) call.getSerializedSize() + (answer == null ? 0 : answer.getSerializedSize());
    }
  }

  /** One of them. Whatever comes from elsewhere is handed to the connection's thread. */
  private final class Pipeline implements StreamObserver<PipelineRequest> {
    private final ServerCallStreamObserver<PipelineResponse> call;
    private final Executor connection;

    /** All that are not answered, in their order. */
    private final Queue<Slot> unanswered = new ArrayDeque<>();

    /** Those of them that have not been handed over. */
    private final Deque<Slot> waiting = new ArrayDeque<>();

    private long bytes;

    /** What has been seen by all that was handed over. */
    private Session session = Session.NEW;

    /** What frames have brought while others were not answered yet. */
    private Session beside = Session.NEW;

    /** What has been seen by all that was answered. */
    private Session answered = Session.NEW;

    /** Whether what was handed over is yet to say what the session has seen then. */
    private boolean busy;

    /** Whether it goes on when what has queued up is dealt with. */
    private boolean goesOn;

    /** Whether a read is being handed over, which may be answered before that returns. */
    private boolean reading;

    private boolean frameAsked;
    private boolean complete;
    private boolean ended;

    Pipeline(ServerCallStreamObserver<PipelineResponse> call, Executor connection) {
      this.call = call;
      this.connection = connection;
    }

    void begin() {
      call.disableAutoRequest();
      call.setOnReadyHandler(() -> connection.execute(this::goOn));
      call.setOnCancelHandler(() -> connection.execute(this::close));
      connection.execute(
          () -> {
            if (open.size() >= MOST) {
              fail(
                  new OverloadedException(
                      "%d pipelines are under way here, and no more at once are possible"
                          .formatted(MOST)));
              return;
            }
            open.add(this);
            goOn();
          });
    }

    @Override
    public void onNext(PipelineRequest frame) {
      connection.execute(() -> onFrame(frame));
    }

    @Override
    public void onError(Throwable failure) {
      // The cancel handler is told too.
    }

    @Override
    public void onCompleted() {
      connection.execute(
          () -> {
            complete = true;
            goOn();
          });
    }

    private void onFrame(PipelineRequest frame) {
      if (ended) {
        return;
      }
      frameAsked = false;
      try {
        Limits.checkCount("the frame", frame.getCallsCount(), "calls");
        Session seen = codec.fromProto(frame.getSession());
        session = session.union(seen);
        beside = beside.union(seen);
      } catch (RuntimeException e) {
        fail(e);
        return;
      }
      for (PipelineCall request : frame.getCallsList()) {
        var slot = new Slot(request);
        unanswered.add(slot);
        waiting.add(slot);
        bytes += slot.bytes();
      }
      goOn();
    }

    /** Hands over what can be, answers what can be, and asks for more. */
    private void goOn() {
      for (int i = 0; i < MAX_TURN && !ended && !busy && !waiting.isEmpty(); i++) {
        handOver();
      }
      if (!ended && !busy && !waiting.isEmpty()) {
        goOnSoon();
      }
      answer();
      if (!ended && complete && unanswered.isEmpty()) {
        close();
        call.onCompleted();
      }
      boolean isFull = unanswered.size() >= MAX_UNANSWERED || bytes >= MAX_BYTES;
      if (!ended && !complete && !frameAsked && !isFull && call.isReady()) {
        frameAsked = true;
        call.request(1);
      }
    }

    /** The same, with all that is on its way here: answers of one commit share a frame. */
    private void goOnSoon() {
      if (!goesOn) {
        goesOn = true;
        connection.execute(
            () -> {
              goesOn = false;
              goOn();
            });
      }
    }

    private void handOver() {
      var run = new ArrayList<Slot>();
      var writes = new ArrayList<WriteRequest>();
      while (!waiting.isEmpty() && run.size() < MAX_RUN) {
        Slot slot = waiting.element();
        WriteRequest write = write(slot);
        if (write == null) {
          break;
        }
        waiting.remove();
        run.add(slot);
        writes.add(write);
      }
      if (!run.isEmpty()) {
        busy = true;
        replica.write(
            session,
            writes,
            run.stream().map(WriteAnswer::new).toList(),
            after -> connection.execute(() -> onHandedOver(after)));
      } else if (!waiting.isEmpty()) {
        busy = true;
        handOverAlone(waiting.remove());
      }
    }

    /** The write that may be handed over together with others; null if it may not. */
    private @Nullable WriteRequest write(Slot slot) {
      if (slot.call.getKindCase() != PipelineCall.KindCase.WRITE) {
        return null;
      }
      try {
        WriteRequest write = codec.fromProto(checked(slot.call.getWrite()));
        return homing.elsewhere(write).isEmpty() ? write : null;
      } catch (RuntimeException e) {
        // Refused below.
        return null;
      }
    }

    private void handOverAlone(Slot slot) {
      try {
        switch (slot.call.getKindCase()) {
          case WRITE -> {
            ClientWriteRequest write = checked(slot.call.getWrite());
            // It goes elsewhere, or cannot be read.
            homing.forward(
                homing.elsewhere(codec.fromProto(write)).orElseThrow(),
                write.toBuilder().setSession(codec.toProto(session)).build(),
                new WriteAnswerFromHome(slot));
          }
          case READ -> {
            ReadRequest read = codec.fromProto(checked(slot.call.getRead())).in(session);
            var answer = new ReadAnswer(slot);
            if (read.isShort()) {
              reading = true;
              replica.read(read, answer);
            } else {
              walkers.execute(() -> walk(read, answer));
            }
          }
          case KIND_NOT_SET ->
              throw new InvalidRequestException("a call is a write or a read, and has one");
        }
      } catch (RuntimeException e) {
        refused(slot, e);
        busy = false;
      } finally {
        reading = false;
      }
    }

    private void walk(ReadRequest read, ReadAnswer answer) {
      try {
        replica.read(read, answer);
      } catch (RuntimeException e) {
        answer.refuse(e);
      }
    }

    private static ClientWriteRequest checked(ClientWriteRequest write) {
      if (write.hasSession()) {
        throw new InvalidRequestException(NO_SESSION);
      }
      return write;
    }

    private static ClientReadRequest checked(ClientReadRequest read) {
      if (read.hasSession()) {
        throw new InvalidRequestException(NO_SESSION);
      }
      return read;
    }

    private void handedOver(Session after) {
      // It implies what the session had seen, but not what has come meanwhile.
      session = after.union(beside);
      busy = false;
    }

    private void onHandedOver(Session after) {
      handedOver(after);
      goOn();
    }

    private void succeeded(Slot slot, PipelineAnswer answer, Session after) {
      bytes -= slot.bytes();
      slot.answer = answer;
      slot.after = after;
      bytes += slot.bytes();
    }

    private void refused(Slot slot, RuntimeException reason) {
      StatusRuntimeException status =
          reason instanceof StatusRuntimeException known ? known : StatusMapper.toStatus(reason);
      bytes -= slot.bytes();
      slot.answer =
          PipelineAnswer.newBuilder()
              .setRefusal(Objects.requireNonNull(StatusProto.fromThrowable(status)).toByteString())
              .build();
      bytes += slot.bytes();
    }

    /** The same of a request that was handed over alone, and others wait for. */
    private void succeededAlone(Slot slot, PipelineAnswer answer, Session after) {
      succeeded(slot, answer, after);
      onHandedOver(after);
    }

    private void refusedAlone(Slot slot, RuntimeException reason) {
      refused(slot, reason);
      busy = false;
      goOn();
    }

    /** Sends the answers that are next, as far as the client takes them. */
    private void answer() {
      while (!ended && isAnswered(unanswered.peek()) && call.isReady()) {
        var frame = PipelineResponse.newBuilder();
        long size = 0;
        while (isAnswered(unanswered.peek()) && size < FRAME_BYTES) {
          Slot slot = unanswered.remove();
          bytes -= slot.bytes();
          PipelineAnswer answer = Objects.requireNonNull(slot.answer);
          size += answer.getSerializedSize();
          frame.addAnswers(answer);
          if (slot.after != null) {
            answered = slot.after;
          }
        }
        answered = answered.union(beside);
        if (unanswered.isEmpty()) {
          beside = Session.NEW;
        }
        call.onNext(frame.setSession(codec.toProto(answered)).build());
      }
    }

    private boolean isAnswered(@Nullable Slot slot) {
      return slot != null && slot.answer != null;
    }

    private void fail(RuntimeException reason) {
      if (!ended) {
        close();
        call.onError(StatusMapper.toStatus(reason));
      }
    }

    private void close() {
      ended = true;
      open.remove(this);
      waiting.clear();
      unanswered.clear();
    }

    /** A write's answer, from any thread. */
    private final class WriteAnswer implements Answer<WriteResult> {
      private final Slot slot;

      WriteAnswer(Slot slot) {
        this.slot = slot;
      }

      @Override
      public void succeed(WriteResult result) {
        connection.execute(
            () -> {
              succeeded(
                  slot,
                  PipelineAnswer.newBuilder().setWrite(codec.withoutSession(result)).build(),
                  result.session());
              goOnSoon();
            });
      }

      @Override
      public void refuse(RuntimeException reason) {
        connection.execute(
            () -> {
              refused(slot, reason);
              goOnSoon();
            });
      }
    }

    private final class ReadAnswer implements Answer<ReadResult> {
      private final Slot slot;
      private final Thread connectionThread = Thread.currentThread();

      ReadAnswer(Slot slot) {
        this.slot = slot;
      }

      @Override
      public void succeed(ReadResult result) {
        PipelineAnswer answer =
            PipelineAnswer.newBuilder().setRead(codec.withoutSession(result)).build();
        if (isAtOnce()) {
          succeeded(slot, answer, result.session());
          handedOver(result.session());
        } else {
          connection.execute(() -> succeededAlone(slot, answer, result.session()));
        }
      }

      @Override
      public void refuse(RuntimeException reason) {
        connection.execute(() -> refusedAlone(slot, reason));
      }

      private boolean isAtOnce() {
        return Thread.currentThread() == connectionThread && reading;
      }
    }

    /** What a home has decided. */
    private final class WriteAnswerFromHome implements StreamObserver<ClientWriteResponse> {
      private final Slot slot;

      WriteAnswerFromHome(Slot slot) {
        this.slot = slot;
      }

      @Override
      public void onNext(ClientWriteResponse response) {
        PipelineAnswer answer =
            PipelineAnswer.newBuilder().setWrite(response.toBuilder().clearSession()).build();
        connection.execute(
            () -> {
              Session after = codec.fromProto(response.getSession());
              succeededAlone(slot, answer, after);
            });
      }

      @Override
      public void onError(Throwable failure) {
        connection.execute(() -> refusedAlone(slot, (StatusRuntimeException) failure));
      }

      @Override
      public void onCompleted() {
        // With the answer.
      }
    }
  }
}
