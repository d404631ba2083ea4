package dev.tidings.bench.results;

import static org.junit.jupiter.api.Assertions.assertEquals;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the kernel tells of stolen time. */
final class StolenTimeTest {
  @TempDir private Path directory = Path.of("set by JUnit");

  @Test
  void the_share_is_of_the_time_since_it_was_asked_last() throws IOException {
    Path stat = directory.resolve("stat");
    Files.writeString(stat, "cpu  100 0 10 50 5 0 5 30 7 0\ncpu0 1 2 3 4 5 6 7 8 9 10\n");
    var stolen = new StolenTime(stat);
    assertEquals(0, stolen.share());
    Files.writeString(stat, "cpu  140 0 20 60 5 0 5 70 99 0\n");
    assertEquals(0.4, stolen.share(), 1e-9);
    assertEquals(0, stolen.share());
  }

  @Test
  void a_system_that_does_not_tell_has_none() {
    assertEquals(0, new StolenTime(directory.resolve("missing")).share());
  }

  @Test
  void little_is_not_worth_words() {
    assertEquals("", StolenTime.text(0.004));
    assertEquals(
        "other guests of the hardware had 47 % of the processors' time meanwhile",
        StolenTime.text(0.47));
  }
}
