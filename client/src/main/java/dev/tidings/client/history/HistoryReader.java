package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import dev.tidings.history.SeenVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** Reads {@link HistoryFormat#TIDINGS}. */
final class HistoryReader {
  private final JsonParser json;
  private final History.Builder history = new History.Builder();
  private int line;

  private HistoryReader(JsonParser json) {
    this.json = json;
  }

  static History read(InputStream in) throws IOException {
    return JsonHistory.read(
        in,
        json -> {
          var reader = new HistoryReader(json);
          reader.readAll();
          return reader.history.build();
        });
  }

  private void readAll() throws IOException {
    header();
    @Nullable JsonToken token;
    while ((token = json.nextToken()) != null) {
      beginLine(token);
      new Entry().read();
      endLine();
    }
  }

  private void header() throws IOException {
    @Nullable JsonToken token = json.nextToken();
    if (token == null) {
      throw new BadHistoryException("the file is empty");
    }
    beginLine(token);
    @Nullable String format = null;
    int version = 0;
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String name = json.currentName();
      json.nextToken();
      if (name.equals("format") && json.currentToken() == JsonToken.VALUE_STRING) {
        format = json.getText();
      } else if (name.equals("version") && json.currentToken() == JsonToken.VALUE_NUMBER_INT) {
        version = json.getIntValue();
      } else {
        format = null;
        break;
      }
    }
    if (!HistoryWriter.FORMAT.equals(format)) {
      throw wrong(
          "the first line must be {\"format\":\"%s\",\"version\":%d}"
              .formatted(HistoryWriter.FORMAT, HistoryWriter.VERSION));
    }
    if (version != HistoryWriter.VERSION) {
      throw wrong(
          "version %d of the format is not known here, only %d"
              .formatted(version, HistoryWriter.VERSION));
    }
    endLine();
  }

  private void beginLine(JsonToken token) {
    int next = json.currentTokenLocation().getLineNr();
    if (next == line) {
      throw wrong("one line holds two values");
    }
    line = next;
    if (token != JsonToken.START_OBJECT) {
      throw wrong("a line is one JSON object, but this is " + words(token));
    }
  }

  private void endLine() {
    if (json.currentTokenLocation().getLineNr() != line) {
      throw wrong("the object goes on beyond its line");
    }
  }

  private BadHistoryException wrong(String why) {
    return new BadHistoryException("line " + line + ": " + why);
  }

  private static String words(JsonToken token) {
    return switch (token) {
      case START_OBJECT -> "an object";
      case START_ARRAY -> "an array";
      case VALUE_STRING -> "a string";
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> "a number";
      case VALUE_NULL -> "null";
      default -> String.valueOf(token.asString());
    };
  }

  /** A text, or an integer, which stands for its digits. */
  private String text(String field) throws IOException {
    JsonToken token = json.currentToken();
    if (token == JsonToken.VALUE_NUMBER_INT) {
      return json.getText();
    }
    if (token != JsonToken.VALUE_STRING) {
      throw wrong("\"%s\" is a string, but here it is %s".formatted(field, words(token)));
    }
    try {
      return HistoryText.normal(json.getText());
    } catch (IllegalArgumentException e) {
      throw wrong("\"%s\" begins with base64: but is no Base64".formatted(field));
    }
  }

  private long micros(String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_NUMBER_INT || json.getText().startsWith("-")) {
      throw wrong("\"%s\" is a whole number of microseconds, 0 or more".formatted(field));
    }
    return json.getLongValue();
  }

  private Outcome outcome() throws IOException {
    return switch (text("outcome")) {
      case "ok" -> Outcome.OK;
      case "aborted" -> Outcome.ABORTED;
      case "unknown" -> Outcome.UNKNOWN;
      default ->
          throw wrong(
              "\"outcome\" is ok, aborted or unknown, but here it is \"" + json.getText() + "\"");
    };
  }

  /** What of an operation has been told, field by field. */
  private final class Operation {
    private @Nullable String op;
    private @Nullable String key;
    private @Nullable String value;
    private @Nullable SeenVersion version;
    private boolean tellsValue;
    private boolean tellsNoVersion;

    /** Takes a field, if it is one of an operation's. */
    boolean take(String field) throws IOException {
      switch (field) {
        case "op" -> op = text(field);
        case "key" -> key = text(field);
        case "value" -> {
          value = json.currentToken() == JsonToken.VALUE_NULL ? null : text(field);
          tellsValue = true;
        }
        case "version" -> {
          if (json.currentToken() == JsonToken.VALUE_NULL) {
            tellsNoVersion = true;
            break;
          }
          try {
            version = SeenVersion.parse(text(field));
          } catch (IllegalArgumentException e) {
            throw wrong(String.valueOf(e.getMessage()));
          }
        }
        default -> {
          return false;
        }
      }
      return true;
    }

    void add() {
      if (op == null) {
        throw wrong("\"op\" is missing");
      }
      if (key == null) {
        throw wrong("\"key\" is missing");
      }
      if (!tellsValue && !op.equals("delete")) {
        throw wrong("\"value\" is missing");
      }
      switch (op) {
        case "read" -> {
          if (tellsNoVersion && value == null) {
            history.readNeverWritten(line, key);
          } else {
            history.read(line, key, value, version);
          }
        }
        case "write" -> {
          if (value == null) {
            throw wrong("a write has a value; for a delete, \"op\" is delete");
          }
          history.write(line, key, value, version);
        }
        case "delete" -> {
          if (value != null) {
            throw wrong("a delete has no value");
          }
          history.write(line, key, null, version);
        }
        default -> throw wrong("\"op\" is read, write or delete, but here it is \"" + op + "\"");
      }
    }
  }

  /** One line. */
  private final class Entry {
    private final Set<String> told = new HashSet<>();
    private final Operation operation = new Operation();
    private @Nullable List<Operation> group;
    private @Nullable String session;
    private @Nullable String replicaAtEnd;
    private @Nullable String replica;
    private Outcome outcome = Outcome.OK;
    private long start = History.NO_TIME;
    private long end = History.NO_TIME;

    void read() throws IOException {
      fields(told, this::take);
      if (replicaAtEnd != null) {
        addFinal(replicaAtEnd);
      } else {
        addGroup();
      }
    }

    private boolean take(String field) throws IOException {
      switch (field) {
        case "session" -> session = text(field);
        case "final" -> replicaAtEnd = text(field);
        case "replica" -> replica = text(field);
        case "outcome" -> outcome = outcome();
        case "start" -> start = micros(field);
        case "end" -> end = micros(field);
        case "group" -> group = group();
        default -> {
          return operation.take(field);
        }
      }
      return true;
    }

    private List<Operation> group() throws IOException {
      if (json.currentToken() != JsonToken.START_ARRAY) {
        throw wrong("\"group\" is an array of operations");
      }
      var operations = new ArrayList<Operation>();
      while (json.nextToken() != JsonToken.END_ARRAY) {
        if (json.currentToken() != JsonToken.START_OBJECT) {
          throw wrong("\"group\" is an array of operations, which are objects");
        }
        var next = new Operation();
        fields(new HashSet<>(), next::take);
        operations.add(next);
      }
      if (operations.isEmpty()) {
        throw wrong("a group has at least one operation");
      }
      return operations;
    }

    private void addFinal(String replicaAtEnd) {
      if (!Set.of("final", "key", "value", "version").containsAll(told)) {
        throw wrong("what a replica held at the end has no fields but key, value and version");
      }
      if (operation.key == null) {
        throw wrong("\"key\" is missing");
      }
      if (!operation.tellsValue) {
        throw wrong("\"value\" is missing");
      }
      history.finalValue(line, replicaAtEnd, operation.key, operation.value, operation.version);
    }

    private void addGroup() {
      if (session == null) {
        throw wrong("\"session\" is missing");
      }
      history.group(session, outcome, replica, start, end);
      if (group == null) {
        operation.add();
        return;
      }
      for (String field : List.of("op", "key", "value", "version")) {
        if (told.contains(field)) {
          throw wrong("\"%s\" belongs into the group's operations".formatted(field));
        }
      }
      group.forEach(Operation::add);
    }
  }

  private interface FieldTaker {
    /** With the parser at the field's value; whether the field is known. */
    boolean take(String field) throws IOException;
  }

  private void fields(Set<String> told, FieldTaker taker) throws IOException {
    while (json.nextToken() == JsonToken.FIELD_NAME) {
      String field = json.currentName();
      json.nextToken();
      if (!told.add(field)) {
        throw wrong("\"" + field + "\" is told twice");
      }
      if (!taker.take(field)) {
        throw wrong("there is no field \"" + field + "\"");
      }
    }
  }
}
