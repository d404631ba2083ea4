package dev.tidings.lab;

import dev.tidings.lab.study.Point;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;

/** {@code bin/lab study}: the classical assignment, all of it. */
@Command(
    name = "study",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "The classical assignment in virtual time: five runs of a minute with random speeds from 1 to 6; then with smaller"
            + " variation; then with smaller internal probability; then with 5, 10 and 100 hosts.")
final class StudyCommand implements Callable<Integer> {
  private static final int RUNS = 5;
  private static final double SECONDS = 60;

  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Option(
      names = "--to",
      defaultValue = "logs/study",
      paramLabel = "DIR",
      description = "Where outcomes and report go. Default: ${DEFAULT-VALUE}.")
  private Path target = Path.of("logs", "study");

  @Option(
      names = "--format",
      split = ",",
      paramLabel = "FORMAT",
      description =
          "Files of each chart beside the page: svg or png, both with a comma. Default: none.")
  private List<ChartFormat> formats = List.of();

  @Override
  public Integer call() throws InterruptedException {
    return Running.guard(
        () -> {
          Studies.alone(target, this::study);
          return 0;
        });
  }

  private void study() throws IOException, InterruptedException {
    Studies.run(
        "study",
        points(),
        RUNS,
        Runtime.getRuntime().availableProcessors(),
        Studies.Way.VIRTUAL,
        formats,
        target);
    Studies.reportRuns(points().get(0), RUNS, target);
  }

  static List<Point> points() {
    var points = new ArrayList<Point>();
    points.add(new Point("random speeds", "uniform 1-6", 0.7, 3, SECONDS));
    for (String speeds : List.of("uniform 2-5", "uniform 3-4", "constant 3")) {
      points.add(new Point("smaller variation", speeds, 0.7, 3, SECONDS));
    }
    for (double probability : List.of(0.4, 0.2, 0.0)) {
      points.add(new Point("smaller probability", "uniform 1-6", probability, 3, SECONDS));
    }
    for (int hosts : List.of(5, 10, 100)) {
      points.add(new Point("more hosts", "uniform 1-6", 0.7, hosts, SECONDS));
    }
    return points;
  }
}
