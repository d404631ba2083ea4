package dev.tidings.bench;

import java.io.IOException;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;

/**
 * {@code make bench}: all measurements, or those that are named: {@code store}, {@code core},
 * {@code checker}, {@code simulation}.
 */
public final class BenchMain {
  private BenchMain() {}

  /**
   * @param args what to measure; all if empty
   */
  public static void main(String[] args) throws IOException, InterruptedException, RunnerException {
    boolean all = args.length == 0;
    for (String name : all ? new String[] {"store", "core", "checker", "simulation"} : args) {
      switch (name) {
        case "store" -> StoreBench.run();
        case "core" ->
            new Runner(new OptionsBuilder().include(WakeUpBenchmark.class.getSimpleName()).build())
                .run();
        case "checker" -> CheckerBench.run();
        case "simulation" -> SimulationBench.run();
        default -> {
          System.err.println(
              "there is no measurement " + name + "; there are: store, core, checker, simulation");
          System.exit(2);
        }
      }
    }
  }
}
