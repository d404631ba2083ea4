package dev.tidings.lab;

import dev.tidings.lab.study.Point;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Spec;

/** {@code bin/lab sweep}: many runs over a grid. */
@Command(
    name = "sweep",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Runs every combination of what is given, with several seeds each, and reports drift, jumps and queue growth"
            + " against each variable. After Ctrl-C the same command goes on where it was.",
    footer = {
      "",
      "Examples: bin/lab sweep --exp-name speeds --clock-speeds \"uniform 1-6; uniform 3-4\" --hosts \"3; 10\" --seeds 10",
      "          bin/lab sweep --exp-name mine --real-time --time-scale 20 --host 'python3 mine.py' --link-delay \"0; 200ms\""
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
      names = "--loss",
      defaultValue = "0",
      paramLabel = "\"P; P; …\"",
      description = "Default: ${DEFAULT-VALUE}.")
  private String losses = "";

  @Option(
      names = "--others",
      defaultValue = "all",
      paramLabel = "\"K; K; …\"",
      description = "How many others each host knows. Default: ${DEFAULT-VALUE}.")
  private String others = "";

  @Option(
      names = "--tick-jitter",
      defaultValue = "0",
      paramLabel = "\"J; J; …\"",
      description = "Default: ${DEFAULT-VALUE}.")
  private String jitters = "";

  @Option(
      names = "--seeds",
      defaultValue = "5",
      paramLabel = "N",
      description =
          "Each combination is run with the seeds 1 to N, N 1 to 10000. Default: ${DEFAULT-VALUE}.")
  private int seeds;

  @Option(
      names = "--run-time",
      defaultValue = "60",
      paramLabel = "SECONDS",
      description = "How long each run is, 0.001 to 86400. Default: ${DEFAULT-VALUE}.")
  private BigDecimal runTime = BigDecimal.ZERO;

  @Option(
      names = "--real-time",
      description =
          "All hosts of a run in this process, in real time; runs keep their logs. Default: virtual time.")
  private boolean isRealTime;

  @Option(
      names = "--time-scale",
      paramLabel = "S",
      description = "With --real-time: so many seconds of a run pass in a real one. Default: 1.")
  private @Nullable BigDecimal timeScale;

  @Option(
      names = "--host",
      paramLabel = "COMMAND",
      description = "With --real-time: a program that is ticked in place of our host.")
  private @Nullable String hostCommand;

  @Option(
      names = "--threads",
      paramLabel = "N",
      description = "Runs side by side, 1 to 1000. Default: as many as there are processors.")
  private int threads = Runtime.getRuntime().availableProcessors();

  @Option(
      names = "--logs",
      defaultValue = "logs",
      paramLabel = "DIR",
      description =
          "Outcomes and report go into a directory of the sweep's name in here. Default: ${DEFAULT-VALUE}.")
  private Path logs = Path.of("logs");

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description =
          "Files of each chart beside the page: svg or png, both with a comma. Default: none.")
  private List<ChartFormat> formats = List.of();

  @Override
  public Integer call() throws InterruptedException {
    List<Point> points;
    Studies.Way way;
    try {
      way = way();
      points = points(way);
    } catch (IllegalArgumentException e) {
      throw new ParameterException(
          Objects.requireNonNull(spec).commandLine(), String.valueOf(e.getMessage()), e);
    }
    return Running.guard(
        () -> {
          Path directory = logs.resolve(name);
          Studies.alone(
              directory, () -> Studies.run(name, points, seeds, threads, way, formats, directory));
          return 0;
        });
  }

  private Studies.Way way() {
    if (!isRealTime && (timeScale != null || hostCommand != null)) {
      throw new IllegalArgumentException(
          "--time-scale and --host are for runs in real time; give --real-time too");
    }
    return isRealTime
        ? new Studies.Way(
            Mode.IN_PROCESS, timeScale == null ? BigDecimal.ONE : timeScale, hostCommand)
        : Studies.Way.VIRTUAL;
  }

  private List<Point> points(Studies.Way way) {
    Checks.name(name);
    if (seeds < 1 || seeds > MAX_SEEDS) {
      throw new IllegalArgumentException("there are 1 to 10000 seeds, not " + seeds);
    }
    if (threads < 1 || threads > 1_000) {
      throw new IllegalArgumentException("there are 1 to 1000 threads, not " + threads);
    }
    List<List<String>> grid =
        Stream.of(speeds, probabilities, hosts, delays, losses, others, jitters)
            .map(SweepCommand::split)
            .toList();
    long size = grid.stream().mapToLong(List::size).reduce(seeds, Math::multiplyExact);
    if (size > MAX_RUNS) {
      throw new IllegalArgumentException("a sweep has at most a million runs, not " + size);
    }
    List<List<String>> combinations = List.of(List.of());
    for (List<String> values : grid) {
      combinations =
          combinations.stream()
              .flatMap(
                  combination ->
                      values.stream()
                          .map(value -> Stream.concat(combination.stream(), Stream.of(value)))
                          .map(Stream::toList))
              .toList();
    }
    var points = new LinkedHashSet<Point>();
    for (List<String> values : combinations) {
      Point point = point(values);
      if (!points.add(point)) {
        throw new IllegalArgumentException("a value is there twice: " + String.join("; ", values));
      }
      // Checks the combination before anything is run.
      Studies.experiment(name, point, 1, way).setup();
    }
    return List.copyOf(points);
  }

  /** A combination of values, in the order of the grid. */
  private Point point(List<String> values) {
    return new Point(
        "",
        values.get(0),
        number(values.get(1), "a probability"),
        whole(values.get(2), "a number of hosts"),
        values.get(3),
        number(values.get(4), "a loss"),
        values.get(5).equals("all") ? null : whole(values.get(5), "a number of others"),
        number(values.get(6), "a tick jitter"),
        runTime.doubleValue());
  }

  private static double number(String text, String what) {
    try {
      return Double.parseDouble(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          what + " is a number, with semicolons between several, not \"" + text + "\"", e);
    }
  }

  private static int whole(String text, String what) {
    try {
      return Integer.parseInt(text);
    } catch (NumberFormatException e) {
      throw new IllegalArgumentException(
          what + " is a whole number, with semicolons between several, not \"" + text + "\"", e);
    }
  }

  private static List<String> split(String text) {
    return List.of(text.strip().split("\\s*;\\s*", -1));
  }
}
