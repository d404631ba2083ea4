package dev.tidings.lab;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.Target;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/**
 * A host's log: one JSON object a line for each event, in the operating system's hands before the
 * next tick, so that {@code kill -9} loses at most the last line. Times are seconds since 1970.
 * Confined to one thread.
 */
final class EventLog implements AutoCloseable {
  private static final int MICROS_SCALE = 6;

  private final JsonFactory json = new JsonFactory();
  private final OutputStream out;

  /**
   * @throws IOException if the file exists already, or cannot be made
   */
  EventLog(Path file) throws IOException {
    // Unbuffered: what is written is in the file.
    out = Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  void write(DriftEvent event) throws IOException {
    var line = new ByteArrayOutputStream();
    try (JsonGenerator object = json.createGenerator(line)) {
      object.writeStartObject();
      object.writeNumberField("host", event.host());
      object.writeStringField("event_type", event.type().name());
      object.writeNumberField("system_clock_time", seconds(event.systemMicros()));
      object.writeNumberField("logical_clock_time", event.lamportTime());
      object.writeNumberField("message_queue_size", event.queueLength());
      writeClock(object, event.vectorClock());
      if (event.type() == DriftEvent.Type.SEND) {
        object.writeArrayFieldStart("to");
        for (int host : event.to()) {
          object.writeNumber(host);
        }
        object.writeEndArray();
      }
      object.writeFieldName("message");
      DriftMessage message = event.message();
      if (message == null) {
        object.writeNull();
      } else {
        write(object, message);
      }
      object.writeEndObject();
    }
    line.write('\n');
    out.write(line.toByteArray());
  }

  private static void write(JsonGenerator object, DriftMessage message) throws IOException {
    object.writeStartObject();
    object.writeStringField("source", Integer.toString(message.from()));
    object.writeStringField("type", Target.typeName(message.target()));
    object.writeNumberField("system_clock_time", seconds(message.sentAtMicros()));
    object.writeNumberField("logical_clock_time", message.lamportTime());
    writeClock(object, message.vectorClock());
    object.writeStringField("payload", message.payload());
    object.writeEndObject();
  }

  private static void writeClock(JsonGenerator object, VectorClock clock) throws IOException {
    object.writeObjectFieldStart("vector_clock");
    for (var entry : clock.events().entrySet()) {
      object.writeNumberField(Integer.toString(entry.getKey()), entry.getValue());
    }
    object.writeEndObject();
  }

  private static BigDecimal seconds(long micros) {
    return BigDecimal.valueOf(micros, MICROS_SCALE);
  }

  @Override
  public void close() throws IOException {
    out.close();
  }
}
