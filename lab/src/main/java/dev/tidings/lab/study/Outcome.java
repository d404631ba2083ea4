package dev.tidings.lab.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Simulation;

/**
 * What one simulated run came to.
 *
 * @param key of its point and seed
 * @param drift ticks between the highest and the lowest logical clock at the end, a second of the
 *     run
 * @param meanJump over all hosts
 * @param largestJump of all
 * @param queueGrowth of the host whose inbox was longest at the end, messages a second
 * @param overloaded the part of the hosts that must fall behind, by their rates
 */
public record Outcome(
    @JsonProperty("key") String key,
    @JsonProperty("drift") double drift,
    @JsonProperty("mean_jump") double meanJump,
    @JsonProperty("largest_jump") long largestJump,
    @JsonProperty("queue_growth") double queueGrowth,
    @JsonProperty("overloaded") double overloaded) {

  static Outcome of(String key, DriftSetup setup, Simulation simulation, double seconds) {
    long highest = 0;
    long lowest = Long.MAX_VALUE;
    long clocks = 0;
    long largestJump = 0;
    int longest = 0;
    for (int id = 1; id <= setup.hosts(); id++) {
      Simulation.HostTotals totals = simulation.totals(id);
      highest = Math.max(highest, totals.finalClock());
      lowest = Math.min(lowest, totals.finalClock());
      clocks += totals.finalClock();
      largestJump = Math.max(largestJump, totals.largestJump());
      longest = Math.max(longest, totals.queueLength());
    }
    return new Outcome(
        key,
        (highest - lowest) / seconds,
        (double) clocks / Math.max(1, simulation.events()),
        largestJump,
        longest / seconds,
        (double) Point.overloaded(setup) / setup.hosts());
  }
}
