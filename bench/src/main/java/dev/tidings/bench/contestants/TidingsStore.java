package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import com.google.protobuf.UnsafeByteOperations;
import dev.tidings.bench.load.Client;
import dev.tidings.bench.load.LoadFailedException;
import dev.tidings.bench.servers.ServerProcess;
import dev.tidings.bench.servers.TidingsCluster;
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
import io.grpc.ManagedChannel;
import io.grpc.StatusException;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.SplittableRandom;

/**
 * Us. Each client is a session: it carries the token of each answer to its next request, and
 * numbers its writes.
 */
public final class TidingsStore implements Store {
  private static final int ID_BYTES = 16;

  private final String name;
  private final TidingsCluster cluster;
  private final int keys;
  private final ByteString value;

  public TidingsStore(String name, TidingsCluster cluster, int keys, int valueBytes) {
    this.name = name;
    this.cluster = cluster;
    this.keys = keys;
    this.value = ByteString.copyFrom(new byte[valueBytes]);
  }

  @Override
  public String name() {
    return name;
  }

  @Override
  public List<ServerProcess> servers() {
    return cluster.servers();
  }

  @Override
  public Optional<Clients> clients(Load load) {
    return Optional.of(
        new GrpcChannels(
            cluster.port(1), load, (channel, number) -> client(channel, number, load)));
  }

  private Client client(ManagedChannel channel, int number, Load load) {
    var session = new Session(number, load);
    if (load.stream()) {
      return new StreamClient<>(
          channel,
          CausalStoreServiceGrpc.getPipelineMethod(),
          load.depth(),
          session::frame,
          session::onFrame);
    }
    return load.isWrite()
        ? new UnaryClient<>(
            channel,
            CausalStoreServiceGrpc.getClientWriteMethod(),
            session::write,
            session::onWritten)
        : new UnaryClient<>(
            channel, CausalStoreServiceGrpc.getClientReadMethod(), session::read, session::onRead);
  }

  /** The sizes of a load's messages. The store has been filled before. */
  public Sizes sizes(Load load) {
    ManagedChannel channel = GrpcChannels.open(cluster.port(1));
    try {
      return new Session(0, load).sizes(channel);
    } catch (StatusException e) {
      throw new LoadFailedException("a replica refuses what the bench asks: " + e.getStatus(), e);
    } finally {
      channel.shutdownNow();
    }
  }

  @Override
  public void close() {
    cluster.close();
  }

  /** What a client library keeps of a session. */
  private final class Session {
    private final ByteString id;
    private final Keys chosen;
    private final int depth;
    private final boolean isWriting;
    private final boolean isStreaming;
    private SessionState state = SessionState.getDefaultInstance();
    private long writes;
    private boolean begun;

    Session(int number, Load load) {
      byte[] bytes = new byte[ID_BYTES];
      new SplittableRandom(System.nanoTime() + number).nextBytes(bytes);
      id = ByteString.copyFrom(bytes);
      chosen = new Keys(keys, number, load.clients());
      depth = load.depth();
      isWriting = load.isWrite();
      isStreaming = load.stream();
    }

    private ByteString key() {
      return UnsafeByteOperations.unsafeWrap(Keys.name(chosen.next()));
    }

    private ClientWriteRequest.Builder put() {
      return ClientWriteRequest.newBuilder()
          .setRequestId(RequestId.newBuilder().setSession(id).setNumber(++writes))
          .addMutations(
              Mutation.newBuilder().setPut(Put.newBuilder().setKey(key()).setValue(value)));
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

    PipelineRequest frame() {
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

    int onFrame(PipelineResponse response) {
      state = response.getSession();
      for (PipelineAnswer answer : response.getAnswersList()) {
        if (answer.hasRefusal()) {
          throw new IllegalStateException("a request of a pipeline was refused");
        }
      }
      return response.getAnswersCount();
    }

    /** The sizes of a request that is not the session's first, and of its answer. */
    Sizes sizes(Channel channel) throws StatusException {
      var calls = CausalStoreServiceGrpc.newBlockingV2Stub(channel);
      var answer = PipelineAnswer.newBuilder();
      Sizes alone;
      if (isWriting) {
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
      if (!isStreaming) {
        return alone;
      }
      begun = true;
      return new Sizes(
          frame().getSerializedSize(),
          PipelineResponse.newBuilder()
              .addAllAnswers(Collections.nCopies(depth, answer.build()))
              .setSession(state)
              .build()
              .getSerializedSize());
    }
  }
}
