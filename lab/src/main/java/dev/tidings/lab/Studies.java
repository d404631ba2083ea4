package dev.tidings.lab;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.drift.DriftSetup;
import dev.tidings.drift.ExperimentSeed;
import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.report.Charts;
import dev.tidings.lab.report.HtmlReport;
import dev.tidings.lab.report.Table;
import dev.tidings.lab.report.Tables;
import dev.tidings.lab.report.TextReport;
import dev.tidings.lab.study.Outcome;
import dev.tidings.lab.study.Point;
import dev.tidings.lab.study.StudyReport;
import dev.tidings.lab.study.Sweep;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.channels.FileChannel;
import java.nio.channels.FileLock;
import java.nio.channels.OverlappingFileLockException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.stream.Stream;
import me.tongfei.progressbar.ProgressBar;
import org.jspecify.annotations.Nullable;

/** Sweeps from start to report. */
final class Studies {
  private static final String GRID = "sweep.json";
  private static final String OUTCOMES = "outcomes.jsonl";
  private static final String LOCK = "sweep.lock";

  private Studies() {}

  /**
   * How runs of a sweep are carried out.
   *
   * @param mode in virtual time, or all hosts in this process in real time
   * @param timeScale how many seconds of a run pass in a second; null in virtual time
   * @param hostCommand the program that is ticked in place of our hosts; null for ours
   */
  record Way(Mode mode, @Nullable BigDecimal timeScale, @Nullable String hostCommand) {
    static final Way VIRTUAL = new Way(Mode.SIMULATED, null, null);
  }

  /**
   * A point and a seed as an experiment.
   *
   * @throws IllegalArgumentException if the point is not allowed; the message says what is
   */
  static Experiment experiment(String name, Point point, long seed, Way way) {
    ClockSpeeds speeds = ClockSpeeds.parse(point.speeds());
    if (speeds.list().isEmpty() && point.hosts() <= ExperimentOptions.LISTED_SPEEDS) {
      Checks.hosts(way.mode(), point.hosts());
      speeds = speeds.listed(point.hosts(), new ExperimentSeed(seed));
    }
    return new Experiment(
        name,
        way.mode(),
        BigDecimal.valueOf(point.seconds()),
        point.probInternal(),
        speeds,
        point.hosts(),
        seed,
        point.linkDelay(),
        point.loss(),
        point.others() == null ? point.hosts() - 1 : point.others(),
        point.tickJitter(),
        way.timeScale(),
        way.hostCommand(),
        Map.of());
  }

  private static DriftSetup setup(Point point, long seed) {
    return experiment("run", point, seed, Way.VIRTUAL).setup();
  }

  /** What a sweep does in its directory. */
  interface Work {
    void run() throws IOException, InterruptedException;
  }

  /**
   * Does the work while no other process works in the directory, which is made if need be: two
   * sweeps would both do the same runs, and count them twice.
   *
   * @throws LabException if another one works there
   */
  static void alone(Path directory, Work work) throws IOException, InterruptedException {
    Files.createDirectories(directory);
    // The lock ends with the process, however that ends.
    try (var file =
        FileChannel.open(
            directory.resolve(LOCK), StandardOpenOption.CREATE, StandardOpenOption.WRITE)) {
      if (!isLocked(file)) {
        throw new LabException(
            "%s: another sweep is under way there; wait for it, or choose another name"
                .formatted(directory));
      }
      work.run();
    }
  }

  private static boolean isLocked(FileChannel file) throws IOException {
    try {
      @Nullable FileLock lock = file.tryLock();
      return lock != null;
    } catch (OverlappingFileLockException e) {
      return false;
    }
  }

  /** Runs what is not there yet, and writes the report, the charts as files of their own too. */
  static void run(
      String title,
      List<Point> points,
      int seeds,
      int threads,
      Way way,
      List<ChartFormat> formats,
      Path directory)
      throws IOException, InterruptedException {
    keepGrid(points, seeds, way, directory);
    var sweep =
        new Sweep(
            points,
            seeds,
            directory.resolve(OUTCOMES),
            Studies::setup,
            way.mode() == Mode.SIMULATED
                ? Optional.empty()
                : Optional.of(
                    (point, seed) ->
                        realTime(
                            "setting-%d-seed-%d".formatted(points.indexOf(point) + 1, seed),
                            point,
                            seed,
                            way,
                            directory)));
    System.out.printf(
        Locale.ROOT,
        "%s: %,d settings, %d seeds each; outcomes in %s%n",
        title,
        points.size(),
        seeds,
        directory);
    Map<Point, List<Outcome>> outcomes;
    try (ProgressBar bar = Bars.things(title, sweep.size())) {
      outcomes = sweep.run(threads, bar::stepTo);
    }
    var report = new StudyReport(points, outcomes);
    Table table = report.shortTable();
    report.findings().forEach(finding -> System.out.println("* " + finding));
    System.out.println();
    System.out.println(table.toText());
    Files.writeString(directory.resolve("points.csv"), report.table().toCsv());
    Path page = directory.resolve("report.html");
    Files.writeString(
        page,
        HtmlReport.of(
            title,
            String.format(
                Locale.ROOT,
                "%,d settings, %d seeds each, %s s of %s time a run",
                points.size(),
                seeds,
                BigDecimal.valueOf(points.get(0).seconds()).stripTrailingZeros().toPlainString(),
                way.mode() == Mode.SIMULATED ? "virtual" : "real"),
            report.findings(),
            List.of(
                "Red bars and red edges: settings in which some hosts must fall behind for good. Grey lines: 95 % intervals of the mean."),
            report.charts(),
            List.of(table)));
    System.out.println("wrote " + page);
    ChartFormat.write(report.charts(), directory.resolve("report"), formats);
  }

  /** A directory belongs to one grid: what is there counts for it alone. */
  private static void keepGrid(List<Point> points, int seeds, Way way, Path directory)
      throws IOException {
    var json = new ObjectMapper();
    String grid =
        json.writerWithDefaultPrettyPrinter()
            .writeValueAsString(Map.of("seeds", seeds, "way", way, "points", points));
    Path file = directory.resolve(GRID);
    if (Files.exists(file)) {
      if (!json.readTree(file.toFile()).equals(json.readTree(grid))) {
        throw new LabException(
            "%s has another sweep's outcomes; choose another name, or remove it"
                .formatted(directory));
      }
    } else {
      Files.writeString(file, grid + "\n");
    }
  }

  /** A run in real time, which keeps its logs. */
  private static RunAnalysis realTime(String name, Point point, long seed, Way way, Path parent)
      throws IOException, InterruptedException {
    Experiment experiment = experiment(name, point, seed, way);
    Path directory = createAnew(parent, experiment);
    try (ProgressBar none = Bars.hidden()) {
      new InProcessRun(experiment, directory).run(none);
    }
    return RunAnalysis.of(Run.read(directory));
  }

  /** Single runs of a point with their logs, each with a page of its own. */
  static void reportRuns(Point point, int seeds, Path parent)
      throws IOException, InterruptedException {
    for (long seed = 1; seed <= seeds; seed++) {
      Experiment experiment = experiment("run-" + seed, point, seed, Way.VIRTUAL);
      Path directory = createAnew(parent, experiment);
      SimulatedRun.run(experiment, directory, experiment.hosts(), EventLog.Clocks.FULL, 1);
      RunAnalysis analysis = RunAnalysis.of(Run.read(directory));
      Path page = parent.resolve(experiment.name() + ".html");
      Files.writeString(
          page,
          HtmlReport.of(
              experiment.name(),
              TextReport.facts(analysis.run()),
              analysis.findings(),
              analysis.run().notes(),
              Charts.of(analysis),
              Tables.of(analysis)));
      System.out.println("wrote " + page + ": " + analysis.findings().get(0));
    }
  }

  private static Path createAnew(Path parent, Experiment experiment) throws IOException {
    Path directory = parent.resolve(experiment.name());
    if (Files.exists(directory)) {
      // Left behind by a run that may have been stopped in the middle.
      delete(directory);
    }
    return RunDirectory.create(parent, experiment);
  }

  private static void delete(Path directory) throws IOException {
    var files = new ArrayList<Path>();
    try (Stream<Path> all = Files.list(directory)) {
      files.addAll(all.toList());
    }
    for (Path file : files) {
      Files.delete(file);
    }
    Files.delete(directory);
  }
}
