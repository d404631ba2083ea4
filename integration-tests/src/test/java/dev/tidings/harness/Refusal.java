package dev.tidings.harness;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;

/**
 * How a call was refused.
 *
 * @param reason of the ErrorInfo; empty if there is none
 * @param retryMillis of the RetryInfo; 0 if there is none
 */
public record Refusal(Status.Code code, String reason, String message, long retryMillis) {
  public static Refusal of(Reply<?> reply) {
    StatusRuntimeException failure = reply.failure();
    if (failure == null) {
      throw new AssertionError("the call was not refused: " + reply.messages());
    }
    return of(failure);
  }

  public static Refusal of(StatusRuntimeException failure) {
    com.google.rpc.Status status = StatusProto.fromThrowable(failure);
    String reason = "";
    long retryMillis = 0;
    if (status != null) {
      try {
        for (Any detail : status.getDetailsList()) {
          if (detail.is(ErrorInfo.class)) {
            reason = detail.unpack(ErrorInfo.class).getReason();
          } else if (detail.is(RetryInfo.class)) {
            var delay = detail.unpack(RetryInfo.class).getRetryDelay();
            retryMillis = delay.getSeconds() * 1_000 + delay.getNanos() / 1_000_000;
          }
        }
      } catch (InvalidProtocolBufferException e) {
        throw new AssertionError(e);
      }
    }
    return new Refusal(
        failure.getStatus().getCode(),
        reason,
        String.valueOf(failure.getStatus().getDescription()),
        retryMillis);
  }
}
