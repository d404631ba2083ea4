package dev.tidings.bench.results;

import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;

/**
 * All that one part of the bench has to tell, as it is kept in a file of JSON.
 *
 * @param stolen see {@link StolenTime#share}
 */
public record Report(String part, Machine machine, double stolen, List<Section> sections) {
  private static final ObjectMapper JSON =
      new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT);

  public Report {
    sections = List.copyOf(sections);
  }

  /** Writes it to its place in the directory. */
  public void write(Path directory) throws IOException {
    Files.createDirectories(directory);
    JSON.writeValue(directory.resolve(part + ".json").toFile(), this);
  }

  static Report read(Path file) throws IOException {
    return JSON.readValue(file.toFile(), Report.class);
  }
}
