package dev.tidings.lab;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.drift.DriftEvent;
import java.io.IOException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * A host's log as it is read back: our JSON Lines, or one JSON array of events as other
 * implementations of the experiment write it.
 *
 * @param events in the order of the file
 * @param isTruncated whether the file ends in the middle of an event, which is left out
 */
record RunLog(List<Logged> events, boolean isTruncated) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * One event as far as the summary needs it.
   *
   * @param systemSeconds since 1970
   * @param to the hosts that a send went to; empty where the log does not say
   */
  record Logged(
      DriftEvent.Type type,
      double systemSeconds,
      long lamportTime,
      int queueLength,
      List<Integer> to) {}

  /**
   * @throws LabException if the file cannot be read, or holds something else than events; with the
   *     place
   */
  static RunLog read(Path file) {
    var events = new ArrayList<Logged>();
    try (JsonParser parser = JSON.createParser(file.toFile())) {
      while (true) {
        JsonToken token;
        try {
          token = parser.nextToken();
          if (token == null) {
            return new RunLog(events, false);
          }
          if (token == JsonToken.START_OBJECT) {
            events.add(event(parser.readValueAsTree()));
          } else if (token != JsonToken.START_ARRAY && token != JsonToken.END_ARRAY) {
            throw new LabException("an event is a JSON object");
          }
        } catch (JsonEOFException e) {
          return new RunLog(events, true);
        } catch (JsonProcessingException | LabException e) {
          throw new LabException(
              "%s, line %d: %s".formatted(file, parser.currentLocation().getLineNr(), firstLine(e)),
              e);
        }
      }
    } catch (IOException e) {
      throw new LabException("cannot read " + file + ": " + e.getMessage(), e);
    }
  }

  private static String firstLine(Exception e) {
    return String.valueOf(e.getMessage()).lines().findFirst().orElse("");
  }

  private static Logged event(JsonNode object) {
    DriftEvent.Type type;
    try {
      type = DriftEvent.Type.valueOf(object.path("event_type").asText());
    } catch (IllegalArgumentException e) {
      throw new LabException("event_type is RECEIVE, SEND or INTERNAL", e);
    }
    var to = new ArrayList<Integer>();
    object.path("to").forEach(host -> to.add(host.asInt()));
    return new Logged(
        type,
        number(object, "system_clock_time").asDouble(),
        number(object, "logical_clock_time").asLong(),
        number(object, "message_queue_size").asInt(),
        to);
  }

  private static JsonNode number(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isNumber()) {
      throw new LabException(name + " is a number, and it is missing or something else here");
    }
    return value;
  }
}
