package dev.tidings.lab;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;

/** A run's directory, and the {@code args.json} in it. */
final class RunDirectory {
  static final String ARGS = "args.json";

  private RunDirectory() {}

  /**
   * Makes it, and writes down what the run is made with.
   *
   * @throws LabException if there is one of that name
   */
  static Path create(Path logs, Experiment experiment) throws IOException {
    Path directory = logs.resolve(experiment.name());
    if (Files.exists(directory)) {
      throw new LabException(
          "%s exists already; choose another --exp-name, or remove it".formatted(directory));
    }
    Files.createDirectories(directory);
    Files.writeString(
        directory.resolve(ARGS),
        new ObjectMapper().enable(SerializationFeature.INDENT_OUTPUT).writeValueAsString(experiment)
            + "\n");
    return directory;
  }

  /** What a run was made with. */
  static Experiment experiment(Path directory) {
    try {
      return new ObjectMapper().readValue(directory.resolve(ARGS).toFile(), Experiment.class);
    } catch (JsonProcessingException e) {
      throw new LabException(
          "%s is not what a run was made with%s"
              .formatted(
                  directory.resolve(ARGS),
                  // What a value's own check says comes as the cause.
                  e.getCause() instanceof IllegalArgumentException
                      ? ": " + e.getCause().getMessage()
                      : "; only runs of bin/lab can be run once more"),
          e);
    } catch (IOException e) {
      throw new LabException("cannot read " + e.getMessage(), e);
    }
  }
}
