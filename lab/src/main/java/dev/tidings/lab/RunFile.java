package dev.tidings.lab;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.JsonMappingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.exc.MismatchedInputException;
import com.fasterxml.jackson.databind.exc.UnrecognizedPropertyException;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import java.io.IOException;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * A run's options as a YAML file gives them; what it leaves out is null. An {@code args.json} is
 * such a file too.
 */
record RunFile(
    @JsonProperty("exp_name") @Nullable String name,
    @JsonProperty("mode") @Nullable Mode mode,
    @JsonProperty("run_time") @Nullable BigDecimal runTime,
    @JsonProperty("prob_internal") @Nullable Double probInternal,
    @JsonProperty("clock_speeds") @Nullable ClockSpeeds clockSpeeds,
    @JsonProperty("hosts") @Nullable Integer hosts,
    @JsonProperty("seed") @Nullable Long seed,
    @JsonProperty("link_delay") @Nullable String linkDelay,
    @JsonProperty("loss") @Nullable Double loss,
    @JsonProperty("others") @Nullable Integer others,
    @JsonProperty("tick_jitter") @Nullable Double tickJitter,
    @JsonProperty("time_scale") @Nullable BigDecimal timeScale,
    @JsonProperty("host_command") @Nullable String hostCommand,
    @JsonProperty("overrides") @Nullable Map<Integer, HostOverride> overrides) {
  static final String KEYS =
      "exp_name, run_time, prob_internal, clock_speeds, hosts, seed, link_delay, loss, others,"
          + " tick_jitter, time_scale, host_command, overrides";
  static final RunFile EMPTY =
      new RunFile(
          null, null, null, null, null, null, null, null, null, null, null, null, null, null);

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
          "%s, line %d: there is no option %s; known are %s"
              .formatted(file, e.getLocation().getLineNr(), e.getPropertyName(), KEYS),
          e);
    } catch (MismatchedInputException e) {
      throw new IllegalArgumentException("%s%s: %s".formatted(file, line(e), expected(e)), e);
    } catch (JsonMappingException e) {
      throw new IllegalArgumentException(
          "%s%s: %s"
              .formatted(
                  file,
                  line(e),
                  // What a value's own check says comes as the cause.
                  e.getCause() instanceof IllegalArgumentException
                      ? e.getCause().getMessage()
                      : e.getOriginalMessage()),
          e);
    } catch (IOException e) {
      throw new IllegalArgumentException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String line(JsonMappingException e) {
    return e.getLocation() == null ? "" : ", line " + e.getLocation().getLineNr();
  }

  /** What stands there instead is told by the file itself. */
  private static String expected(MismatchedInputException e) {
    if (e.getPath().isEmpty()) {
      return "it has options a line, such as \"hosts: 3\"; known are " + KEYS;
    }
    String option =
        e.getPath().stream()
            .map(JsonMappingException.Reference::getFieldName)
            .filter(Objects::nonNull)
            .collect(Collectors.joining("."));
    Class<?> type = e.getTargetType();
    if (type == Integer.class || type == Long.class) {
      return option + " has a whole number";
    }
    if (type == Double.class || type == BigDecimal.class) {
      return option + " has a number";
    }
    return option + " has something else; docs/lab.md shows what";
  }
}
