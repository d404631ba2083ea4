package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonGenerator;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import java.io.IOException;
import java.io.OutputStream;
import java.util.ArrayList;
import java.util.List;

/** Writes {@link HistoryFormat#DBCOP}. */
final class DbcopWriter {
  private static final String NULL = "null";

  private DbcopWriter() {}

  static void write(History history, Numbers numbers, OutputStream out) throws IOException {
    List<List<Integer>> sessions = new ArrayList<>();
    for (int session = 0; session < history.sessions(); session++) {
      sessions.add(new ArrayList<>());
    }
    for (int group = 0; group < history.groups(); group++) {
      sessions.get(history.session(group)).add(group);
    }
    try (JsonGenerator json = new JsonFactory().createGenerator(out)) {
      json.writeStartArray();
      for (List<Integer> session : sessions) {
        json.writeStartArray();
        for (int group : session) {
          json.writeStartObject();
          json.writeArrayFieldStart("events");
          for (int op = history.begin(group); op < history.end(group); op++) {
            json.writeStartObject();
            json.writeObjectFieldStart(history.isWrite(op) ? "Write" : "Read");
            json.writeFieldName("variable");
            json.writeNumber(numbers.key(op));
            json.writeFieldName("version");
            json.writeNumber(numbers.value(op, NULL));
            json.writeEndObject();
            json.writeEndObject();
          }
          json.writeEndArray();
          json.writeBooleanField("committed", history.outcome(group) == Outcome.OK);
          json.writeEndObject();
        }
        json.writeEndArray();
      }
      json.writeEndArray();
      json.writeRaw('\n');
    }
  }
}
