package dev.tidings.bench;

import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.openjdk.jmh.infra.BenchmarkParams;
import org.openjdk.jmh.results.RunResult;
import org.openjdk.jmh.runner.Runner;
import org.openjdk.jmh.runner.RunnerException;
import org.openjdk.jmh.runner.options.OptionsBuilder;
import org.openjdk.jmh.runner.options.TimeValue;

/** The inner parts, by JMH. */
final class CoreBench implements Part {
  private static final Column NANOS = new Column("nanosPerOperation", "ns/op", "%,.1f");
  private static final Column ERROR = new Column("nanosPerOperationError", "± (99.9 %)", "%,.1f");

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
      sections.accept(section(new Runner(options.build()).run()));
    } catch (RunnerException e) {
      throw new IllegalStateException("JMH cannot run: " + e.getMessage(), e);
    }
  }

  private static Section section(Collection<RunResult> results) {
    return new Section(
        "Inner parts",
        List.of(NANOS, ERROR),
        results.stream().map(CoreBench::row).toList(),
        List.of(),
        List.of());
  }

  private static Row row(RunResult result) {
    BenchmarkParams benchmark = result.getParams();
    String name = benchmark.getBenchmark();
    String of =
        benchmark.getParamsKeys().stream()
            .map(key -> ", %s %s".formatted(benchmark.getParam(key), key))
            .collect(Collectors.joining());
    Row row =
        Row.of(
            name.substring(name.lastIndexOf('.') + 1) + of,
            Map.of(NANOS, result.getPrimaryResult().getScore()));
    double error = result.getPrimaryResult().getScoreError();
    // One iteration has none.
    return Double.isNaN(error) ? row : row.with(ERROR, error);
  }
}
