package dev.tidings.lab.analysis;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.core.io.JsonEOFException;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.tidings.drift.DriftEvent;
import dev.tidings.lab.LabException;
import dev.tidings.lab.analysis.LoggedEvent.LoggedMessage;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A host's log as it is read back: our JSON Lines, or one JSON array of events as other
 * implementations of the experiment write it.
 *
 * @param events in the order of the file
 * @param isTruncated whether the file ends in the middle of an event, which is left out
 */
public record RunLog(List<LoggedEvent> events, boolean isTruncated) {
  private static final ObjectMapper JSON = new ObjectMapper();

  /**
   * @throws LabException if the file cannot be read, or holds something else than events; with the
   *     place
   */
  public static RunLog read(Path file) {
    var events = new ArrayList<LoggedEvent>();
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
        } catch (JsonProcessingException | LabException e) {
          // Wherever a file was cut off, that is where reading it fails.
          if (e instanceof JsonEOFException
              || (e instanceof JsonProcessingException
                  && parser.currentLocation().getByteOffset() >= Files.size(file))) {
            return new RunLog(events, true);
          }
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

  private static LoggedEvent event(JsonNode object) {
    DriftEvent.Type type;
    try {
      type = DriftEvent.Type.valueOf(object.path("event_type").asText());
    } catch (IllegalArgumentException e) {
      throw new LabException("event_type is RECEIVE, SEND or INTERNAL", e);
    }
    var to = new ArrayList<Integer>();
    object.path("to").forEach(host -> to.add(host.asInt()));
    return new LoggedEvent(
        type,
        number(object, "system_clock_time").asDouble(),
        number(object, "logical_clock_time").asLong(),
        number(object, "message_queue_size").asInt(),
        to,
        object.path("tick").asLong(-1),
        message(object.path("message")));
  }

  private static @Nullable LoggedMessage message(JsonNode message) {
    // Other implementations may leave out what a message was.
    return message.path("source").isMissingNode()
        ? null
        : new LoggedMessage(
            message.path("source").asText(),
            message.path("type").asText(),
            message.path("system_clock_time").asDouble(),
            message.path("logical_clock_time").asLong());
  }

  private static JsonNode number(JsonNode object, String name) {
    JsonNode value = object.path(name);
    if (!value.isNumber()) {
      throw new LabException(name + " is a number, and it is missing or something else here");
    }
    return value;
  }
}
