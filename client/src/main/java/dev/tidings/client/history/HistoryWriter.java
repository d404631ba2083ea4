package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tidings.history.History;
import dev.tidings.history.ObjectName;
import dev.tidings.history.ObjectOperation;
import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import java.io.Closeable;
import java.io.Flushable;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import org.jspecify.annotations.Nullable;

/** Writes a history in {@link HistoryFormat#TIDINGS}, line by line. Used by one thread. */
public final class HistoryWriter implements Closeable, Flushable {
  static final String FORMAT = "tidings-history";
  static final int VERSION = 1;

  private final JsonGenerator json;

  /** Writes the header. */
  public HistoryWriter(OutputStream out) throws IOException {
    json = new JsonFactory().createGenerator(out);
    json.setRootValueSeparator(new SerializedString(""));
    json.writeStartObject();
    json.writeStringField("format", FORMAT);
    json.writeNumberField("version", VERSION);
    endLine();
  }

  /** What was done, or seen. All texts are {@link HistoryText}. */
  public sealed interface Operation {
    static Operation write(String key, @Nullable String value, @Nullable SeenVersion version) {
      return new OfRegister(true, key, value, version, false);
    }

    static Operation read(String key, @Nullable String value, @Nullable SeenVersion version) {
      return new OfRegister(false, key, value, version, false);
    }

    static Operation readNeverWritten(String key) {
      return new OfRegister(false, key, null, null, true);
    }

    static Operation of(ObjectOperation operation) {
      return new OfObject(operation);
    }
  }

  /**
   * A read or a write of a register.
   *
   * @param value null for a delete, and for a read that found nothing
   * @param version null where it is not known
   * @param isOfNeverWritten whether it is a read of which the store said that the key was never
   *     written
   */
  private record OfRegister(
      boolean isWrite,
      String key,
      @Nullable String value,
      @Nullable SeenVersion version,
      boolean isOfNeverWritten)
      implements Operation {}

  private record OfObject(ObjectOperation operation) implements Operation {}

  /**
   * One line: what a session did as one.
   *
   * @param retried whether several replicas may have accepted it, as one request
   * @param operations one or more
   * @param startMicros when it was asked, microseconds by the client's clock, or {@link
   *     History#NO_TIME}
   * @param endMicros when it was answered, or {@link History#NO_TIME}
   */
  public void group(
      String session,
      Outcome outcome,
      boolean retried,
      @Nullable String replica,
      long startMicros,
      long endMicros,
      List<Operation> operations)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("session", session);
    if (operations.size() == 1) {
      fields(operations.get(0));
    } else {
      json.writeArrayFieldStart("group");
      for (Operation operation : operations) {
        json.writeStartObject();
        fields(operation);
        json.writeEndObject();
      }
      json.writeEndArray();
    }
    if (outcome != Outcome.OK) {
      json.writeStringField("outcome", outcome.name().toLowerCase(Locale.ROOT));
    }
    if (retried) {
      json.writeBooleanField("retried", true);
    }
    if (replica != null) {
      json.writeStringField("replica", replica);
    }
    if (startMicros != History.NO_TIME) {
      json.writeNumberField("start", startMicros);
    }
    if (endMicros != History.NO_TIME) {
      json.writeNumberField("end", endMicros);
    }
    endLine();
  }

  private void fields(Operation operation) throws IOException {
    if (operation instanceof OfRegister register) {
      fields(register);
    } else if (operation instanceof OfObject object) {
      fields(object.operation());
    } else {
      throw new AssertionError(operation);
    }
  }

  private void fields(ObjectOperation operation) throws IOException {
    if (operation instanceof Reading reading) {
      json.writeStringField("op", "read");
      content(reading);
    } else if (operation instanceof Update update) {
      String op =
          switch (update.kind()) {
            case PUT -> "write";
            case CLEAR -> "delete";
            default -> lowerCase(update.kind());
          };
      json.writeStringField("op", op);
      name(update.object(), update.kind() == Kind.PUT || update.kind() == Kind.CLEAR);
      switch (update.kind()) {
        case PUT, APPEND -> json.writeStringField("value", update.values().get(0));
        case INCREMENT -> json.writeNumberField("by", update.by());
        case ADD, REMOVE -> {
          json.writeArrayFieldStart("values");
          for (String value : update.values()) {
            json.writeString(value);
          }
          json.writeEndArray();
        }
        case CLEAR -> {}
      }
      version(update.version());
    } else if (operation instanceof MapDelete delete) {
      json.writeStringField("op", "delete");
      json.writeStringField("type", "map");
      json.writeStringField("key", delete.map());
      version(delete.version());
    } else {
      throw new AssertionError(operation);
    }
  }

  private static String lowerCase(Enum<?> constant) {
    return constant.name().toLowerCase(Locale.ROOT);
  }

  private void name(ObjectName object, boolean withType) throws IOException {
    if (withType) {
      json.writeStringField("type", lowerCase(object.type()));
    }
    if (object.map() != null) {
      json.writeStringField("map", object.map());
    }
    json.writeStringField("key", object.key());
  }

  private void content(Reading reading) throws IOException {
    name(reading.object(), true);
    if (reading.object().type() == ObjectName.Type.COUNTER) {
      json.writeNumberField("value", reading.count());
    } else {
      json.writeArrayFieldStart("values");
      for (Seen seen : reading.seen()) {
        if (seen.version() == null) {
          json.writeString(seen.value());
        } else {
          json.writeStartObject();
          json.writeStringField("value", seen.value());
          version(seen.version());
          json.writeEndObject();
        }
      }
      json.writeEndArray();
    }
    if (reading.changedBy() != null) {
      json.writeArrayFieldStart("changed");
      for (SeenVersion last : reading.changedBy()) {
        json.writeString(last.toString());
      }
      json.writeEndArray();
    }
    if (!reading.whole()) {
      json.writeBooleanField("more", true);
    }
  }

  private void fields(OfRegister operation) throws IOException {
    boolean isDelete = operation.isWrite() && operation.value() == null;
    json.writeStringField("op", isDelete ? "delete" : operation.isWrite() ? "write" : "read");
    json.writeStringField("key", operation.key());
    if (!isDelete) {
      json.writeStringField("value", operation.value());
    }
    if (operation.isOfNeverWritten()) {
      json.writeNullField("version");
    }
    version(operation.version());
  }

  private void version(@Nullable SeenVersion version) throws IOException {
    if (version != null) {
      json.writeStringField("version", version.toString());
    }
  }

  /** One line: what a replica held of a key at the end; null for nothing. */
  public void finalValue(
      String replica, String key, @Nullable String value, @Nullable SeenVersion version)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("final", replica);
    json.writeStringField("key", key);
    json.writeStringField("value", value);
    version(version);
    endLine();
  }

  /** One line: what a replica held of an object at the end. */
  public void finalReading(String replica, Reading reading) throws IOException {
    json.writeStartObject();
    json.writeStringField("final", replica);
    content(reading);
    endLine();
  }

  private void endLine() throws IOException {
    json.writeEndObject();
    json.writeRaw('\n');
  }

  @Override
  public void flush() throws IOException {
    json.flush();
  }

  @Override
  public void close() throws IOException {
    json.close();
  }

  /** Writes a whole history. */
  static void write(History history, OutputStream out) throws IOException {
    try (var writer = new HistoryWriter(out)) {
      for (int group = 0; group < history.groups(); group++) {
        if (history.isFinal(group)) {
          writer.finals(history, group);
        } else {
          writer.group(
              history.sessionName(history.session(group)),
              history.outcome(group),
              history.isRetried(group),
              history.replica(group),
              history.startMicros(group),
              history.endMicros(group),
              operations(history, group));
        }
      }
    }
  }

  private void finals(History history, int group) throws IOException {
    String replica = String.valueOf(history.replica(group));
    for (int op = history.begin(group); op < history.end(group); op++) {
      finalValue(replica, history.keyName(op), history.valueName(op), history.version(op));
    }
    for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
      finalReading(replica, (Reading) history.object(op));
    }
  }

  private static List<Operation> operations(History history, int group) {
    var operations = new ArrayList<Operation>(history.size(group));
    for (int op = history.begin(group); op < history.end(group); op++) {
      operations.add(
          new OfRegister(
              history.isWrite(op),
              history.keyName(op),
              history.valueName(op),
              history.version(op),
              history.isOfNeverWritten(op)));
    }
    for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
      operations.add(Operation.of(history.object(op)));
    }
    return operations;
  }
}
