package dev.tidings.harness;

import io.grpc.Status;
import io.grpc.StatusRuntimeException;
import io.grpc.stub.StreamObserver;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Takes what comes back from a call on virtual time. */
public final class Reply<T> implements StreamObserver<T> {
  private final List<T> messages = new ArrayList<>();
  private @Nullable StatusRuntimeException failure;
  private boolean ended;
  private Runnable onEnd = () -> {};

  @Override
  public void onNext(T message) {
    messages.add(message);
  }

  @Override
  public void onError(Throwable thrown) {
    failure =
        new StatusRuntimeException(
            Status.fromThrowable(thrown), Status.trailersFromThrowable(thrown));
    end();
  }

  @Override
  public void onCompleted() {
    end();
  }

  private void end() {
    ended = true;
    onEnd.run();
  }

  /** Does something when the call ends, or now if it has ended. */
  public void whenEnded(Runnable task) {
    onEnd = task;
    if (ended) {
      task.run();
    }
  }

  /** Whether the call was answered, and not refused. */
  public boolean isAnswered() {
    return ended && failure == null;
  }

  public boolean hasEnded() {
    return ended;
  }

  /** What has come so far. */
  public List<T> messages() {
    return messages;
  }

  /** How the call failed, or null if it has not. */
  public @Nullable StatusRuntimeException failure() {
    return failure;
  }

  /**
   * The one answer of a unary call, for which so much time may pass.
   *
   * @throws StatusRuntimeException if the call failed
   */
  public T within(SimulatedTime time, Duration atMost) {
    time.until("an answer", atMost, this::hasEnded);
    if (failure != null) {
      throw failure;
    }
    return messages.get(0);
  }
}
