package dev.tidings.bench;

import dev.tidings.bench.results.Section;
import java.io.IOException;
import java.util.List;

/** One part of the bench. */
interface Part {
  /** Measures; what it starts it ends. */
  List<Section> run() throws IOException, InterruptedException;
}
