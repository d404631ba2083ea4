package dev.tidings.bench.load;

import java.io.IOException;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.stream.Stream;

/**
 * The compilers of all JVMs that take part: of this process and those that it has started. Linux
 * tells what they do; elsewhere they seem to rest.
 */
final class Compilers {
  private static final String THREADS = "C[12] CompilerThre.*";

  private Compilers() {}

  /**
   * The processor time of those that run. It gets less when one of them ends, as they do that have
   * nothing to do.
   */
  static Duration time() {
    long nanos =
        Stream.concat(Stream.of(ProcessHandle.current()), ProcessHandle.current().descendants())
            .mapToLong(process -> nanos(process.pid()))
            .sum();
    return Duration.ofNanos(nanos);
  }

  private static long nanos(long pid) {
    long sum = 0;
    try (DirectoryStream<Path> threads =
        Files.newDirectoryStream(Path.of("/proc", Long.toString(pid), "task"))) {
      for (Path thread : threads) {
        sum += nanos(thread);
      }
    } catch (IOException e) {
      // It has ended, or this is not Linux.
      return sum;
    }
    return sum;
  }

  private static long nanos(Path thread) {
    try {
      if (!Files.readString(thread.resolve("comm")).strip().matches(THREADS)) {
        return 0;
      }
      String onProcessor = Files.readString(thread.resolve("schedstat")).split(" ", 2)[0];
      return Long.parseLong(onProcessor);
    } catch (IOException e) {
      return 0;
    }
  }
}
