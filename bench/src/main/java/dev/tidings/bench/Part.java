package dev.tidings.bench;

import dev.tidings.bench.results.Section;
import java.io.IOException;
import java.util.function.Consumer;

/** One part of the bench. */
interface Part {
  /**
   * Measures; what it starts it ends.
   *
   * @param sections told of each table as soon as it is there
   */
  void run(Consumer<Section> sections) throws IOException, InterruptedException;
}
