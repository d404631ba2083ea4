package dev.tidings.lab;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidings.clock.VectorClock;
import dev.tidings.drift.DriftEvent;
import dev.tidings.drift.DriftMessage;
import dev.tidings.drift.Target;
import java.io.BufferedOutputStream;
import java.io.BufferedReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.math.BigDecimal;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.TreeMap;

/**
 * A host's log: one JSON object a line for each event, in the operating system's hands before the
 * next tick, so that {@code kill -9} loses at most the last line. Times are seconds since 1970.
 * Confined to one thread.
 */
final class EventLog implements AutoCloseable {
  static final long NO_TICK = -1;

  private static final int MICROS_SCALE = 6;

  private final JsonFactory json = new JsonFactory();
  private final OutputStream out;
  private final Clocks clocks;
  private VectorClock lastClock = VectorClock.ZERO;

  /**
   * @param hosts how many there are in the run: decides how vector clocks are told
   * @throws IOException if the file exists already, or cannot be made
   */
  static EventLog create(Path file, int hosts) throws IOException {
    // Unbuffered: what is written is in the file.
    return new EventLog(open(file), Clocks.of(hosts));
  }

  /** For a simulated run, which is repeated rather than saved: what is written is buffered. */
  static EventLog createBuffered(Path file, Clocks clocks) throws IOException {
    return new EventLog(new BufferedOutputStream(open(file)), clocks);
  }

  private EventLog(OutputStream out, Clocks clocks) {
    this.out = out;
    this.clocks = clocks;
  }

  private static OutputStream open(Path file) throws IOException {
    return Files.newOutputStream(file, StandardOpenOption.CREATE_NEW, StandardOpenOption.WRITE);
  }

  /** How the log tells vector clocks. */
  enum Clocks {
    /** Whole ones. */
    FULL,
    /** Of a host's clock what changed since its last event; of a message's none. */
    CHANGES,
    NONE;

    /** Of so many hosts a whole one still fits on a line. */
    private static final int MAX_FULL = 64;

    static Clocks of(int hosts) {
      return hosts <= MAX_FULL ? FULL : CHANGES;
    }

    /** As the first event of these logs has them. */
    static Clocks in(List<Path> logs) throws IOException {
      for (Path log : logs) {
        try (BufferedReader lines = Files.newBufferedReader(log)) {
          String line = lines.readLine();
          if (line != null) {
            return line.contains("\"vector_clock\":")
                ? FULL
                : line.contains("\"vector_clock_changes\":") ? CHANGES : NONE;
          }
        }
      }
      return NONE;
    }
  }

  void write(DriftEvent event) throws IOException {
    write(event, NO_TICK);
  }

  /**
   * @param tick of which of the host's ticks, from 0, the event is; {@link #NO_TICK} if it is
   *     certain that each has one
   */
  void write(DriftEvent event, long tick) throws IOException {
    var line = new ByteArrayOutputStream();
    try (JsonGenerator object = json.createGenerator(line)) {
      object.writeStartObject();
      object.writeNumberField("host", event.host());
      object.writeStringField("event_type", event.type().name());
      object.writeNumberField("system_clock_time", seconds(event.systemMicros()));
      object.writeNumberField("logical_clock_time", event.lamportTime());
      object.writeNumberField("message_queue_size", event.queueLength());
      if (tick != NO_TICK) {
        object.writeNumberField("tick", tick);
      }
      if (clocks == Clocks.FULL) {
        writeClock(object, event.vectorClock());
      } else if (clocks == Clocks.CHANGES) {
        writeChanges(object, event.vectorClock());
      }
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
        write(object, message, clocks == Clocks.FULL);
      }
      object.writeEndObject();
    }
    line.write('\n');
    out.write(line.toByteArray());
  }

  private static void write(JsonGenerator object, DriftMessage message, boolean writesClock)
      throws IOException {
    object.writeStartObject();
    object.writeStringField("source", Integer.toString(message.from()));
    object.writeStringField("type", Target.typeName(message.target()));
    object.writeNumberField("system_clock_time", seconds(message.sentAtMicros()));
    object.writeNumberField("logical_clock_time", message.lamportTime());
    if (writesClock) {
      writeClock(object, message.vectorClock());
    }
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

  private void writeChanges(JsonGenerator object, VectorClock clock) throws IOException {
    var changes = new TreeMap<Integer, Long>();
    clock.forEachChange(lastClock, changes::put);
    lastClock = clock;
    object.writeObjectFieldStart("vector_clock_changes");
    for (var entry : changes.entrySet()) {
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
