package dev.tidings.lab.analysis;

import dev.tidings.drift.DriftEvent;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * One event as a log has it.
 *
 * @param systemSeconds since 1970, or since the run's beginning where that is simulated
 * @param queueLength the inbox after the event
 * @param to the ids of the hosts that a send went to; empty where the log does not say
 * @param tick of which of the host's ticks it is, from 0; -1 where the log does not say
 * @param message what was sent or received; null where there is none, or the log does not say
 */
public record LoggedEvent(
    DriftEvent.Type type,
    double systemSeconds,
    long lamportTime,
    int queueLength,
    List<Integer> to,
    long tick,
    @Nullable LoggedMessage message) {
  /**
   * A message: sender, times and type together tell it from all others.
   *
   * @param source the sender by the name that it has itself
   * @param type such as SEND_FIRST
   */
  public record LoggedMessage(String source, String type, double systemSeconds, long lamportTime) {}
}
