package dev.tidings.bench.contestants;

import com.google.protobuf.ByteString;
import dev.tidings.bench.servers.TidingsCluster;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.Mutation;
import dev.tidings.v1.PositionSet;
import dev.tidings.v1.Put;
import dev.tidings.v1.ReadItem;
import dev.tidings.v1.SessionState;
import io.grpc.ManagedChannel;
import java.util.SplittableRandom;

/**
 * How large causal metadata are: real sessions at replica 1 read some keys, then write, and the
 * write is read back with what it depends on.
 */
public final class MetadataProbe implements AutoCloseable {
  private final ManagedChannel channel;
  private final CausalStoreServiceGrpc.CausalStoreServiceBlockingStub calls;
  private final SplittableRandom random = new SplittableRandom(1);

  /**
   * Means over writes.
   *
   * @param dependencyBytes of the position set in the write, as it is sent to peers and stored
   * @param tokenBytes of what the session sent with the write
   */
  public record Seen(double dependencyBytes, double tokenBytes) {}

  public MetadataProbe(TidingsCluster cluster) {
    channel = GrpcChannels.open(cluster.port(1));
    calls = CausalStoreServiceGrpc.newBlockingStub(channel);
  }

  /** Every session reads so many keys, and writes once before and once after that. */
  public Seen look(int reads, int sessions) {
    long dependencies = 0;
    long tokens = 0;
    for (int i = 0; i < sessions; i++) {
      SessionState state = write(SessionState.getDefaultInstance(), key());
      for (int r = 0; r < reads; r++) {
        state = read(state, key(), false).getSession();
      }
      tokens += state.getToken().size();
      ByteString key = key();
      write(state, key);
      PositionSet declared =
          read(SessionState.getDefaultInstance(), key, true)
              .getResults(0)
              .getRegister()
              .getWrittenBy()
              .getDependencies();
      dependencies += declared.getSerializedSize();
    }
    return new Seen(dependencies / (double) sessions, tokens / (double) sessions);
  }

  private ByteString key() {
    return ByteString.copyFrom(Keys.name(random.nextInt(Keys.COUNT)));
  }

  private SessionState write(SessionState state, ByteString key) {
    return calls
        .clientWrite(
            ClientWriteRequest.newBuilder()
                .setSession(state)
                .addMutations(Mutation.newBuilder().setPut(Put.newBuilder().setKey(key)))
                .build())
        .getSession();
  }

  private ClientReadResponse read(SessionState state, ByteString key, boolean withDependencies) {
    return calls.clientRead(
        ClientReadRequest.newBuilder()
            .setSession(state)
            .addItems(ReadItem.newBuilder().setKey(key))
            .setWithDependencies(withDependencies)
            .build());
  }

  @Override
  public void close() {
    channel.shutdownNow();
  }
}
