package dev.tidings.torture;

import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/**
 * What happens, with its time, on standard output and in a file. Safe for any number of threads.
 */
final class Journal implements AutoCloseable {
  private final PrintStream file;
  private final long startNanos = System.nanoTime();

  Journal(Path file) throws IOException {
    this.file = new PrintStream(file.toFile(), StandardCharsets.UTF_8);
  }

  /** Something that happens now. */
  void tell(String what) {
    print("%6.1f s  %s".formatted((System.nanoTime() - startNanos) / 1e9, what));
  }

  /** A line without a time. */
  synchronized void print(String line) {
    System.out.println(line);
    file.println(line);
    file.flush();
  }

  @Override
  public void close() {
    file.close();
  }
}
