package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * Reads {@link HistoryFormat#DBCOP}: the sessions alone, or in an object as its {@code data};
 * events named, or in the short form of {@code ["r",1,2]}.
 */
final class DbcopReader {
  private static final String ZERO = "0";

  private final JsonParser json;
  private final List<List<Transaction>> sessions = new ArrayList<>();
  private final Set<String> variablesWithZeroWritten = new HashSet<>();

  /**
   * @param version null, and zero too where nobody wrote it, for a variable that was never written
   */
  private record Event(boolean isWrite, String variable, @Nullable String version) {}

  private record Transaction(int line, boolean committed, List<Event> events) {}

  private DbcopReader(JsonParser json) {
    this.json = json;
  }

  static History read(InputStream in) throws IOException {
    return JsonHistory.read(
        in,
        json -> {
          var reader = new DbcopReader(json);
          reader.readAll();
          return reader.history();
        });
  }

  private void readAll() throws IOException {
    if (json.nextToken() == JsonToken.START_ARRAY) {
      readSessions();
    } else {
      boolean found = false;
      while (json.nextToken() == JsonToken.FIELD_NAME) {
        boolean isData = json.currentName().equals("data");
        json.nextToken();
        if (isData && found) {
          throw wrong("\"data\" is told twice");
        }
        if (isData) {
          expect(JsonToken.START_ARRAY, "\"data\" is an array of sessions");
          readSessions();
          found = true;
        } else {
          json.skipChildren();
        }
      }
      if (!found) {
        throw wrong("an object without \"data\", the array of sessions");
      }
    }
    if (json.nextToken() != null) {
      throw wrong("something follows the history");
    }
  }

  private void readSessions() throws IOException {
    while (json.nextToken() != JsonToken.END_ARRAY) {
      expect(JsonToken.START_ARRAY, "a session is an array of transactions");
      var transactions = new ArrayList<Transaction>();
      sessions.add(transactions);
      while (json.nextToken() != JsonToken.END_ARRAY) {
        transactions.add(transaction());
      }
    }
  }

  private Transaction transaction() throws IOException {
    expect(JsonToken.START_OBJECT, "a transaction is an object");
    int line = json.currentTokenLocation().getLineNr();
    @Nullable List<Event> events = null;
    @Nullable Boolean committed = null;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      JsonToken value = json.nextToken();
      if (field.equals("events") && events == null) {
        expect(JsonToken.START_ARRAY, "\"events\" is an array");
        events = new ArrayList<>(1);
        while (json.nextToken() != JsonToken.END_ARRAY) {
          events.add(event());
        }
      } else if (field.equals("committed") && committed == null && value.isBoolean()) {
        committed = value == JsonToken.VALUE_TRUE;
      } else {
        throw wrong(
            "a transaction has \"events\" and \"committed\", true or false, once each; not this \""
                + field
                + "\"");
      }
    }
    if (events == null || committed == null) {
      throw wrong("a transaction without \"" + (events == null ? "events" : "committed") + "\"");
    }
    return new Transaction(line, committed, events);
  }

  private Event event() throws IOException {
    if (json.currentToken() == JsonToken.START_ARRAY) {
      json.nextToken();
      boolean isWrite = isWrite(json.getText(), "r", "w");
      json.nextToken();
      String variable = number("variable");
      json.nextToken();
      @Nullable String version = version(isWrite);
      json.nextToken();
      expect(JsonToken.END_ARRAY, "an event has a variable and a version, and no more");
      return event(isWrite, variable, version);
    }
    expect(JsonToken.START_OBJECT, "an event is an object, or an array of three");
    expectNext(JsonToken.FIELD_NAME, "an event is a Read or a Write");
    boolean isWrite = isWrite(json.currentName(), "Read", "Write");
    expectNext(JsonToken.START_OBJECT, "a Read or Write has a variable and a version");
    @Nullable String variable = null;
    @Nullable String version = null;
    boolean tellsVersion = false;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      if (field.equals("variable") && variable == null) {
        variable = number(field);
      } else if (field.equals("version") && !tellsVersion) {
        version = version(isWrite);
        tellsVersion = true;
      } else {
        throw wrong("an event has one variable and one version; not this \"" + field + "\"");
      }
    }
    boolean mayBeLeftOut = !isWrite;
    if (variable == null || (!tellsVersion && !mayBeLeftOut)) {
      throw wrong("an event without \"" + (variable == null ? "variable" : "version") + "\"");
    }
    expectNext(JsonToken.END_OBJECT, "an event is one Read or one Write");
    return event(isWrite, variable, version);
  }

  private Event event(boolean isWrite, String variable, @Nullable String version) {
    if (isWrite && ZERO.equals(version)) {
      variablesWithZeroWritten.add(variable);
    }
    return new Event(isWrite, variable, version);
  }

  private boolean isWrite(String word, String read, String write) {
    if (!word.equals(read) && !word.equals(write)) {
      throw wrong("an event is a %s or a %s, not a \"%s\"".formatted(read, write, word));
    }
    return word.equals(write);
  }

  private @Nullable String version(boolean isWrite) throws IOException {
    return !isWrite && json.currentToken() == JsonToken.VALUE_NULL ? null : number("version");
  }

  /** An integer; a text too, since dbcop leaves open what variables and versions are. */
  private String number(String field) throws IOException {
    JsonToken token = json.currentToken();
    if (token != JsonToken.VALUE_NUMBER_INT && token != JsonToken.VALUE_STRING) {
      throw wrong("\"" + field + "\" is an integer");
    }
    return json.getText();
  }

  private void expectNext(JsonToken token, String otherwise) throws IOException {
    json.nextToken();
    expect(token, otherwise);
  }

  private void expect(JsonToken token, String otherwise) {
    if (json.currentToken() != token) {
      throw wrong(otherwise);
    }
  }

  private BadHistoryException wrong(String why) {
    String place = "";
    if (!sessions.isEmpty()) {
      int transactions = sessions.get(sessions.size() - 1).size();
      place = ", session %d, transaction %d".formatted(sessions.size(), transactions + 1);
    }
    return new BadHistoryException(
        "line %d%s: %s".formatted(json.currentTokenLocation().getLineNr(), place, why));
  }

  private History history() {
    var history = new History.Builder();
    history.placesByTransaction();
    for (int session = 0; session < sessions.size(); session++) {
      String name = Integer.toString(session + 1);
      history.session(name);
      for (Transaction transaction : sessions.get(session)) {
        history.group(
            name,
            transaction.committed() ? Outcome.OK : Outcome.ABORTED,
            null,
            History.NO_TIME,
            History.NO_TIME);
        for (Event event : transaction.events()) {
          add(history, transaction.line(), event);
        }
      }
    }
    return history.build();
  }

  private void add(History.Builder history, int line, Event event) {
    boolean isUnwrittenZero =
        ZERO.equals(event.version()) && !variablesWithZeroWritten.contains(event.variable());
    if (event.isWrite()) {
      history.write(line, event.variable(), event.version(), null);
    } else if (event.version() == null || isUnwrittenZero) {
      history.readNeverWritten(line, event.variable());
    } else {
      history.read(line, event.variable(), event.version(), null);
    }
  }
}
