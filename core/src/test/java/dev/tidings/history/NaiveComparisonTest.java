package dev.tidings.history;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;
import static org.junit.jupiter.params.provider.EnumSource.Mode.EXCLUDE;

import dev.tidings.history.RandomHistories.Kind;
import java.util.EnumMap;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** The checker and the definitions say the same of thousands of small random histories. */
class NaiveComparisonTest {
  private static final int SEEDS = 6_000;
  private static final int SEEDS_OF_GUARANTEES = 15_000;

  @ParameterizedTest
  @EnumSource(mode = EXCLUDE, names = "ALL_TOGETHER")
  void agreesWithTheDefinitions(Kind kind) {
    Map<Model, int[]> verdicts = new EnumMap<>(Model.class);
    for (int seed = 0; seed < SEEDS; seed++) {
      String text = RandomHistories.random(kind, seed);
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

  @ParameterizedTest
  @EnumSource(names = {"SINGLE_OPERATIONS", "VERSIONS"})
  void findsTheBrokenGuaranteesThatTheDefinitionsFind(Kind kind) {
    Map<Set<Guarantee>, Integer> counts = new HashMap<>();
    for (int seed = 0; seed < SEEDS_OF_GUARANTEES; seed++) {
      String text = RandomHistories.random(kind, seed, 3 + seed % 4);
      History history = Histories.of(text);
      var naive = new NaiveGuarantees(history);
      if (!naive.isCyclic()) {
        Judgement judgement = Checker.judge(history, Model.SESSION, done -> {});
        assertEquals(naive.broken(), judgement.broken(), () -> text + judgement);
        counts.merge(judgement.broken(), 1, Integer::sum);
      }
    }
    for (Guarantee guarantee : Guarantee.values()) {
      int alone = counts.getOrDefault(Set.of(guarantee), 0);
      assertTrue(alone > 5, () -> "hardly ever broken alone: " + guarantee + " in " + counts);
    }
  }
}
