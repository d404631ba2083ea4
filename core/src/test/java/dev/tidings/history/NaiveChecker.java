package dev.tidings.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;

/**
 * The definitions, word for word, for histories of a handful of groups: is there a choice of which
 * unknown groups happened, and an order of all groups (CCv), or for each group one of what is
 * before it (CC), that explains all reads? Values are unique per key.
 */
final class NaiveChecker {
  private final History history;
  private final List<Integer> groups = new ArrayList<>();
  private final Map<Integer, Set<Integer>> before = new HashMap<>();

  private NaiveChecker(History history) {
    this.history = history;
  }

  static boolean isCausal(History history, Model model) {
    var unknown = new ArrayList<Integer>();
    for (int group = 0; group < history.groups(); group++) {
      if (history.outcome(group) == Outcome.UNKNOWN) {
        unknown.add(group);
      }
    }
    for (int choice = 0; choice < 1 << unknown.size(); choice++) {
      var happened = new HashSet<Integer>();
      for (int group = 0; group < history.groups(); group++) {
        int index = unknown.indexOf(group);
        if (history.outcome(group) == Outcome.OK || (index >= 0 && (choice >> index & 1) == 1)) {
          happened.add(group);
        }
      }
      if (new NaiveChecker(history).explains(happened, model)) {
        return true;
      }
    }
    return false;
  }

  private boolean explains(Set<Integer> happened, Model model) {
    groups.addAll(happened);
    for (int group : groups) {
      before.put(group, new HashSet<>());
      for (int other : groups) {
        if (sessionOrder(other, group)) {
          before(group).add(other);
        }
      }
      for (int op = history.begin(group); op < history.end(group); op++) {
        if (history.isWrite(op)) {
          continue;
        }
        int own = lastOwnWrite(op);
        int source = source(op);
        if (own >= 0) {
          if (source != own) {
            return false;
          }
        } else if (source == -2) {
          return false;
        } else if (source >= 0) {
          int writer = history.group(source);
          if (writer == group || !happened.contains(writer) || isReplaced(source)) {
            return false;
          }
          before(group).add(writer);
        }
      }
    }
    close();
    for (int group : groups) {
      if (before(group).contains(group)) {
        return false;
      }
    }
    if (!replicasAgree()) {
      return false;
    }
    return model == Model.CCV
        ? extend(new ArrayList<>(), new HashSet<>(groups), -1)
        : groups.stream()
            .allMatch(
                group -> {
                  var past = new HashSet<>(before(group));
                  past.add(group);
                  return extend(new ArrayList<>(), past, group);
                });
  }

  private Set<Integer> before(int group) {
    return Objects.requireNonNull(before.get(group));
  }

  private boolean sessionOrder(int one, int other) {
    if (history.isFinal(one) || history.outcome(one) != Outcome.OK) {
      return false;
    }
    return history.isFinal(other)
        || (one < other && history.session(one) == history.session(other));
  }

  /** The write of what was read, -1 for none, -2 for nobody's. */
  private int source(int read) {
    int found = -1;
    for (int op = 0; op < history.registerOperations(); op++) {
      if (history.isWrite(op)
          && history.register(op).key().equals(history.register(read).key())
          && Objects.equals(history.valueName(op), history.valueName(read))) {
        found = op;
      }
    }
    return found < 0 && history.valueName(read) != null ? -2 : found;
  }

  private int lastOwnWrite(int read) {
    for (int op = read - 1; op >= history.begin(history.group(read)); op--) {
      if (history.isWrite(op) && history.register(op).key().equals(history.register(read).key())) {
        return op;
      }
    }
    return -1;
  }

  private boolean isReplaced(int write) {
    for (int op = write + 1; op < history.end(history.group(write)); op++) {
      if (history.isWrite(op) && history.register(op).key().equals(history.register(write).key())) {
        return true;
      }
    }
    return false;
  }

  private void close() {
    boolean changed = true;
    while (changed) {
      changed = false;
      for (int group : groups) {
        var more = new HashSet<Integer>();
        before(group).forEach(other -> more.addAll(before(other)));
        changed |= before(group).addAll(more);
      }
    }
  }

  private boolean replicasAgree() {
    var held = new HashMap<String, String>();
    for (int group : groups) {
      for (int op = history.begin(group); history.isFinal(group) && op < history.end(group); op++) {
        String value = String.valueOf(history.valueName(op));
        String other = held.putIfAbsent(history.register(op).key(), value);
        if (other != null && !other.equals(value)) {
          return false;
        }
      }
    }
    return true;
  }

  /** Whether what is left can be put behind the prefix, so that reads are explained. */
  private boolean extend(List<Integer> prefix, Set<Integer> left, int onlyReader) {
    if (left.isEmpty()) {
      return true;
    }
    for (int next : List.copyOf(left)) {
      boolean ready = before(next).stream().noneMatch(left::contains);
      if (ready
          && (onlyReader >= 0 || versionsAllow(prefix, next))
          && ((onlyReader >= 0 && next != onlyReader) || readsLatest(prefix, next))) {
        left.remove(next);
        prefix.add(next);
        boolean found = extend(prefix, left, onlyReader);
        prefix.remove(prefix.size() - 1);
        left.add(next);
        if (found) {
          return true;
        }
      }
    }
    return false;
  }

  private boolean versionsAllow(List<Integer> prefix, int next) {
    for (int op = history.begin(next); op < history.end(next); op++) {
      SeenVersion version = history.version(op);
      if (!history.isWrite(op) || version == null) {
        continue;
      }
      for (int group : prefix) {
        for (int other = history.begin(group); other < history.end(group); other++) {
          SeenVersion otherVersion = history.version(other);
          if (history.isWrite(other)
              && history.register(other).key().equals(history.register(op).key())
              && otherVersion != null
              && otherVersion.compareTo(version) > 0) {
            return false;
          }
        }
      }
    }
    return true;
  }

  private boolean readsLatest(List<Integer> prefix, int group) {
    for (int op = history.begin(group); op < history.end(group); op++) {
      if (history.isWrite(op) || lastOwnWrite(op) >= 0) {
        continue;
      }
      int latest = -1;
      for (int other : prefix) {
        for (int write = history.begin(other); write < history.end(other); write++) {
          if (before(group).contains(other)
              && history.isWrite(write)
              && history.register(write).key().equals(history.register(op).key())) {
            latest = write;
          }
        }
      }
      if (latest != source(op)) {
        return false;
      }
    }
    return true;
  }
}
