package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A run's options as a YAML file gives them; what it leaves out is null. An {@code args.json} is
 * such a file too.
 */
record RunFile(
    @JsonProperty("exp_name") @Nullable String name,
    @JsonProperty("run_time") @Nullable BigDecimal runTime,
    @JsonProperty("prob_internal") @Nullable Double probInternal,
    @JsonProperty("clock_speeds") @Nullable List<BigDecimal> clockSpeeds,
    @JsonProperty("hosts") @Nullable Integer hosts,
    @JsonProperty("seed") @Nullable Long seed) {
  static final RunFile EMPTY = new RunFile(null, null, null, null, null, null);

  /**
   * @throws IllegalArgumentException if the file cannot be read, or is not such a file; with the
   *     place
   */
  static RunFile read(Path file) {
    try {
      return new ObjectMapper(new YAMLFactory())
          .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
          .readValue(file.toFile(), RunFile.class);
    } catch (UnrecognizedPropertyException e) {
      throw new IllegalArgumentException(
          "%s, line %d: there is no option %s; known are exp_name, run_time, prob_internal, clock_speeds, hosts, seed"
              .formatted(file, e.getLocation().getLineNr(), e.getPropertyName()),
          e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          "%s%s: %s"
              .formatted(
                  file,
                  e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr(),
                  e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }
}
