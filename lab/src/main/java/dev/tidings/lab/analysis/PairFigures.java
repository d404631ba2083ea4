package dev.tidings.lab.analysis;

import java.util.List;

/**
 * How two hosts' logical clocks drift apart: the first one's less the second one's.
 *
 * @param finalDrift ticks, at the end
 * @param slope ticks a second, by the straight line that fits best
 * @param largestGap ticks, the largest difference, whichever way
 * @param largestGapSeconds when that was
 */
public record PairFigures(
    int first,
    int second,
    long finalDrift,
    double slope,
    long largestGap,
    double largestGapSeconds) {
  private static final int SAMPLES = 600;

  static PairFigures of(Run run, int first, int second) {
    double[] seconds = new double[SAMPLES + 1];
    double[] drift = new double[SAMPLES + 1];
    double end = run.duration();
    int a = -1;
    int b = -1;
    double largest = 0;
    double largestSeconds = 0;
    for (int i = 0; i <= SAMPLES; i++) {
      seconds[i] = end * i / SAMPLES;
      a = lastBefore(run, first, a, seconds[i]);
      b = lastBefore(run, second, b, seconds[i]);
      drift[i] = clock(run, first, a) - clock(run, second, b);
      if (Math.abs(drift[i]) > largest) {
        largest = Math.abs(drift[i]);
        largestSeconds = seconds[i];
      }
    }
    return new PairFigures(
        run.hosts().get(first).id(),
        run.hosts().get(second).id(),
        (long) drift[SAMPLES],
        Stats.slope(seconds, drift),
        (long) largest,
        largestSeconds);
  }

  /** The place of a host's last event up to this moment; -1 for none. */
  static int lastBefore(Run run, int host, int from, double seconds) {
    int last = from;
    List<LoggedEvent> events = run.hosts().get(host).events();
    while (last + 1 < events.size() && run.seconds(host, last + 1) <= seconds) {
      last++;
    }
    return last;
  }

  static long clock(Run run, int host, int event) {
    return event < 0 ? 0 : run.hosts().get(host).events().get(event).lamportTime();
  }
}
