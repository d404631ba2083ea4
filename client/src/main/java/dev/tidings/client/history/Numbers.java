package dev.tidings.client.history;

import dev.tidings.history.BadHistoryException;
import dev.tidings.history.History;
import dev.tidings.history.Outcome;
import java.util.HashMap;
import java.util.Map;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Sessions, keys and values as the integers that some formats ask for: those of the history where
 * all of a sort are integers already; otherwise numbers from 1 on, in the order of appearance.
 */
final class Numbers {
  private static final Pattern INTEGER = Pattern.compile("0|-?[1-9]\\d{0,17}");

  private final History history;
  private final Sort sessions = new Sort();
  private final Sort keys = new Sort();
  private final Sort values = new Sort();

  private static final class Sort {
    private final Map<String, Integer> numbers = new HashMap<>();
    private boolean renumber;

    void add(String name) {
      numbers.putIfAbsent(name, numbers.size() + 1);
      renumber |= !INTEGER.matcher(name).matches();
    }

    String of(String name) {
      return renumber ? String.valueOf(numbers.get(name)) : name;
    }
  }

  private Numbers(History history) {
    this.history = history;
  }

  /**
   * @throws BadHistoryException if the format has no words for something in the history
   */
  static Numbers of(History history, HistoryFormat format) {
    var numbers = new Numbers(history);
    String name = format == HistoryFormat.PLUME ? "plume" : "dbcop";
    Map<String, Integer> written = new HashMap<>();
    for (int group = 0; group < history.groups(); group++) {
      if (history.objectBegin(group) < history.objectEnd(group)) {
        throw numbers.cannotSay(history.objectBegin(group), name + " has no types but registers");
      }
      if (history.isFinal(group)) {
        throw numbers.cannotSay(history.begin(group), name + " has no final states");
      }
      if (history.outcome(group) == Outcome.UNKNOWN) {
        throw numbers.cannotSay(history.begin(group), name + " has no unknown outcomes");
      }
      numbers.sessions.add(history.sessionName(history.session(group)));
      for (int op = history.begin(group); op < history.end(group); op++) {
        numbers.add(op, name, written);
      }
    }
    return numbers;
  }

  private void add(int op, String format, Map<String, Integer> written) {
    if (history.register(op).map() != null) {
      throw cannotSay(op, format + " has no maps");
    }
    if (history.isCondition(op)) {
      throw cannotSay(op, format + " has no conditions");
    }
    keys.add(history.register(op).key());
    @Nullable String value = history.valueName(op);
    if (value != null) {
      values.add(value);
      // Both formats have a number for what was never written.
      values.renumber |= value.equals("0");
    }
    if (!history.isWrite(op)) {
      return;
    }
    if (value == null) {
      throw cannotSay(op, format + " has no deletes");
    }
    if (history.version(op) == null) {
      return;
    }
    Integer other = written.putIfAbsent(history.register(op).key() + "=" + value, op);
    if (other != null) {
      throw cannotSay(
          op,
          "%s has no versions, which alone tell this write from that of %s"
              .formatted(format, history.place(other)));
    }
  }

  private BadHistoryException cannotSay(int op, String why) {
    return new BadHistoryException(history.place(op) + ": " + why);
  }

  String session(int group) {
    return sessions.of(history.sessionName(history.session(group)));
  }

  String key(int op) {
    return keys.of(history.register(op).key());
  }

  String value(int op, String absent) {
    @Nullable String value = history.valueName(op);
    return value == null ? absent : values.of(value);
  }
}
