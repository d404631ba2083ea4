package dev.tidings.lab.study;

import com.fasterxml.jackson.annotation.JsonProperty;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.Simulation;
import dev.tidings.lab.analysis.HostFigures;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.analysis.Theory;
import java.util.List;

/**
 * What one run came to.
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

  /** Of a simulated run. */
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
        (double) Theory.overloaded(setup) / setup.hosts());
  }

  /** Of a run in real time, as its logs have it. */
  static Outcome of(String key, DriftSetup setup, RunAnalysis run, double seconds) {
    List<HostFigures> hosts = run.hosts();
    long highest = hosts.stream().mapToLong(HostFigures::finalClock).max().orElse(0);
    long lowest = hosts.stream().mapToLong(HostFigures::finalClock).min().orElse(0);
    long clocks = hosts.stream().mapToLong(HostFigures::finalClock).sum();
    long events = hosts.stream().mapToLong(HostFigures::events).sum();
    return new Outcome(
        key,
        // A host without a single event has no log, and its clock is still at 0.
        (highest - (hosts.size() < setup.hosts() ? 0 : lowest)) / seconds,
        (double) clocks / Math.max(1, events),
        hosts.stream().mapToLong(HostFigures::largestJump).max().orElse(0),
        hosts.stream().mapToInt(HostFigures::unread).max().orElse(0) / seconds,
        (double) Theory.overloaded(setup) / setup.hosts());
  }
}
