package dev.tidings.lab.analysis;

import dev.tidings.drift.DriftSetup;
import java.util.Arrays;
import java.util.List;
import java.util.stream.IntStream;

/**
 * What queueing says before the run. A host that finds its inbox empty sends, and each sending to
 * one of its k others or to all reaches each of them with probability 2/(k + 1); ticks that receive
 * send nothing. So the arrival rates are the solution of λ_i = Σ_j max(0, r_j - λ_j) (1 - p_j) 2/(k
 * + 1) (1 - loss), where j knows i, and a host whose λ is above its rate r must fall behind: its
 * queue grows by λ - r a second, and since it reads in order, at time t it reads what was sent at t
 * r/λ, so its clock rises by r/λ of the rate at which the senders' clocks rise. No clock rises
 * slower than its host ticks, nor slower than that of any host that it hears of.
 *
 * @param hosts one for each host of the run, in its order
 */
public record Theory(List<Host> hosts) {
  private static final int ROUNDS = 2_000;
  private static final double STEP = 0.2;

  /** So much above a host's rate arrivals overload it; at the boundary itself it keeps up. */
  private static final double BEYOND = 1.001;

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
    int[][] others = run.othersOfAll();
    double[] arrivals = arrivalRates(rates, sent, others);
    double[] clocks = clockRates(rates, sent, arrivals, others);
    return new Theory(
        IntStream.range(0, n)
            .mapToObj(
                i ->
                    new Host(
                        rates[i],
                        arrivals[i],
                        isOverloaded(arrivals[i], rates[i]) ? arrivals[i] - rates[i] : 0,
                        clocks[i]))
            .toList());
  }

  /** How many hosts of a run must fall behind, by the rates that they are to have. */
  public static int overloaded(DriftSetup setup) {
    int n = setup.hosts();
    double[] rates = new double[n];
    double[] sent = new double[n];
    int[][] others = new int[setup.isComplete() ? 0 : n][];
    double reach = 2.0 / (setup.others() + 1) * (1 - setup.link().loss());
    for (int id = 1; id <= n; id++) {
      rates[id - 1] = setup.rate(id);
      sent[id - 1] = (1 - setup.probInternal(id)) * reach;
      if (others.length > 0) {
        others[id - 1] = Arrays.stream(setup.othersOf(id)).map(other -> other - 1).toArray();
      }
    }
    double[] arrivals = arrivalRates(rates, sent, others);
    return (int) IntStream.range(0, n).filter(i -> isOverloaded(arrivals[i], rates[i])).count();
  }

  private static boolean isOverloaded(double arrivalRate, double rate) {
    return arrivalRate > rate * BEYOND;
  }

  /** How fast each clock rises at least: what it hears of, hosts hear of in turn. */
  static double[] clockRates(double[] rates, double[] sent, double[] arrivals, int[][] others) {
    int n = rates.length;
    double[] clocks = rates.clone();
    for (boolean hasRisen = true; hasRisen; ) {
      double[] heard = new double[n];
      double fastest = 0;
      for (int i = 0; i < n; i++) {
        boolean sends = sent[i] > 0 && rates[i] > arrivals[i];
        if (sends && others.length == 0) {
          fastest = Math.max(fastest, clocks[i]);
        } else if (sends) {
          for (int other : others[i]) {
            heard[other] = Math.max(heard[other], clocks[i]);
          }
        }
      }
      hasRisen = false;
      for (int i = 0; i < n; i++) {
        // A host's own clock among those that all know changes nothing: it has that already.
        double behind = Math.max(heard[i], fastest) * Math.min(1, rates[i] / arrivals[i]);
        if (arrivals[i] > 0 && behind > clocks[i] * (1 + 1e-9)) {
          clocks[i] = behind;
          hasRisen = true;
        }
      }
    }
    return clocks;
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
