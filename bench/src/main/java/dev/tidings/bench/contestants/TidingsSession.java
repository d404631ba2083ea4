package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.PipelineAnswer;
import dev.tidings.v1.PipelineCall;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import dev.tidings.v1.Put;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.RequestId;
import dev.tidings.v1.SessionState;
import io.grpc.Channel;
import io.grpc.StatusException;
import java.util.Collections;
import java.util.concurrent.ThreadLocalRandom;

/**
 * What a client library keeps of a session, and the messages that it makes: each request carries
 * the token of the answer before it, and writes are numbered. One request at a time.
 */
final class TidingsSession {
  private static final int ID_BYTES = 16;

  private final ByteString id;
  private final Keys keys;
  private final Values values;
  private SessionState state = SessionState.getDefaultInstance();
  private long writes;
  private boolean begun;

  TidingsSession(Keys keys, Values values) {
    byte[] bytes = new byte[ID_BYTES];
    ThreadLocalRandom.current().nextBytes(bytes);
    this.id = ByteString.copyFrom(bytes);
    this.keys = keys;
    this.values = values;
  }

  private ByteString key() {
    return UnsafeByteOperations.unsafeWrap(Keys.name(keys.next()));
  }

  private ClientWriteRequest.Builder put() {
    return ClientWriteRequest.newBuilder()
        .setRequestId(RequestId.newBuilder().setSession(id).setNumber(++writes))
        .addMutations(
            Mutation.newBuilder().setPut(Put.newBuilder().setKey(key()).setValue(values.next())));
  }

  private ClientReadRequest.Builder get() {
    return ClientReadRequest.newBuilder().addItems(ReadItem.newBuilder().setKey(key()));
  }

  ClientWriteRequest write() {
    return put().setSession(state).build();
  }

  void onWritten(ClientWriteResponse response) {
    state = response.getSession();
  }

  ClientReadRequest read() {
    return get().setSession(state).build();
  }

  void onRead(ClientReadResponse response) {
    state = response.getSession();
  }

  /** A pipeline's frame. */
  PipelineRequest frame(int depth, boolean isWriting) {
    var frame = PipelineRequest.newBuilder();
    if (!begun) {
      begun = true;
      frame.setSession(state);
    }
    for (int i = 0; i < depth; i++) {
      frame.addCalls(
          isWriting
              ? PipelineCall.newBuilder().setWrite(put())
              : PipelineCall.newBuilder().setRead(get()));
    }
    return frame.build();
  }

  /** How many answers a frame has. */
  int onFrame(PipelineResponse response) {
    state = response.getSession();
    for (PipelineAnswer answer : response.getAnswersList()) {
      if (answer.hasRefusal()) {
        throw new LoadFailedException("a request of a pipeline was refused");
      }
    }
    return response.getAnswersCount();
  }

  /** The sizes of a request that is not the session's first, and of its answer. */
  Sizes sizes(Channel channel, Load load) throws StatusException {
    var calls = CausalStoreServiceGrpc.newBlockingV2Stub(channel);
    var answer = PipelineAnswer.newBuilder();
    Sizes alone;
    if (load.isWrite()) {
      onWritten(calls.clientWrite(write()));
      ClientWriteRequest request = write();
      ClientWriteResponse response = calls.clientWrite(request);
      answer.setWrite(response.toBuilder().clearSession());
      alone = new Sizes(request.getSerializedSize(), response.getSerializedSize());
    } else {
      onRead(calls.clientRead(read()));
      ClientReadRequest request = read();
      ClientReadResponse response = calls.clientRead(request);
      answer.setRead(response.toBuilder().clearSession());
      alone = new Sizes(request.getSerializedSize(), response.getSerializedSize());
    }
    if (!load.stream()) {
      return alone;
    }
    begun = true;
    return new Sizes(
        frame(load.depth(), load.isWrite()).getSerializedSize(),
        PipelineResponse.newBuilder()
            .addAllAnswers(Collections.nCopies(load.depth(), answer.build()))
            .setSession(state)
            .build()
            .getSerializedSize());
  }
}
