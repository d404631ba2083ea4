package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import java.util.ArrayList;
import java.util.EnumMap;
import java.util.List;
import java.util.Map;
import java.util.Random;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker and the definitions say the same of thousands of small random histories. */
class NaiveComparisonTest {
  private static final int SEEDS = 6_000;

  /** What histories are made of. */
  enum Kind {
    SINGLE_OPERATIONS,
    GROUPS,
    UNKNOWN_AND_ABORTED,
    VERSIONS,
    FINAL_STATES
  }

  @ParameterizedTest
  @EnumSource(Kind.class)
  void agreesWithTheDefinitions(Kind kind) {
    Map<Model, int[]> verdicts = new EnumMap<>(Model.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      String text = random(kind, new Random(seed));
      History history = Histories.of(text);
      for (Model model : List.of(Model.CC, Model.CCV)) {
        boolean expected = NaiveChecker.isCausal(history, model);
        Judgement judgement = Checker.judge(history, model, done -> {});
        assertEquals(
            expected,
            judgement.isCausal(),
            () -> "%s, %s:%n%s%s".formatted(kind, model, text, judgement));
        verdicts.computeIfAbsent(model, m -> new int[2])[expected ? 1 : 0]++;
      }
    }
    verdicts.forEach(
        (model, counts) ->
            assertTrue(
                counts[0] > SEEDS / 20 && counts[1] > SEEDS / 20,
                () ->
                    "hardly any history of one kind, by %s: %d not causal, %d causal"
                        .formatted(model, counts[0], counts[1])));
  }

  private static String random(Kind kind, Random random) {
    int sessions = 2 + random.nextInt(3);
    int keys = 1 + random.nextInt(3);
    int groups = 3 + random.nextInt(5);
    int largest =
        kind == Kind.GROUPS || (kind == Kind.FINAL_STATES && random.nextBoolean()) ? 3 : 1;
    var written = new ArrayList<List<String>>();
    for (int key = 0; key < keys; key++) {
      written.add(new ArrayList<>(List.of("-")));
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
          written.get(key).add(Integer.toString(value));
          operations.add("w k%d %d".formatted(key, value));
        } else {
          operations.add("r k" + key);
        }
      }
      lines.add(operations);
    }
    List<Integer> versions = new ArrayList<>();
    for (int i = 0; i <= value; i++) {
      versions.add(i + 1);
    }
    if (random.nextBoolean()) {
      java.util.Collections.shuffle(versions, random);
    }
    var text = new StringBuilder();
    for (List<String> operations : lines) {
      var filled = new ArrayList<String>();
      for (String operation : operations) {
        String full = operation;
        if (operation.startsWith("r")) {
          List<String> values = written.get(operation.charAt(3) - '0');
          String read = values.get(random.nextInt(values.size()));
          full += " " + (random.nextInt(60) == 0 ? "99" : read);
        } else if (kind == Kind.VERSIONS && random.nextInt(8) > 0) {
          String[] words = operation.split(" ", -1);
          full += " @" + versions.get(Integer.parseInt(words[2]));
        }
        filled.add(full);
      }
      String outcome =
          kind != Kind.UNKNOWN_AND_ABORTED || random.nextInt(3) > 0
              ? ""
              : random.nextInt(8) == 0 ? " !" : " ?";
      text.append(
          "s%d [ %s ]%s%n"
              .formatted(random.nextInt(sessions), String.join(" ; ", filled), outcome));
    }
    for (int replica = 1; kind == Kind.FINAL_STATES && replica <= 2; replica++) {
      for (int key = 0; key < keys; key++) {
        List<String> values = written.get(key);
        String held =
            random.nextInt(6) == 0
                ? values.get(random.nextInt(values.size()))
                : values.get(values.size() - 1);
        text.append("final %d k%d %s%n".formatted(replica, key, held));
      }
    }
    return text.toString();
  }
}
