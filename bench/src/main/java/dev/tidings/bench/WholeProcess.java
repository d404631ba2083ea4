package dev.tidings.bench;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.TimeUnit;

/**
 * A command as it is typed, from start to end.
 *
 * @param peakKib the most memory that it had; 0 where there is nobody to ask
 */
record WholeProcess(double seconds, long peakKib, int exitCode) {
  private static final int LOOK_MILLIS = 50;

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
    long peakKib = 0;
    while (!process.waitFor(LOOK_MILLIS, TimeUnit.MILLISECONDS)) {
      peakKib = Math.max(peakKib, peakKib(process.pid()));
    }
    return new WholeProcess((System.nanoTime() - begin) / 1e9, peakKib, process.exitValue());
  }

  String memory() {
    return peakKib == 0 ? "memory not known here" : "%,d MiB of memory".formatted(peakKib >> 10);
  }

  /** What Linux says of a process's memory. */
  private static long peakKib(long pid) {
    try {
      return Files.readAllLines(Path.of("/proc", Long.toString(pid), "status")).stream()
          .filter(line -> line.startsWith("VmHWM:"))
          .mapToLong(line -> Long.parseLong(line.replaceAll("\\D", "")))
          .findFirst()
          .orElse(0);
    } catch (IOException e) {
      return 0;
    }
  }
}
