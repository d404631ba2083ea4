package dev.tidings.lab;

import dev.tidings.lab.report.Chart;
import dev.tidings.lab.report.ChartFiles;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;

/** In what a chart can be a file of its own. */
enum ChartFormat {
  SVG,
  PNG;

  /** Writes each chart in each of the formats, as {@code PREFIX-CHART.FORMAT}, and says so. */
  static void write(List<Chart> charts, Path prefix, Collection<ChartFormat> formats)
      throws IOException {
    if (formats.isEmpty()) {
      return;
    }
    try (var files = new ChartFiles()) {
      for (Chart chart : charts) {
        String file = prefix + "-" + chart.id();
        if (formats.contains(SVG)) {
          write(Path.of(file + ".svg"), files.svg(chart).getBytes(StandardCharsets.UTF_8));
        }
        if (formats.contains(PNG)) {
          write(Path.of(file + ".png"), files.png(chart));
        }
      }
    }
  }

  /** Says so beside the report, which may be piped elsewhere. */
  static void write(Path file, byte[] content) throws IOException {
    if (file.getParent() != null) {
      Files.createDirectories(file.getParent());
    }
    Files.write(file, content);
    System.err.println("wrote " + file);
  }
}
