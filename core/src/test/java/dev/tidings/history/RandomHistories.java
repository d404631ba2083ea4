package dev.tidings.history;

import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Random;

/** Small random histories, as texts that {@link Histories} reads; some causal and some not. */
final class RandomHistories {
  /** What histories are made of. */
  enum Kind {
    SINGLE_OPERATIONS,
    GROUPS,
    UNKNOWN_AND_ABORTED,
    VERSIONS,
    FINAL_STATES,
    /** All of these, with deletes, and with versions that reads have seen too. */
    ALL_TOGETHER
  }

  private final Kind kind;
  private final Random random;
  private final List<List<String>> written = new ArrayList<>();

  private RandomHistories(Kind kind, Random random) {
    this.kind = kind;
    this.random = random;
  }

  /** Values are unique per key, but for deletes, whose versions are. */
  static String random(Kind kind, int seed) {
    return random(kind, seed, 3);
  }

  static String random(Kind kind, int seed, int fewestGroups) {
    return new RandomHistories(kind, new Random(seed)).text(fewestGroups);
  }

  private String text(int fewestGroups) {
    int sessions = 2 + random.nextInt(3);
    int keys = 1 + random.nextInt(3);
    int groups = fewestGroups + random.nextInt(5);
    boolean grouped =
        kind == Kind.GROUPS
            || ((kind == Kind.FINAL_STATES || kind == Kind.ALL_TOGETHER) && random.nextBoolean());
    int largest = grouped ? 3 : 1;
    for (int key = 0; key < keys; key++) {
      written.add(new ArrayList<>(List.of("never")));
    }
    var lines = new ArrayList<List<String>>();
    int value = 0;
    // Writes first, so that reads can be of what is written later too.
    for (int group = 0; group < groups; group++) {
      int size = 1 + random.nextInt(largest);
      var operations = new ArrayList<String>();
      for (int i = 0; i < size; i++) {
        int key = random.nextInt(keys);
        if (random.nextInt(5) < 2) {
          value++;
          operations.add("w k%d %d".formatted(key, value));
        } else {
          operations.add("r k" + key);
        }
      }
      lines.add(operations);
    }
    List<Integer> versions = versions(groups);
    for (int group = 0; group < groups; group++) {
      String version = " @" + versions.get(group);
      lines
          .get(group)
          .replaceAll(
              operation -> operation.startsWith("w") ? write(operation, version) : operation);
    }
    var text = new StringBuilder();
    for (List<String> operations : lines) {
      operations.replaceAll(operation -> operation.startsWith("r") ? read(operation) : operation);
      text.append(
          "s%d [ %s ]%s%n"
              .formatted(random.nextInt(sessions), String.join(" ; ", operations), outcome()));
    }
    boolean ends =
        kind == Kind.FINAL_STATES || (kind == Kind.ALL_TOGETHER && random.nextInt(4) == 0);
    for (int replica = 1; ends && replica <= 2; replica++) {
      for (int key = 0; key < keys; key++) {
        List<String> values = written.get(key);
        String held =
            values.get(random.nextInt(6) == 0 ? random.nextInt(values.size()) : values.size() - 1);
        text.append("final %d k%d %s%n".formatted(replica, key, held));
      }
    }
    return text.toString();
  }

  /** Of groups; in half of the histories in their order, so that much of it is causal. */
  private List<Integer> versions(int groups) {
    var versions = new ArrayList<Integer>();
    for (int group = 0; group < groups; group++) {
      versions.add(group + 1);
    }
    if (random.nextBoolean()) {
      Collections.shuffle(versions, random);
    }
    if (kind == Kind.ALL_TOGETHER && random.nextInt(20) == 0) {
      versions.set(0, versions.get(groups - 1));
    }
    return versions;
  }

  /** With a version, perhaps; and makes known what may be read of it. */
  private String write(String operation, String version) {
    String[] words = operation.split(" ", -1);
    List<String> values = written.get(words[1].charAt(1) - '0');
    if (kind == Kind.ALL_TOGETHER) {
      boolean deletes = random.nextInt(5) == 0;
      String value = deletes ? "-" : words[2];
      values.add(value + (deletes || random.nextInt(8) > 0 ? version : ""));
      return "w " + words[1] + " " + value + (deletes || random.nextInt(8) > 0 ? version : "");
    }
    values.add(words[2]);
    return operation + (kind == Kind.VERSIONS && random.nextInt(8) > 0 ? version : "");
  }

  private String read(String operation) {
    List<String> values = written.get(operation.charAt(3) - '0');
    String read = values.get(random.nextInt(values.size()));
    return operation + " " + (random.nextInt(60) == 0 ? "99" : read);
  }

  private String outcome() {
    boolean all = kind == Kind.UNKNOWN_AND_ABORTED || kind == Kind.ALL_TOGETHER;
    if (!all || random.nextInt(3) > 0) {
      return "";
    }
    return random.nextInt(8) == 0 ? " !" : " ?";
  }
}
