package dev.tidings.router;

import com.google.protobuf.Any;
import com.google.rpc.ErrorInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/** Why a host is turned away. */
record Refusal(Status.Code code, String reason, String message) {
  StatusRuntimeException toStatus() {
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(code.value())
            .setMessage(message)
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setDomain("tidings.dev").setReason(reason).build()))
            .build());
  }
}
