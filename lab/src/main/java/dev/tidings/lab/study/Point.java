package dev.tidings.lab.study;

import dev.tidings.drift.DriftSetup;
import dev.tidings.lab.analysis.Theory;

/**
 * One place of a grid: a setting that is run with several seeds.
 *
 * @param group what it is a part of, in a few words
 * @param speeds as {@code --clock-speeds} has them
 * @param linkDelay as {@code --link-delay} has it
 * @param seconds how long each run is
 */
public record Point(
    String group, String speeds, double probInternal, int hosts, String linkDelay, double seconds) {

  /** Names the run of a seed, and does not change: what is there already is not run again. */
  String key(long seed) {
    return String.join(
        "|",
        group,
        speeds,
        Double.toString(probInternal),
        Integer.toString(hosts),
        linkDelay,
        Double.toString(seconds),
        Long.toString(seed));
  }

  /** How many hosts of a run must fall behind, by their rates. */
  static int overloaded(DriftSetup setup) {
    int n = setup.hosts();
    double[] rates = new double[n];
    double[] sent = new double[n];
    for (int id = 1; id <= n; id++) {
      rates[id - 1] = setup.rate(id);
      sent[id - 1] = (1 - setup.probInternal(id)) * 2 / n;
    }
    double[] arrivals = Theory.arrivalRates(rates, sent, new int[0][]);
    int overloaded = 0;
    for (int i = 0; i < n; i++) {
      // A host right at the boundary is not counted as beyond it.
      overloaded += arrivals[i] > rates[i] + 1e-6 ? 1 : 0;
    }
    return overloaded;
  }
}
