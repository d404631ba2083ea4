package dev.tidings.bench;

import dev.tidings.bench.results.Section;
import java.util.function.Consumer;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The inner parts, by JMH, which tells its own table. */
final class CoreBench implements Part {
  private final boolean quick;

  /**
   * @param quick whether one short iteration of each has to be enough
   */
  CoreBench(boolean quick) {
    this.quick = quick;
  }

  @Override
  public void run(Consumer<Section> sections) {
    var options = new OptionsBuilder();
    options.include(".*Benchmark.*");
    if (quick) {
      options
          .param("stalled", "0", "100000")
          .param("others", "0")
          .param("replicas", "3")
          .warmupIterations(1)
          .warmupTime(TimeValue.milliseconds(200))
          .measurementIterations(1)
          .measurementTime(TimeValue.milliseconds(200));
    }
    try {
      new Runner(options.build()).run();
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH cannot run: " + e.getMessage(), e);
    }
  }
}
