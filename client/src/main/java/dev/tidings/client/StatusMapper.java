package dev.tidings.client;

import com.google.protobuf.Any;
import com.google.protobuf.InvalidProtocolBufferException;
import com.google.rpc.ErrorInfo;
import com.google.rpc.RetryInfo;
import dev.tidings.client.TidingsException.Reason;
import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.protobuf.StatusProto;
import java.nio.channels.ClosedChannelException;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/** Turns a gRPC status into a {@link TidingsException}; the only place that knows both. */
final class StatusMapper {
  private static final String DOMAIN = "tidings.dev";

  private StatusMapper() {}

  /**
   * @param writeWasSent whether the request was a write and at least part of it left this process
   * @param waited how long an answer was waited for, if none came
   */
  static TidingsException toException(
      StatusRuntimeException e, String replica, boolean writeWasSent, Duration waited) {
    Status status = e.getStatus();
    @Nullable ErrorInfo info = detail(e, ErrorInfo.getDefaultInstance());
    Reason reason =
        info != null && info.getDomain().equals(DOMAIN)
            ? ownReason(info.getReason())
            : foreignReason(status);
    // A reason that this library does not know may be one that leaves a write's outcome open.
    boolean definite = info != null && info.getDomain().equals(DOMAIN) && reason != Reason.OTHER;
    boolean outcomeUnknown = writeWasSent && !definite;
    return new TidingsException(
        status.getCode().name(),
        reason,
        words(reason, status, replica, waited),
        outcomeUnknown,
        retryAfter(e),
        e);
  }

  private static Reason ownReason(String reason) {
    return switch (reason) {
      case "INVALID_REQUEST" -> Reason.INVALID_REQUEST;
      case "SIZE_LIMIT" -> Reason.SIZE_LIMIT;
      case "SESSION_TOKEN_INVALID" -> Reason.SESSION_TOKEN_INVALID;
      case "MOMENT_INVALID" -> Reason.MOMENT_INVALID;
      case "MOMENT_NOT_KEPT" -> Reason.MOMENT_NOT_KEPT;
      case "CLOCK_JUMP_REJECTED" -> Reason.CLOCK_JUMP_REJECTED;
      case "CONDITION_FAILED" -> Reason.CONDITION_FAILED;
      case "NOT_YET_VISIBLE" -> Reason.NOT_YET_VISIBLE;
      case "CATCHING_UP" -> Reason.CATCHING_UP;
      case "HOME_UNREACHABLE" -> Reason.HOME_UNREACHABLE;
      case "REPLICA_REMOVED" -> Reason.REPLICA_REMOVED;
      case "WRITE_LOST" -> Reason.WRITE_LOST;
      case "OVERLOADED" -> Reason.OVERLOADED;
      case "SHUTTING_DOWN" -> Reason.SHUTTING_DOWN;
      case "DISK_FULL" -> Reason.DISK_FULL;
      case "NOT_EMPTY" -> Reason.NOT_EMPTY;
      case "CLUSTER_MISMATCH" -> Reason.CLUSTER_MISMATCH;
      case "BACKUP_ENDED" -> Reason.BACKUP_ENDED;
      case "DATA_DAMAGED" -> Reason.DATA_DAMAGED;
      default -> Reason.OTHER;
    };
  }

  private static Reason foreignReason(Status status) {
    return switch (status.getCode()) {
      case UNAVAILABLE -> Reason.UNREACHABLE;
      case DEADLINE_EXCEEDED -> Reason.NO_ANSWER;
      // What gRPC says of a connection that broke just as a request was put on it (grpc-java
      // #7376).
      case UNKNOWN ->
          status.getCause() instanceof ClosedChannelException ? Reason.UNREACHABLE : Reason.OTHER;
      default -> Reason.OTHER;
    };
  }

  private static String words(Reason reason, Status status, String replica, Duration waited) {
    String description = oneLine(status.getDescription());
    return switch (reason) {
      case UNREACHABLE -> "replica %s cannot be reached: %s".formatted(replica, cause(status));
      case NO_ANSWER -> "replica %s did not answer within %s s".formatted(replica, seconds(waited));
      case NOT_YET_VISIBLE ->
          "replica %s does not show yet what this session has seen: %s"
              .formatted(replica, description);
      case OTHER ->
          status.getCode() == Status.Code.CANCELLED
              ? "the request to replica %s was interrupted".formatted(replica)
              : "replica %s: %s %s".formatted(replica, status.getCode(), description);
      default -> "replica %s: %s".formatted(replica, description);
    };
  }

  /** To tenths from a second on. */
  private static String seconds(Duration waited) {
    long millis = Math.round(waited.toNanos() / 1e6);
    double seconds = (millis < 1000 ? millis : Math.round(millis / 100.0) * 100) / 1000.0;
    return seconds == Math.rint(seconds) ? String.valueOf((long) seconds) : String.valueOf(seconds);
  }

  /** gRPC's description is "io exception"; the reason that people understand is the last cause. */
  private static String cause(Status status) {
    Throwable last = status.getCause();
    while (last != null && last.getCause() != null) {
      last = last.getCause();
    }
    String words =
        oneLine(
            last != null && last.getMessage() != null
                ? last.getMessage()
                : status.getDescription());
    return words.contains("Connection refused") ? "connection refused" : words;
  }

  private static String oneLine(@Nullable String text) {
    return text == null || text.isBlank()
        ? "no reason given"
        : text.strip().replaceAll("\\s+", " ");
  }

  private static @Nullable Duration retryAfter(StatusRuntimeException e) {
    @Nullable RetryInfo info = detail(e, RetryInfo.getDefaultInstance());
    if (info == null) {
      return null;
    }
    return Duration.ofSeconds(
        Math.max(0, Math.min(3600, info.getRetryDelay().getSeconds())),
        Math.max(0, info.getRetryDelay().getNanos()));
  }

  private static <M extends com.google.protobuf.Message> @Nullable M detail(
      StatusRuntimeException e, M prototype) {
    com.google.rpc.@Nullable Status status = StatusProto.fromThrowable(e);
    if (status == null) {
      return null;
    }
    @SuppressWarnings("unchecked")
    Class<M> type = (Class<M>) prototype.getClass();
    for (Any any : status.getDetailsList()) {
      if (any.is(type)) {
        try {
          return any.unpack(type);
        } catch (InvalidProtocolBufferException damaged) {
          return null;
        }
      }
    }
    return null;
  }
}
