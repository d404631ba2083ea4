package dev.tidings.replica.grpc;

import com.google.protobuf.Any;
import com.google.protobuf.Duration;
import com.google.rpc.Code;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tidings.causal.PositionGapException;
import dev.tidings.clock.ForwardJumpException;
import dev.tidings.replica.BackupEndedException;
import dev.tidings.replica.ConditionFailedException;
import dev.tidings.replica.LostWriteException;
import dev.tidings.replica.MomentNotKeptException;
import dev.tidings.replica.NotEmptyException;
import dev.tidings.replica.NotReadyException;
import dev.tidings.replica.NotYetVisibleException;
import dev.tidings.replica.OverloadedException;
import dev.tidings.replica.SizeLimitException;
import dev.tidings.replica.StoppingException;
import dev.tidings.replica.SupersededRequestException;
import dev.tidings.replica.link.ClusterMismatchException;
import dev.tidings.replica.link.HomeUnreachableException;
import dev.tidings.replica.link.RemovedException;
import dev.tidings.replica.link.UnknownPeerException;
import dev.tidings.replica.storage.DamagedDataException;
import dev.tidings.replica.storage.DiskFullException;
import dev.tidings.replica.wire.InvalidRequestException;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;

/**
 * The one table from refusals to statuses. All of them are definite: what was asked for did not
 * happen.
 */
final class StatusMapper {
  private static final Logger LOG = LoggerFactory.getLogger(StatusMapper.class);
  private static final String DOMAIN = "tidings.dev";
  private static final int NO_RETRY = 0;

  /**
   * A message may repeat what it was sent, and travels twice in the headers, percent-encoded and in
   * the details; of those gRPC's clients take 8 KiB.
   */
  private static final int MAX_MESSAGE = 500;

  private StatusMapper() {}

  static StatusRuntimeException toStatus(RuntimeException reason) {
    if (reason instanceof InvalidRequestException) {
      return status(Code.INVALID_ARGUMENT, "INVALID_REQUEST", reason, NO_RETRY);
    }
    if (reason instanceof UnknownPeerException) {
      return status(Code.INVALID_ARGUMENT, "INVALID_REQUEST", reason, NO_RETRY);
    }
    if (reason instanceof SizeLimitException) {
      return status(Code.INVALID_ARGUMENT, "SIZE_LIMIT", reason, NO_RETRY);
    }
    if (reason instanceof InvalidTokenException) {
      return status(Code.INVALID_ARGUMENT, "SESSION_TOKEN_INVALID", reason, NO_RETRY);
    }
    if (reason instanceof InvalidMomentException) {
      return status(Code.INVALID_ARGUMENT, "MOMENT_INVALID", reason, NO_RETRY);
    }
    if (reason instanceof MomentNotKeptException) {
      return status(Code.OUT_OF_RANGE, "MOMENT_NOT_KEPT", reason, NO_RETRY);
    }
    if (reason instanceof ForwardJumpException) {
      return status(Code.FAILED_PRECONDITION, "CLOCK_JUMP_REJECTED", reason, NO_RETRY);
    }
    if (reason instanceof ConditionFailedException) {
      return status(Code.FAILED_PRECONDITION, "CONDITION_FAILED", reason, NO_RETRY);
    }
    if (reason instanceof NotYetVisibleException) {
      return status(Code.UNAVAILABLE, "NOT_YET_VISIBLE", reason, 200);
    }
    if (reason instanceof NotReadyException) {
      return status(Code.UNAVAILABLE, "CATCHING_UP", reason, 500);
    }
    if (reason instanceof HomeUnreachableException) {
      return status(Code.UNAVAILABLE, "HOME_UNREACHABLE", reason, 500);
    }
    if (reason instanceof LostWriteException) {
      return status(Code.DATA_LOSS, "WRITE_LOST", reason, NO_RETRY);
    }
    if (reason instanceof RemovedException) {
      return status(Code.FAILED_PRECONDITION, RemovedException.REASON, reason, NO_RETRY);
    }
    if (reason instanceof NotEmptyException) {
      return status(Code.FAILED_PRECONDITION, "NOT_EMPTY", reason, NO_RETRY);
    }
    if (reason instanceof BackupEndedException) {
      return status(Code.UNAVAILABLE, "BACKUP_ENDED", reason, NO_RETRY);
    }
    if (reason instanceof StoppingException) {
      return status(Code.UNAVAILABLE, "SHUTTING_DOWN", reason, 1_000);
    }
    if (reason instanceof OverloadedException) {
      return status(Code.RESOURCE_EXHAUSTED, "OVERLOADED", reason, 50);
    }
    if (reason instanceof SupersededRequestException) {
      return status(Code.FAILED_PRECONDITION, "REQUEST_SUPERSEDED", reason, NO_RETRY);
    }
    if (reason instanceof DiskFullException) {
      return status(Code.RESOURCE_EXHAUSTED, "DISK_FULL", reason, 1_000);
    }
    if (reason instanceof DamagedDataException) {
      return status(Code.DATA_LOSS, "DATA_DAMAGED", reason, NO_RETRY);
    }
    if (reason instanceof ClusterMismatchException) {
      return status(Code.FAILED_PRECONDITION, ClusterMismatchException.REASON, reason, NO_RETRY);
    }
    if (reason instanceof PositionGapException) {
      return status(Code.FAILED_PRECONDITION, "POSITION_GAP", reason, NO_RETRY);
    }
    LOG.error("a request failed for a reason of our own", reason);
    return StatusProto.toStatusRuntimeException(
        com.google.rpc.Status.newBuilder()
            .setCode(Code.INTERNAL_VALUE)
            .setMessage("the replica failed; its log says why")
            .build());
  }

  private static String shortened(String message) {
    return message.length() <= MAX_MESSAGE
        ? message
        : message.substring(0, message.offsetByCodePoints(0, MAX_MESSAGE / 2)) + "…";
  }

  private static StatusRuntimeException status(
      Code code, String reason, RuntimeException cause, int retryMillis) {
    var status =
        com.google.rpc.Status.newBuilder()
            .setCode(code.getNumber())
            .setMessage(shortened(String.valueOf(cause.getMessage())))
            .addDetails(
                Any.pack(ErrorInfo.newBuilder().setDomain(DOMAIN).setReason(reason).build()));
    if (retryMillis > 0) {
      status.addDetails(
          Any.pack(
              RetryInfo.newBuilder()
                  .setRetryDelay(
                      Duration.newBuilder()
                          .setSeconds(retryMillis / 1_000)
                          .setNanos(retryMillis % 1_000 * 1_000_000))
                  .build()));
    }
    return StatusProto.toStatusRuntimeException(status.build());
  }
}
