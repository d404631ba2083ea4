package dev.tidings.history;

import dev.tidings.history.ObjectOperation.MapDelete;
import dev.tidings.history.ObjectOperation.Reading;
import dev.tidings.history.ObjectOperation.Seen;
import dev.tidings.history.ObjectOperation.Update;
import java.util.List;
import java.util.Locale;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What was done to objects, and seen of them, in words. */
final class ObjectWords {
  private static final int MOST_SHOWN = 8;

  private ObjectWords() {}

  /** In the past tense: {@code added a to set s}, {@code read counter c = 3}. */
  static String did(ObjectOperation operation, boolean atTheEnd) {
    if (operation instanceof Update update) {
      return did(update);
    }
    if (operation instanceof MapDelete delete) {
      return "deleted map " + Explainer.shown(delete.map());
    }
    Reading reading = (Reading) operation;
    return (atTheEnd ? "held " : "read ") + name(reading.object()) + " = " + content(reading);
  }

  private static String did(Update update) {
    String name = name(update.object());
    return switch (update.kind()) {
      case PUT -> "put " + values(update) + " into " + name;
      case INCREMENT -> "added " + update.by() + " to " + name;
      case ADD -> "added " + values(update) + " to " + name;
      case REMOVE -> "removed " + values(update) + " from " + name;
      case APPEND -> "appended " + values(update) + " to " + name;
      case CLEAR -> "cleared " + name;
    };
  }

  /** What an update did, as something that had been done before: {@code had added a}. */
  static String had(ObjectOperation operation, @Nullable String value) {
    if (!(operation instanceof Update update)) {
      return "had deleted its map";
    }
    String what = value == null ? values(update) : Explainer.shown(value);
    return switch (update.kind()) {
      case PUT -> "had put " + what;
      case INCREMENT -> "had added " + update.by();
      case ADD -> "had added " + what;
      case REMOVE -> "had removed " + what;
      case APPEND -> "had appended " + what;
      case CLEAR -> "had cleared it";
    };
  }

  private static String values(Update update) {
    return update.values().stream()
        .limit(MOST_SHOWN)
        .map(Explainer::shown)
        .collect(Collectors.joining(" and "));
  }

  private static String name(ObjectName object) {
    String type = object.type().name().toLowerCase(Locale.ROOT);
    String key = Explainer.shown(object.key());
    return object.map() == null
        ? type + " " + key
        : "%s %s of map %s".formatted(type, key, Explainer.shown(object.map()));
  }

  private static String content(Reading reading) {
    if (reading.object().type() == ObjectName.Type.COUNTER) {
      return Long.toString(reading.count());
    }
    List<Seen> seen = reading.seen();
    int left = seen.size() - MOST_SHOWN;
    return seen.stream()
            .limit(MOST_SHOWN)
            .map(each -> Explainer.shown(each.value()))
            .collect(Collectors.joining(", ", "{", ""))
        + (left > 0 ? " and " + left + " more}" : "}");
  }
}
