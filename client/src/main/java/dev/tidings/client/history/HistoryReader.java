package dev.tidings.client.history;

import com.fasterxml.jackson.core.JsonParseException;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import dev.tidings.history.ObjectName;
import dev.tidings.history.ObjectOperation;
import dev.tidings.history.ObjectOperation.Kind;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.Outcome;
import dev.tidings.history.RegisterName;
import dev.tidings.history.SeenVersion;
import java.io.IOException;
import java.io.InputStream;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
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
    private @Nullable String type;
    private @Nullable String map;
    private @Nullable Long by;
    private @Nullable List<Seen> values;
    private @Nullable List<SeenVersion> changed;
    private boolean more;

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
          version = version(field);
        }
        case "type" -> type = text(field);
        case "map" -> map = text(field);
        case "by" -> by = integer(field);
        case "values" -> values = array(field, () -> seen(field));
        case "changed" -> changed = array(field, () -> version(field));
        case "more" -> more = isTrue(field);
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
      if (isOnObject(op)) {
        history.object(line, operation(op, key));
        return;
      }
      checkOnlyOfObjects();
      RegisterName register = new RegisterName(map, key);
      if (op.equals("if")) {
        if (tellsValue || (version == null && !tellsNoVersion)) {
          throw wrong("a condition has a \"version\", null for absent, and no \"value\"");
        }
        history.condition(line, register, version);
        return;
      }
      if (!tellsValue && !op.equals("delete")) {
        throw wrong("\"value\" is missing");
      }
      switch (op) {
        case "read" -> {
          if (tellsNoVersion && value == null) {
            history.readNeverWritten(line, register);
          } else {
            history.read(line, register, value, version);
          }
        }
        case "write" -> {
          if (value == null) {
            throw wrong("a write has a value; for a delete, \"op\" is delete");
          }
          history.write(line, register, value, version);
        }
        case "delete" -> {
          if (value != null) {
            throw wrong("a delete has no value");
          }
          history.write(line, register, null, version);
        }
        default ->
            throw wrong(
                "\"op\" is read, write, delete, if, increment, add, remove or append, but here it is \""
                    + op
                    + "\"");
      }
    }

    private boolean isOnObject(String op) {
      return UPDATES.contains(op) || (type != null && !type.equals("register"));
    }

    private void checkOnlyOfObjects() {
      String field =
          by != null
              ? "by"
              : values != null ? "values" : changed != null ? "changed" : more ? "more" : "";
      if (!field.isEmpty()) {
        throw wrong("an operation on a register has no \"" + field + "\"");
      }
    }

    private ObjectOperation operation(String op, String key) {
      if (op.equals("delete") && "map".equals(type)) {
        return new ObjectOperation.MapDelete(key, version);
      }
      if (!UPDATES.contains(op)) {
        ObjectName name = new ObjectName(objectType(), map, key);
        return switch (op) {
          case "read" -> reading(name);
          case "write" -> update(name, Kind.PUT);
          case "delete" -> update(name, Kind.CLEAR);
          default ->
              throw wrong(
                  "\"op\" of this type is read, write or delete, but here it is \"" + op + "\"");
        };
      }
      Kind kind = Kind.valueOf(op.toUpperCase(Locale.ROOT));
      ObjectName.Type implied = typeOf(kind);
      if (type != null && objectType() != implied) {
        throw wrong("\"op\" %s is of another type than %s".formatted(op, type));
      }
      return update(new ObjectName(implied, map, key), kind);
    }

    private ObjectName.Type objectType() {
      for (ObjectName.Type each : ObjectName.Type.values()) {
        if (each.name().toLowerCase(Locale.ROOT).equals(type)) {
          return each;
        }
      }
      throw wrong(
          "\"type\" is register, multi, counter, set or feed, or of a delete map, but here it is \""
              + type
              + "\"");
    }

    private ObjectOperation.Update update(ObjectName name, Kind kind) {
      List<String> changes =
          values != null
              ? values.stream().map(Seen::value).toList()
              : value != null ? List.of(value) : List.of();
      if ((kind == Kind.INCREMENT) != (by != null)) {
        throw wrong("\"by\" is of increments, and of all of them");
      }
      try {
        return new ObjectOperation.Update(name, kind, changes, by == null ? 0 : by, version);
      } catch (IllegalArgumentException e) {
        throw wrong(
            "an add and a removal have \"values\", a write and an append a \"value\", an increment has \"by\", and nobody deletes a feed");
      }
    }

    ObjectOperation.Reading reading(ObjectName name) {
      boolean isCounter = name.type() == ObjectName.Type.COUNTER;
      if (isCounter == (value == null) || isCounter != (values == null)) {
        throw wrong("a read of a counter has a \"value\", of any other object \"values\"");
      }
      try {
        long count = value == null ? 0 : Long.parseLong(value);
        return new ObjectOperation.Reading(
            name, values == null ? List.of() : values, count, changed, !more);
      } catch (NumberFormatException e) {
        throw wrong("a counter's \"value\" is a whole number of 64 bits");
      }
    }
  }

  /** Those that say of which type they are. */
  private static final Set<String> UPDATES = Set.of("increment", "add", "remove", "append");

  private static ObjectName.Type typeOf(Kind kind) {
    return switch (kind) {
      case INCREMENT -> ObjectName.Type.COUNTER;
      case ADD, REMOVE -> ObjectName.Type.SET;
      case APPEND -> ObjectName.Type.FEED;
      case PUT, CLEAR -> throw new AssertionError(kind);
    };
  }

  private SeenVersion version(String field) throws IOException {
    try {
      return SeenVersion.parse(text(field));
    } catch (IllegalArgumentException e) {
      throw wrong(String.valueOf(e.getMessage()));
    }
  }

  private long integer(String field) throws IOException {
    try {
      return json.getLongValue();
    } catch (JsonParseException e) {
      throw wrong("\"%s\" is a whole number of 64 bits".formatted(field));
    }
  }

  private boolean isTrue(String field) throws IOException {
    if (json.currentToken() != JsonToken.VALUE_TRUE) {
      throw wrong("\"%s\" is true, or left out".formatted(field));
    }
    return true;
  }

  private interface Item<T> {
    T read() throws IOException;
  }

  private <T> List<T> array(String field, Item<T> item) throws IOException {
    if (json.currentToken() != JsonToken.START_ARRAY) {
      throw wrong("\"%s\" is an array".formatted(field));
    }
    var items = new ArrayList<T>();
    while (json.nextToken() != JsonToken.END_ARRAY) {
      items.add(item.read());
    }
    return items;
  }

  /** A value by itself, or with its version. */
  private Seen seen(String field) throws IOException {
    if (json.currentToken() != JsonToken.START_OBJECT) {
      return new Seen(text(field), null);
    }
    var each = new Operation();
    fields(
        new HashSet<>(),
        name -> (name.equals("value") || name.equals("version")) && each.take(name));
    if (each.value == null) {
      throw wrong("\"value\" is missing");
    }
    return new Seen(each.value, each.version);
  }

  private static final List<String> OPERATION_FIELDS =
      List.of("op", "key", "value", "version", "type", "map", "by", "values", "changed", "more");

  private static final Set<String> FINAL_FIELDS =
      Set.of("final", "key", "value", "version", "type", "map", "values", "changed", "more");

  /** One line. */
  private final class Entry {
    private final Set<String> told = new HashSet<>();
    private final Operation operation = new Operation();
    private @Nullable List<Operation> group;
    private @Nullable String session;
    private @Nullable String replicaAtEnd;
    private @Nullable String replica;
    private Outcome outcome = Outcome.OK;
    private boolean retried;
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
        case "retried" -> retried = isTrue(field);
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
      if (!FINAL_FIELDS.containsAll(told)) {
        throw wrong(
            "what a replica held at the end has no fields but those of what was read: key, value and version, or type, map, values, changed and more");
      }
      if (operation.key == null) {
        throw wrong("\"key\" is missing");
      }
      if (operation.isOnObject("read")) {
        ObjectName name = new ObjectName(operation.objectType(), operation.map, operation.key);
        history.finalReading(line, replicaAtEnd, operation.reading(name));
        return;
      }
      operation.checkOnlyOfObjects();
      if (!operation.tellsValue) {
        throw wrong("\"value\" is missing");
      }
      history.finalValue(
          line,
          replicaAtEnd,
          new RegisterName(operation.map, operation.key),
          operation.value,
          operation.version);
    }

    private void addGroup() {
      if (session == null) {
        throw wrong("\"session\" is missing");
      }
      history.group(session, outcome, replica, start, end);
      if (retried) {
        history.retried();
      }
      if (group == null) {
        operation.add();
        return;
      }
      for (String field : OPERATION_FIELDS) {
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
