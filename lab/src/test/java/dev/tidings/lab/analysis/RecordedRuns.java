package dev.tidings.lab.analysis;

import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.nio.file.Files;
import java.nio.file.Path;

/**
 * The runs that another implementation recorded; they lie beside the checkout, or are not there.
 */
final class RecordedRuns {
  private static final Path DIRECTORY = Path.of("..", "..", "shared", "data", "cs2620-hw3");

  private RecordedRuns() {}

  /** One of them; without them the test is skipped. */
  static Run read(String name) {
    assumeTrue(
        Files.isDirectory(DIRECTORY), "the recorded runs are not beside this checkout: skipped");
    return Run.read(DIRECTORY.resolve(name));
  }
}
