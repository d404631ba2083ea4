package dev.tidings.simulation;

import static org.junit.jupiter.api.Assertions.assertEquals;
import static org.junit.jupiter.api.Assertions.assertTrue;

import dev.tidings.causal.Consistency;
import java.util.function.LongFunction;
import org.junit.jupiter.api.Test;

/**
 * Runs of {@link Simulation}. {@code -Dtidings.seed=N} runs one seed, {@code -Dtidings.seconds=N}
 * as many as fit.
 */
final class SimulationTest {
  private static final int SEEDS = 500;

  private static final long FIRST_SOAK_SEED = 1_000_000;

  private final LongFunction<String> withSmallLimits = PatchedClasses.problems(Mutant.SMALL);

  @Test
  void whatever_fails_the_history_is_causal_nothing_is_lost_and_all_replicas_end_alike() {
    Long one = Long.getLong("tidings.seed");
    int seconds = Integer.getInteger("tidings.seconds", 0);
    if (one != null) {
      check(one);
    } else if (seconds > 0) {
      soak(seconds);
    } else {
      for (long seed = 1; seed <= SEEDS; seed++) {
        check(seed);
      }
    }
  }

  private void soak(int seconds) {
    long end = System.nanoTime() + seconds * 1_000_000_000L;
    long seed = FIRST_SOAK_SEED;
    for (; System.nanoTime() < end; seed++) {
      check(seed);
    }
    System.out.printf("%,d runs, all causal%n", seed - FIRST_SOAK_SEED);
  }

  /** With the limits that the product has, and with small ones. */
  private void check(long seed) {
    String problem = seed % 2 == 0 ? Simulation.problem(seed) : withSmallLimits.apply(seed);
    assertTrue(
        problem.isEmpty(),
        () ->
            "seed "
                + seed
                + ": "
                + problem
                + "; to run it again: mvn -q verify -pl integration-tests -am -DskipITs"
                + " -Dtest=SimulationTest -Dsurefire.failIfNoSpecifiedTests=false -Dtidings.seed="
                + seed);
  }

  @Test
  void a_seed_is_one_run() {
    for (long seed = 1; seed <= 20; seed++) {
      assertEquals(
          Simulation.run(seed, Consistency.CAUSAL), Simulation.run(seed, Consistency.CAUSAL));
    }
  }

  @Test
  void an_eventual_cluster_is_mostly_found_out() {
    int found = 0;
    for (long seed = 1; seed <= 20; seed++) {
      found += Simulation.run(seed, Consistency.EVENTUAL).problem().isPresent() ? 1 : 0;
    }
    assertTrue(found > 10, "not causal: " + found + " of 20");
  }
}
