package dev.tidings.lab;

import dev.tidings.drift.DriftEvent;
import dev.tidings.lab.RunLog.Logged;
import java.util.List;

/**
 * What a host's log comes to.
 *
 * @param ticksPerSecond as measured between the first event and the last; 0 with fewer than two
 *     events
 * @param finalClock the logical clock after the last event
 * @param meanJump the mean increase of the logical clock at an event
 * @param largestJump the largest increase of the logical clock from one event to the next
 */
record HostSummary(
    int events,
    int receives,
    int sends,
    int internals,
    double ticksPerSecond,
    long finalClock,
    double meanJump,
    long largestJump,
    int largestQueue) {

  static HostSummary of(List<Logged> events) {
    long clock = 0;
    long largestJump = 0;
    int largestQueue = 0;
    for (Logged event : events) {
      largestJump = Math.max(largestJump, event.lamportTime() - clock);
      clock = event.lamportTime();
      largestQueue = Math.max(largestQueue, event.queueLength());
    }
    int count = events.size();
    double seconds =
        count < 2 ? 0 : events.get(count - 1).systemSeconds() - events.get(0).systemSeconds();
    return new HostSummary(
        count,
        count(events, DriftEvent.Type.RECEIVE),
        count(events, DriftEvent.Type.SEND),
        count(events, DriftEvent.Type.INTERNAL),
        seconds > 0 ? (count - 1) / seconds : 0,
        clock,
        count == 0 ? 0 : (double) clock / count,
        largestJump,
        largestQueue);
  }

  private static int count(List<Logged> events, DriftEvent.Type type) {
    return (int) events.stream().filter(event -> event.type() == type).count();
  }
}
