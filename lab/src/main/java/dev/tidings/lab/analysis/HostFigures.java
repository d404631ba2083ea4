package dev.tidings.lab.analysis;

import dev.tidings.drift.DriftEvent;
import java.util.Arrays;
import java.util.EnumMap;
import java.util.List;
import java.util.OptionalDouble;
import java.util.SortedMap;
import java.util.TreeMap;

/**
 * What a host's log comes to. A jump is the increase of the logical clock at an event; the age of a
 * message is the time from its sending to its receipt, in seconds.
 *
 * @param nominalRate ticks a second as asked for
 * @param realRate as measured between the first event and the last; 0 with fewer than two events
 * @param finalClock the logical clock after the last event
 * @param jumps how often each jump occurred
 * @param queueGrowth messages a second, by the straight line that fits best
 * @param arrivalRate messages a second that were sent to it, without those that got lost
 * @param unread of these messages those which it had not received at the end
 * @param lastAge of the message that was received last
 */
public record HostFigures(
    int id,
    OptionalDouble nominalRate,
    double realRate,
    int events,
    int receives,
    int sends,
    int internals,
    long finalClock,
    double meanJump,
    double medianJump,
    double p99Jump,
    long largestJump,
    SortedMap<Long, Integer> jumps,
    double meanQueue,
    int largestQueue,
    double queueGrowth,
    double arrivalRate,
    int unread,
    double meanAge,
    double medianAge,
    double largestAge,
    double lastAge) {

  /**
   * @param place the host's among the run's
   */
  static HostFigures of(Run run, int place, int sentTo) {
    Run.Host host = run.hosts().get(place);
    List<LoggedEvent> events = host.events();
    int count = events.size();
    double[] seconds = new double[count];
    double[] queue = new double[count];
    double[] jump = new double[count];
    double[] ages = new double[count];
    int aged = 0;
    var jumps = new TreeMap<Long, Integer>();
    long clock = 0;
    var types = new EnumMap<DriftEvent.Type, Integer>(DriftEvent.Type.class);
    for (int i = 0; i < count; i++) {
      LoggedEvent event = events.get(i);
      seconds[i] = run.seconds(place, i);
      queue[i] = event.queueLength();
      jump[i] = event.lamportTime() - clock;
      jumps.merge(event.lamportTime() - clock, 1, Integer::sum);
      clock = event.lamportTime();
      types.merge(event.type(), 1, Integer::sum);
      if (event.type() == DriftEvent.Type.RECEIVE && event.message() != null) {
        ages[aged++] = event.systemSeconds() - event.message().systemSeconds();
      }
    }
    double time = seconds[count - 1] - seconds[0];
    double growth = Stats.slope(seconds, queue);
    double lastAge = aged == 0 ? 0 : ages[aged - 1];
    double[] sortedAges = Arrays.copyOf(ages, aged);
    Arrays.sort(sortedAges);
    Arrays.sort(jump);
    int receives = types.getOrDefault(DriftEvent.Type.RECEIVE, 0);
    return new HostFigures(
        host.id(),
        host.nominalRate(),
        time > 0 ? (count - 1) / time : 0,
        count,
        receives,
        types.getOrDefault(DriftEvent.Type.SEND, 0),
        types.getOrDefault(DriftEvent.Type.INTERNAL, 0),
        clock,
        (double) clock / count,
        Stats.quantile(jump, 0.5),
        Stats.quantile(jump, 0.99),
        (long) jump[count - 1],
        jumps,
        Stats.mean(queue),
        (int) Arrays.stream(queue).max().orElse(0),
        growth,
        run.duration() > 0 ? sentTo / run.duration() : 0,
        Math.max(0, sentTo - receives),
        Stats.mean(sortedAges),
        Stats.quantile(sortedAges, 0.5),
        aged == 0 ? 0 : sortedAges[aged - 1],
        lastAge);
  }
}
