package dev.tidings.bench;

import dev.tidings.bench.results.Column;
import dev.tidings.bench.results.Row;
import dev.tidings.bench.servers.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;

/**
 * A command as it is typed, from start to end.
 *
 * @param peakBytes the most memory that it had; 0 where there is nobody to ask
 */
record WholeProcess(double seconds, long peakBytes, int exitCode) {
  static final Column SECONDS = new Column("seconds", "s", "%.1f");
  static final Column MEMORY = new Column("mebibytesAtMost", "MiB", "%,.0f");
  static final Column EXIT = new Column("exit", "exit", "%.0f");
  static final List<Column> COLUMNS = List.of(SECONDS, MEMORY, EXIT);

  private static final int LOOK_MILLIS = 10;

  /**
   * @param program in {@code bin}
   */
  static WholeProcess run(String program, List<String> arguments)
      throws IOException, InterruptedException {
    Path home = Path.of(System.getProperty("tidings.home", "."));
    var command = new ArrayList<String>();
    command.add(home.resolve("bin").resolve(program).toString());
    command.addAll(arguments);
    long begin = System.nanoTime();
    Process process =
        new ProcessBuilder(command)
            .redirectErrorStream(true)
            .redirectOutput(ProcessBuilder.Redirect.DISCARD)
            .start();
    long peakBytes = 0;
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      peakBytes = Math.max(peakBytes, ProcessMemory.peakBytes(process.pid()));
    }
    return new WholeProcess((System.nanoTime() - begin) / 1e9, peakBytes, process.exitValue());
  }

  /** What is told of it; the memory only where the system tells it. */
  Row row(String command) {
    Row row = Row.of(command, Map.of(SECONDS, seconds, EXIT, (double) exitCode));
    return peakBytes == 0 ? row : row.with(MEMORY, (double) (peakBytes >> 20));
  }
}
