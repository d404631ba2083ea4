package dev.tidings.history;

import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** Numbers for names, from 0 on, in the order of their first appearance. */
final class Names<T> {
  private final Map<T, Integer> numbers = new HashMap<>();
  private final List<T> names = new ArrayList<>();

  int number(T name) {
    Integer known = numbers.putIfAbsent(name, names.size());
    if (known != null) {
      return known;
    }
    names.add(name);
    return names.size() - 1;
  }

  List<T> names() {
    return names;
  }
}
