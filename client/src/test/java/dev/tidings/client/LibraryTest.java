package dev.tidings.client;

import static org.junit.jupiter.api.Assertions.assertFalse;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.client.history.HistoryWriter;
import java.io.IOException;
import java.net.URISyntaxException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

final class LibraryTest {
  /** As class files name them. */
  private static final List<String> NOT_THE_LIBRARYS =
      List.of(
          "dev/tidings/client/cli/",
          "dev/tidings/client/demo/",
          "dev/tidings/lab/",
          "picocli/",
          "org/jline/",
          "com/fasterxml/jackson/databind/",
          "com/github/freva/",
          "org/slf4j/",
          "ch/qos/logback/");

  @Test
  void needs_nothing_that_is_there_for_the_command_line() throws Exception {
    for (Class<?> type : List.of(Tidings.class, HistoryWriter.class)) {
      List<Path> classes = classesBeside(type);
      assertTrue(classes.size() > 3);
      for (Path each : classes) {
        String content = Files.readString(each, StandardCharsets.ISO_8859_1);
        for (String foreign : NOT_THE_LIBRARYS) {
          assertFalse(content.contains(foreign), each + " uses " + foreign);
        }
      }
    }
  }

  private static List<Path> classesBeside(Class<?> type) throws IOException, URISyntaxException {
    Path itself = Path.of(type.getResource(type.getSimpleName() + ".class").toURI());
    try (Stream<Path> files = Files.list(itself.resolveSibling(""))) {
      return files.filter(file -> file.toString().endsWith(".class")).toList();
    }
  }
}
