package dev.tidings.lab.analysis;

import java.util.Arrays;
import java.util.List;

/**
 * How two hosts' logical clocks drift apart: the first one's less the second one's.
 *
 * @param seconds for how long there are logs of both
 * @param finalDrift ticks, at the end of that time
 * @param slope ticks a second, by the straight line that fits best
 * @param spread how far the drift is from that line, a standard deviation, in ticks
 * @param meanGap ticks, the mean difference, whichever way
 * @param largestGap ticks, the largest difference, whichever way
 * @param largestGapSeconds when that was
 */
public record PairFigures(
    int first,
    int second,
    double seconds,
    long finalDrift,
    double slope,
    double spread,
    double meanGap,
    long largestGap,
    double largestGapSeconds) {
  private static final int SAMPLES = 600;

  /** By so many spreads the drift has to grow in a run before it is said to grow. */
  private static final double TELLING = 3;

  /**
   * Whether the clocks drift apart for as long as the run lasts, rather than being a few ticks
   * apart now and then.
   */
  boolean isGrowing() {
    double growth = slope * seconds;
    return growth * finalDrift > 0 && Math.abs(growth) > TELLING * spread;
  }

  static PairFigures of(Run run, int first, int second) {
    double[] seconds = new double[SAMPLES + 1];
    double[] drift = new double[SAMPLES + 1];
    double end = Math.min(run.lastSecond(first), run.lastSecond(second));
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
    double slope = Stats.slope(seconds, drift);
    double[] off = new double[SAMPLES + 1];
    Arrays.setAll(off, i -> drift[i] - slope * seconds[i]);
    return new PairFigures(
        run.hosts().get(first).id(),
        run.hosts().get(second).id(),
        end,
        (long) drift[SAMPLES],
        slope,
        Stats.deviation(off),
        Stats.mean(Arrays.stream(drift).map(Math::abs).toArray()),
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
