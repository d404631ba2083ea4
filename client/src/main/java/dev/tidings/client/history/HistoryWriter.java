package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.io.SerializedString;
import dev.tidings.history.History;
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

  /**
   * A read or a write. All texts are {@link HistoryText}.
   *
   * @param value null for a delete, and for a read that found nothing
   * @param version null where it is not known
   * @param isOfNeverWritten whether it is a read of which the store said that the key was never
   *     written
   */
  public record Operation(
      boolean isWrite,
      String key,
      @Nullable String value,
      @Nullable SeenVersion version,
      boolean isOfNeverWritten) {

    public static Operation write(
        String key, @Nullable String value, @Nullable SeenVersion version) {
      return new Operation(true, key, value, version, false);
    }

    public static Operation read(
        String key, @Nullable String value, @Nullable SeenVersion version) {
      return new Operation(false, key, value, version, false);
    }

    public static Operation readNeverWritten(String key) {
      return new Operation(false, key, null, null, true);
    }
  }

  /**
   * One line: what a session did as one.
   *
   * @param operations one or more
   * @param startMicros when it was asked, microseconds by the client's clock, or {@link
   *     History#NO_TIME}
   * @param endMicros when it was answered, or {@link History#NO_TIME}
   */
  public void group(
      String session,
      Outcome outcome,
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
        List<Operation> operations = operations(history, group);
        if (history.isFinal(group)) {
          for (Operation held : operations) {
            writer.finalValue(
                String.valueOf(history.replica(group)), held.key(), held.value(), held.version());
          }
        } else {
          writer.group(
              history.sessionName(history.session(group)),
              history.outcome(group),
              history.replica(group),
              history.startMicros(group),
              history.endMicros(group),
              operations);
        }
      }
    }
  }

  private static List<Operation> operations(History history, int group) {
    var operations = new ArrayList<Operation>(history.size(group));
    for (int op = history.begin(group); op < history.end(group); op++) {
      operations.add(
          new Operation(
              history.isWrite(op),
              history.keyName(op),
              history.valueName(op),
              history.version(op),
              history.isOfNeverWritten(op)));
    }
    return operations;
  }
}
