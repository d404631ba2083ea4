package dev.tidings.bench;

import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Ratio;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.results.Section;
import dev.tidings.bench.results.Target;
import dev.tidings.bench.servers.TidingsCluster;
import java.io.IOException;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.function.Consumer;

/** How long a user waits: for a replica that begins, and for a command. */
final class StartupBench implements Part {
  private static final Column SECONDS = new Column("seconds", "s, median", "%.2f");
  private static final Column FASTEST = new Column("fastestSeconds", "fastest", "%.2f");
  private static final Column SLOWEST = new Column("slowestSeconds", "slowest", "%.2f");

  private final Settings settings;

  StartupBench(Settings settings) {
    this.settings = settings;
  }

  @Override
  public void run(Consumer<Section> sections) throws IOException, InterruptedException {
    int rounds = settings.rounds(9, 3);
    List<Double> ready = new ArrayList<>();
    List<Double> get = new ArrayList<>();
    for (int i = 0; i <= rounds; i++) {
      long begin = System.nanoTime();
      try (TidingsCluster cluster = settings.startCluster(1, TidingsCluster.CAUSAL)) {
        double seconds = (System.nanoTime() - begin) / 1e9;
        WholeProcess process =
            WholeProcess.run(
                "client", List.of("get", "key", "--replica", "127.0.0.1:" + cluster.port(1)));
        if (i > 0) {
          // The first brings the files into memory.
          ready.add(seconds);
          get.add(process.seconds());
        }
      }
    }
    sections.accept(
        new Section(
            "Start-up, each %d times".formatted(rounds),
            List.of(SECONDS, FASTEST, SLOWEST),
            List.of(row("a replica is ready, empty directory", ready), row("bin/client get", get)),
            List.of(
                Target.atMost("a replica is ready within 1.0 s", Ratio.median(ready), 1),
                Target.atMost("bin/client get within 0.7 s", Ratio.median(get), 0.7)),
            List.of()));
  }

  private static Row row(String name, List<Double> seconds) {
    return Row.of(
        name,
        Map.of(
            SECONDS,
            Ratio.median(seconds),
            FASTEST,
            seconds.stream().mapToDouble(Double::doubleValue).min().orElse(Double.NaN),
            SLOWEST,
            seconds.stream().mapToDouble(Double::doubleValue).max().orElse(Double.NaN)));
  }
}
