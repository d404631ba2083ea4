package dev.tidings.router;

import dev.tidings.server.LogLevels;
import dev.tidings.v1.AdminServiceGrpc;
import dev.tidings.v1.SetLogLevelRequest;
import dev.tidings.v1.SetLogLevelResponse;
import io.grpc.Status;
import io.grpc.stub.StreamObserver;

/** What people who run a router ask; the rest of the service is a replica's. */
final class RouterAdmin extends AdminServiceGrpc.AdminServiceImplBase {
  @Override
  public void setLogLevel(
      SetLogLevelRequest request, StreamObserver<SetLogLevelResponse> responses) {
    SetLogLevelResponse response;
    try {
      response = LogLevels.set(request);
    } catch (IllegalArgumentException e) {
      responses.onError(
          new Refusal(
                  Status.Code.INVALID_ARGUMENT, "INVALID_REQUEST", String.valueOf(e.getMessage()))
              .toStatus());
      return;
    }
    responses.onNext(response);
    responses.onCompleted();
  }
}
