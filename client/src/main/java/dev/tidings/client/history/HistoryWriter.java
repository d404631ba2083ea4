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
import dev.tidings.history.RegisterName;
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
    /** Of a register that is no map's field, as the next two. */
    static Operation write(String key, @Nullable String value, @Nullable SeenVersion version) {
      return write(RegisterName.of(key), value, version);
    }

    static Operation read(String key, @Nullable String value, @Nullable SeenVersion version) {
      return read(RegisterName.of(key), value, version);
    }

    static Operation readNeverWritten(String key) {
      return readNeverWritten(RegisterName.of(key));
    }

    static Operation write(
        RegisterName register, @Nullable String value, @Nullable SeenVersion version) {
      return new OfRegister(value == null ? "delete" : "write", register, value, version);
    }

    static Operation read(
        RegisterName register, @Nullable String value, @Nullable SeenVersion version) {
      return new OfRegister("read", register, value, version);
    }

    static Operation readNeverWritten(RegisterName register) {
      return new NeverWritten(register);
    }

    /** The write was accepted where the register had this version; null for no value. */
    static Operation condition(RegisterName register, @Nullable SeenVersion version) {
      return new Condition(register, version);
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
   */
  private record OfRegister(
      String op, RegisterName register, @Nullable String value, @Nullable SeenVersion version)
      implements Operation {}

  /** A read of which the store said that the register was never written. */
  private record NeverWritten(RegisterName register) implements Operation {}

  private record Condition(RegisterName register, @Nullable SeenVersion version)
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
    } else if (operation instanceof NeverWritten read) {
      json.writeStringField("op", "read");
      value(read.register(), null);
      json.writeNullField("version");
    } else if (operation instanceof Condition condition) {
      json.writeStringField("op", "if");
      name(condition.register().map(), condition.register().key());
      if (condition.version() == null) {
        json.writeNullField("version");
      }
      version(condition.version());
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
    name(object.map(), object.key());
  }

  private void name(@Nullable String map, String key) throws IOException {
    if (map != null) {
      json.writeStringField("map", map);
    }
    json.writeStringField("key", key);
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
    json.writeStringField("op", operation.op());
    if (operation.op().equals("delete")) {
      name(operation.register().map(), operation.register().key());
    } else {
      value(operation.register(), operation.value());
    }
    version(operation.version());
  }

  private void value(RegisterName register, @Nullable String value) throws IOException {
    name(register.map(), register.key());
    json.writeStringField("value", value);
  }

  private void version(@Nullable SeenVersion version) throws IOException {
    if (version != null) {
      json.writeStringField("version", version.toString());
    }
  }

  /** One line: what a replica held of a register at the end; null for nothing. */
  public void finalValue(
      String replica, RegisterName register, @Nullable String value, @Nullable SeenVersion version)
      throws IOException {
    json.writeStartObject();
    json.writeStringField("final", replica);
    value(register, value);
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
      finalValue(replica, history.register(op), history.valueName(op), history.version(op));
    }
    for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
      finalReading(replica, (Reading) history.object(op));
    }
  }

  private static Operation ofRegister(History history, int op) {
    RegisterName register = history.register(op);
    if (history.isCondition(op)) {
      return Operation.condition(register, history.version(op));
    }
    if (history.isOfNeverWritten(op)) {
      return Operation.readNeverWritten(register);
    }
    return history.isWrite(op)
        ? Operation.write(register, history.valueName(op), history.version(op))
        : Operation.read(register, history.valueName(op), history.version(op));
  }

  private static List<Operation> operations(History history, int group) {
    var operations = new ArrayList<Operation>(history.size(group));
    for (int op = history.begin(group); op < history.end(group); op++) {
      if (!history.isByMapDelete(op)) {
        operations.add(ofRegister(history, op));
      }
    }
    for (int op = history.objectBegin(group); op < history.objectEnd(group); op++) {
      operations.add(Operation.of(history.object(op)));
    }
    return operations;
  }
}
