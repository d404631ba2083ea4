package dev.tidings.lab;

import dev.tidings.lab.analysis.Run;
import dev.tidings.lab.analysis.RunAnalysis;
import dev.tidings.lab.report.Chart;
import dev.tidings.lab.report.Charts;
import dev.tidings.lab.report.HtmlReport;
import dev.tidings.lab.report.JsonReport;
import dev.tidings.lab.report.Table;
import dev.tidings.lab.report.Tables;
import dev.tidings.lab.report.TextReport;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.EnumSet;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code bin/lab report}: what the logs of runs say. */
@Command(
    name = "report",
    sortOptions = false,
    usageHelpAutoWidth = true,
    description =
        "Tells what the logs of runs say: ours, and those of other implementations (JSON arrays in client-*.json).")
final class ReportCommand implements Callable<Integer> {
  @Option(
      names = {"-h", "--help"},
      usageHelp = true,
      description = "Shows this.")
  boolean isHelpRequested;

  @Parameters(arity = "1..*", paramLabel = "DIR", description = "Directories of runs.")
  private List<Path> directories = List.of();

  @Option(
      names = "--output",
      defaultValue = "text",
      paramLabel = "FORM",
      description =
          "On the terminal: text, json or csv (a line for each host). Default: ${DEFAULT-VALUE}.")
  private Output output = Output.TEXT;

  @Option(
      names = "--format",
      split = ",",
      defaultValue = "html",
      paramLabel = "FORMAT",
      description =
          "Files to write: html (one page for each run), svg or png (each chart), csv (each table), none; several with"
              + " commas. Default: ${DEFAULT-VALUE}.")
  private List<Format> formats = List.of();

  @Option(
      names = "--to",
      defaultValue = "reports",
      paramLabel = "DIR",
      description = "Where files go; what is there is replaced. Default: ${DEFAULT-VALUE}.")
  private Path target = Path.of("reports");

  private enum Format {
    HTML,
    SVG,
    PNG,
    CSV,
    NONE
  }

  private enum Output {
    TEXT,
    JSON,
    CSV;

    @Override
    public String toString() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  @Override
  public Integer call() throws InterruptedException {
    return Running.guard(
        () -> {
          var analyses = new ArrayList<RunAnalysis>();
          for (Path directory : directories) {
            analyses.add(RunAnalysis.of(Run.read(directory)));
          }
          System.out.print(words(analyses));
          for (RunAnalysis analysis : analyses) {
            write(analysis);
          }
          return 0;
        });
  }

  private String words(List<RunAnalysis> analyses) {
    var words = new StringBuilder();
    if (output == Output.JSON) {
      return JsonReport.of(analyses) + "\n";
    }
    if (output == Output.CSV) {
      return Tables.ofHosts(analyses).toCsv();
    }
    for (RunAnalysis analysis : analyses) {
      words.append(words.isEmpty() ? "" : "\n").append(TextReport.of(analysis));
    }
    return words.toString();
  }

  private void write(RunAnalysis analysis) throws IOException {
    String name = analysis.run().name().replaceAll("[^A-Za-z0-9._-]", "-");
    List<Chart> charts = Charts.of(analysis);
    if (formats.contains(Format.HTML)) {
      ChartFormat.write(
          target.resolve(name + ".html"),
          HtmlReport.of(
                  analysis.run().name(),
                  TextReport.facts(analysis.run()),
                  analysis.findings(),
                  analysis.run().notes(),
                  charts,
                  Tables.of(analysis))
              .getBytes(StandardCharsets.UTF_8));
    }
    if (formats.contains(Format.CSV)) {
      for (Table table : Tables.of(analysis)) {
        ChartFormat.write(
            target.resolve(name + "-" + table.id() + ".csv"),
            table.toCsv().getBytes(StandardCharsets.UTF_8));
      }
    }
    var chartFormats = EnumSet.noneOf(ChartFormat.class);
    if (formats.contains(Format.SVG)) {
      chartFormats.add(ChartFormat.SVG);
    }
    if (formats.contains(Format.PNG)) {
      chartFormats.add(ChartFormat.PNG);
    }
    ChartFormat.write(charts, target.resolve(name), chartFormats);
  }
}
