package dev.tidings.simulation;

import static org.junit.jupiter.api.Assertions.fail;

import java.util.List;
import java.util.function.LongFunction;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/**
 * That the simulation can fail: each way to get it wrong is found within so many seeds. A mutant
 * whose text has left the sources fails too, and is to be written anew.
 */
final class MutantsTest {
  private static final int SEEDS = 200;

  static List<Mutant> mutants() {
    return Mutant.ALL;
  }

  @ParameterizedTest(name = "{0}")
  @MethodSource("mutants")
  void is_caught(Mutant mutant) {
    LongFunction<String> problems = PatchedClasses.problems(mutant);
    for (long seed = 1; seed <= SEEDS; seed++) {
      String caught = problems.apply(seed);
      if (!caught.isEmpty()) {
        System.out.printf("%s: caught with seed %d: %s%n", mutant, seed, caught);
        return;
      }
    }
    fail("\"%s\" survived %d seeds".formatted(mutant, SEEDS));
  }
}
