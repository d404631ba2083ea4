package dev.tidings.lab;

import dev.tidings.lab.study.Point;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lab sweep}: many simulated runs over a grid. */
@Command(
    name = "sweep",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Simulates every combination of what is given, with several seeds each, and reports drift, jumps and queue growth"
            + " against each variable. After Ctrl-C the same command goes on where it was.",
    footer = {
      "",
      "Example: bin/lab sweep --exp-name speeds --clock-speeds \"uniform 1-6; uniform 3-4\" --hosts \"3; 10\" --seeds 10"
    })
final class SweepCommand implements Callable<Integer> {
  private static final int MAX_RUNS = 1_000_000;
  private static final int MAX_SEEDS = 10_000;

  @Spec private @Nullable CommandSpec spec;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--exp-name",
      required = true,
      paramLabel = "NAME",
      description = "Names the sweep's directory.")
  private String name = "";

  @Option(
      names = "--clock-speeds",
      defaultValue = "uniform 1-6",
      paramLabel = "\"S; S; …\"",
      description =
          "As in bin/lab simulate, with semicolons between them. Default: ${DEFAULT-VALUE}.")
  private String speeds = "";

  @Option(
      names = "--prob-internal",
      defaultValue = "0.7",
      paramLabel = "\"P; P; …\"",
      description = "Default: ${DEFAULT-VALUE}.")
  private String probabilities = "";

  @Option(
      names = "--hosts",
      defaultValue = "3",
      paramLabel = "\"N; N; …\"",
      description = "Default: ${DEFAULT-VALUE}.")
  private String hosts = "";

  @Option(
      names = "--link-delay",
      defaultValue = "0",
      paramLabel = "\"D; D; …\"",
      description = "Default: ${DEFAULT-VALUE}.")
  private String delays = "";

  @Option(
      names = "--seeds",
      defaultValue = "5",
      paramLabel = "N",
      description = "Each combination is run with the seeds 1 to N. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--run-time",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description = "Default: ${DEFAULT-VALUE}.")
  private BigDecimal runTime = BigDecimal.ZERO;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Runs side by side. Default: as many as there are processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--logs",
      defaultValue = "logs",
      paramLabel = "DIR",
      description =
          "Outcomes and report go into a directory of the sweep's name in here. Default: ${DEFAULT-VALUE}.")
  private Path logs = Path.of("logs");

  @Override
  public Integer call() throws InterruptedException {
    List<Point> points;
    try {
      points = points();
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Running.guard(
        () -> {
          Studies.run(name, points, seeds, threads, logs.resolve(name));
          return 0;
        });
  }

  private List<Point> points() {
    Checks.name(name);
    if (seeds < 1 || seeds > MAX_SEEDS) {
      throw new IllegalArgumentException("there are 1 to 10000 seeds, not " + seeds);
    }
    if (threads < 1 || threads > 1_000) {
      throw new IllegalArgumentException("there are 1 to 1000 threads, not " + threads);
    }
    var points = new ArrayList<Point>();
    for (String speed : split(speeds)) {
      for (String probability : split(probabilities)) {
        for (String count : split(hosts)) {
          for (String delay : split(delays)) {
            var point =
                new Point(
                    "",
                    speed,
                    number(probability, "a probability"),
                    (int) number(count, "a number of hosts"),
                    delay,
                    runTime.doubleValue());
            // Checks the combination before anything is run.
            Studies.setup(point, 1);
            points.add(point);
          }
        }
      }
    }
    if ((long) points.size() * seeds > MAX_RUNS) {
      throw new IllegalArgumentException(
          "a sweep has at most a million runs, not " + (long) points.size() * seeds);
    }
    return points;
  }

  private static double number(String text, String what) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          what + " is a number, with semicolons between several, not \"" + text + "\"", e);
    }
  }

  private static List<String> split(String text) {
    return List.of(text.strip().split("\\s*;\\s*", -1));
  }
}
