package dev.tidings.replica.grpc;

import dev.tidings.replica.ReadResult;
import dev.tidings.replica.Scans;
import dev.tidings.v1.ClientReadRequest;
import dev.tidings.v1.ClientReadResponse;
import dev.tidings.v1.ScanResponse;
import io.grpc.stub.ServerCallStreamObserver;
import io.grpc.stub.StreamObserver;

/** The streams of scans. */
final class ScanGrpc {
  private final Scans scans;
  private final RequestCodec codec;

  ScanGrpc(Scans scans, RequestCodec codec) {
    this.scans = scans;
    this.codec = codec;
  }

  void scan(ClientReadRequest request, StreamObserver<ScanResponse> responses) {
    var call = (ServerCallStreamObserver<ScanResponse>) responses;
    Scans.Scan scan;
    try {
      scan = scans.begin(codec.fromProto(request), new Outgoing(call));
    } catch (RuntimeException e) {
      call.onError(StatusMapper.toStatus(e));
      return;
    }
    call.setOnReadyHandler(scan::ready);
    call.setOnCancelHandler(scan::cancel);
  }

  /** A scan on its way to a client. */
  private final class Outgoing implements Scans.Sink {
    private final ServerCallStreamObserver<ScanResponse> call;

    Outgoing(ServerCallStreamObserver<ScanResponse> call) {
      this.call = call;
    }

    @Override
    public boolean isReady() {
      return call.isReady();
    }

    @Override
    public void page(int item, ReadResult page) {
      ClientReadResponse message = codec.toProto(page);
      call.onNext(
          ScanResponse.newBuilder()
              .setSession(message.getSession())
              .setItem(item)
              .setResult(message.getResults(0))
              .setMoment(message.getMoment())
              .build());
    }

    @Override
    public void end() {
      call.onCompleted();
    }

    @Override
    public void refuse(RuntimeException reason) {
      call.onError(StatusMapper.toStatus(reason));
    }
  }
}
