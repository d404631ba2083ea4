package dev.tidings.bench;

import dev.tidings.bench.servers.ProcessMemory;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command as it is typed, from start to end.
 *
 * @param peakBytes the most memory that it had; 0 where there is nobody to ask
 */
record WholeProcess(double seconds, long peakBytes, int exitCode) {
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

  String memory() {
    return peakBytes == 0
        ? "memory not known here"
        : "%,d MiB of memory".formatted(peakBytes >> 20);
  }
}
