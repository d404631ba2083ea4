package dev.tidings.lab.analysis;

import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What queueing says before the run. A host that finds its inbox empty sends, and each sending to
 * one of its k others or to all reaches each of them with probability 2/(k + 1); ticks that receive
 * send nothing. So the arrival rates are the solution of λ_i = Σ_j max(0, r_j - λ_j) (1 - p_j) 2/(k
 * + 1) (1 - loss), where j knows i, and a host whose λ is above its rate r must fall behind: its
 * queue grows by λ - r a second, and since it reads in order, at time t it reads what was sent at t
 * r/λ, so its clock rises by r/λ of the rate at which the senders' clocks rise. These rise at least
 * as fast as the fastest host ticks.
 *
 * @param hosts one for each host of the run, in its order
 */
public record Theory(List<Host> hosts) {
  private static final int ROUNDS = 2_000;
  private static final double STEP = 0.2;

  /** So many standard deviations a count may be off before the report says so. */
  private static final double ALLOWED_DEVIATIONS = 4;

  /**
   * @param rate ticks a second, as measured
   * @param arrivalRate messages a second that are sent to it
   * @param queueGrowth messages a second; 0 for a host that keeps up
   * @param clockRate ticks a second, at least
   */
  public record Host(double rate, double arrivalRate, double queueGrowth, double clockRate) {
    /** Whether the host can never catch up. */
    public boolean isOverloaded() {
      return queueGrowth > 0;
    }
  }

  /** Of a run of which there are all logs, by the rates that the hosts really had. */
  static Theory of(Run run, List<HostFigures> figures) {
    int n = figures.size();
    double[] rates = new double[n];
    double[] sent = new double[n];
    double reach = 2.0 / (run.others() + 1) * (1 - run.loss());
    for (int i = 0; i < n; i++) {
      HostFigures host = figures.get(i);
      rates[i] = host.realRate() > 0 ? host.realRate() : host.nominalRate().orElse(0);
      int free = host.sends() + host.internals();
      double p =
          run.probInternal(host.id()).orElse(free == 0 ? 0.7 : (double) host.internals() / free);
      sent[i] = (1 - p) * reach;
    }
    double[] arrivals = arrivalRates(rates, sent, run.othersOfAll());
    double fastest = Arrays.stream(rates).max().orElse(0);
    return new Theory(
        IntStream.range(0, n)
            .mapToObj(
                i -> {
                  double growth = Math.max(0, arrivals[i] - rates[i]);
                  return new Host(
                      rates[i],
                      arrivals[i],
                      growth,
                      growth > 0 ? fastest * rates[i] / arrivals[i] : fastest);
                })
            .toList());
  }

  /**
   * The fixed point, by going a part of the way again and again.
   *
   * @param sent for each host how many messages a free tick sends to each of those it knows
   * @param others for each host the places of those it knows; empty if all know all
   */
  public static double[] arrivalRates(double[] rates, double[] sent, int[][] others) {
    int n = rates.length;
    double[] arrivals = new double[n];
    for (int round = 0; round < ROUNDS; round++) {
      double[] target = new double[n];
      double all = 0;
      for (int i = 0; i < n; i++) {
        double flow = Math.max(0, rates[i] - arrivals[i]) * sent[i];
        all += flow;
        if (others.length == 0) {
          target[i] -= flow;
        } else {
          for (int other : others[i]) {
            target[other] += flow;
          }
        }
      }
      double change = 0;
      for (int i = 0; i < n; i++) {
        double step = STEP * (target[i] + (others.length == 0 ? all : 0) - arrivals[i]);
        arrivals[i] += step;
        change = Math.max(change, Math.abs(step));
      }
      if (change < 1e-9) {
        break;
      }
    }
    return arrivals;
  }

  /**
   * How far a measured number of arrivals may be from the expected one by chance: four standard
   * deviations of a Poisson count.
   */
  static boolean isNear(double measuredRate, double expectedRate, double seconds) {
    double allowed = ALLOWED_DEVIATIONS * Math.sqrt(Math.max(1, expectedRate * seconds));
    return Math.abs(measuredRate - expectedRate) * seconds <= allowed;
  }
}
