package dev.tidings.replica.grpc;

import dev.tidings.replica.ReadRequest;
import dev.tidings.replica.ReadResult;
import dev.tidings.replica.Replica;
import dev.tidings.replica.Scans;
import dev.tidings.replica.WriteRequest;
import dev.tidings.replica.WriteResult;
import dev.tidings.v1.CausalStoreServiceGrpc;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ClientWriteRequest;
import dev.tidings.v1.ClientWriteResponse;
import dev.tidings.v1.PipelineRequest;
import dev.tidings.v1.PipelineResponse;
import dev.tidings.v1.ScanResponse;
import dev.tidings.v1.WatchRequest;
import dev.tidings.v1.WatchResponse;
import io.grpc.stub.StreamObserver;
import java.util.OptionalInt;
import java.util.concurrent.Executor;
import java.util.function.Supplier;

/**
 * What clients ask. Its calls run on the threads of the connections, so nothing here may take long:
 * a read that may is handed over.
 */
public final class CausalStoreGrpc extends CausalStoreServiceGrpc.CausalStoreServiceImplBase {
  private final Replica replica;
  private final Homing homing;
  private final RequestCodec codec;
  private final Executor walkers;
  private final Supplier<Executor> connections;
  private final ScanGrpc scans;
  private final PipelineGrpc pipelines;
  private final WatchGrpc watches;

  /**
   * @param walkers runs reads that may have to walk over many entries
   * @param connections see {@link dev.tidings.replica.ReplicaNode.Surroundings}
   */
  public CausalStoreGrpc(
      Replica replica,
      Homing homing,
      Scans scans,
      PipelineGrpc pipelines,
      Executor walkers,
      Supplier<Executor> connections) {
    this.replica = replica;
    this.homing = homing;
    this.pipelines = pipelines;
    this.walkers = walkers;
    this.connections = connections;
    this.codec = new RequestCodec(replica);
    this.scans = new ScanGrpc(scans, codec);
    this.watches = new WatchGrpc(replica);
  }

  @Override
  public void clientWrite(
      ClientWriteRequest request, StreamObserver<ClientWriteResponse> responses) {
    var call =
        new Call<WriteResult, ClientWriteResponse>(responses, codec::toProto, connections.get());
    call.run(
        () -> {
          WriteRequest write = codec.fromProto(request);
          OptionalInt home = homing.elsewhere(write);
          if (home.isPresent()) {
            homing.forward(home.getAsInt(), request, responses);
          } else {
            replica.write(write, call);
          }
        });
  }

  @Override
  public void clientRead(ClientReadRequest request, StreamObserver<ClientReadResponse> responses) {
    var call =
        new Call<ReadResult, ClientReadResponse>(
            responses, result -> codec.toProto(result, request.getSession()), connections.get());
    call.run(
        () -> {
          ReadRequest read = codec.fromProto(request);
          if (read.isShort()) {
            replica.read(read, call);
          } else {
            walkers.execute(() -> call.run(() -> replica.read(read, call)));
          }
        });
  }

  @Override
  public StreamObserver<PipelineRequest> pipeline(StreamObserver<PipelineResponse> responses) {
    return pipelines.begin(responses);
  }

  @Override
  public void scan(ClientReadRequest request, StreamObserver<ScanResponse> responses) {
    scans.scan(request, responses);
  }

  @Override
  public void watch(WatchRequest request, StreamObserver<WatchResponse> responses) {
    watches.watch(request, responses);
  }
}
