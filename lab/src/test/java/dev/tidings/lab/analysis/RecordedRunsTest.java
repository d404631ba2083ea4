package dev.tidings.lab.analysis;

import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.drift.LinkModel;
import dev.tidings.drift.Simulation;
import dev.tidings.drift.SimulationSink;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.function.ToDoubleFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Another implementation's runs in real time against ours in virtual time. */
class RecordedRunsTest {
  private static final int RUNS = 1_000;

  /** 0.5 % of the runs lie below, and 0.5 % above. */
  private static final int OUTSIDE = RUNS / 200;

  @ParameterizedTest
  @ValueSource(strings = {"test1", "test2", "test3", "test4"})
  void each_recorded_figure_lies_in_the_central_99_percent_of_simulated_runs(String name) {
    RunAnalysis recorded = RunAnalysis.of(RecordedRuns.read(name));
    List<HostFigures> hosts = recorded.hosts();
    double[] rates = hosts.stream().mapToDouble(HostFigures::realRate).toArray();
    long[] starts = new long[rates.length];
    for (int i = 0; i < starts.length; i++) {
      starts[i] = Math.round(recorded.run().seconds(i, 0) * 1e9);
    }
    // Until just behind the last event that was recorded.
    long end = Math.round((recorded.run().duration() + 0.001) * 1e9);
    var runs = new ArrayList<Simulation>();
    for (int seed = 0; seed < RUNS; seed++) {
      var simulation =
          new Simulation(
              new DriftSetup(
                  new ExperimentSeed(seed),
                  rates,
                  new double[] {0.7},
                  starts,
                  rates.length - 1,
                  LinkModel.PERFECT,
                  0),
              1,
              part -> SimulationSink.NONE);
      simulation.run(end);
      runs.add(simulation);
    }
    for (int i = 0; i < rates.length; i++) {
      HostFigures host = hosts.get(i);
      int id = i + 1;
      String where = name + ", host " + host.id() + ", ";
      assertCentral(where + "events", host.events(), runs, s -> s.totals(id).events());
      assertCentral(where + "final clock", host.finalClock(), runs, s -> s.totals(id).finalClock());
      assertCentral(
          where + "largest queue", host.largestQueue(), runs, s -> s.totals(id).largestQueue());
      assertCentral(
          where + "largest jump", host.largestJump(), runs, s -> s.totals(id).largestJump());
      assertCentral(where + "receives", host.receives(), runs, s -> s.totals(id).receives());
      assertCentral(where + "sends", host.sends(), runs, s -> s.totals(id).sends());
      assertCentral(where + "internals", host.internals(), runs, s -> s.totals(id).internals());
      assertCentral(where + "unread", host.unread(), runs, s -> s.totals(id).queueLength());
    }
  }

  private static void assertCentral(
      String what, Number recorded, List<Simulation> runs, ToDoubleFunction<Simulation> figure) {
    double[] sorted = runs.stream().mapToDouble(figure).toArray();
    Arrays.sort(sorted);
    double low = sorted[OUTSIDE];
    double high = sorted[RUNS - 1 - OUTSIDE];
    assertTrue(
        low <= recorded.doubleValue() && recorded.doubleValue() <= high,
        what + ": " + recorded + " is not within " + low + " to " + high);
  }
}
