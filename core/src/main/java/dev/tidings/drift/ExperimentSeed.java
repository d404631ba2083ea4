package dev.tidings.drift;

import java.util.List;
import java.util.SplittableRandom;
import java.util.random.RandomGenerator;
import java.util.stream.IntStream;

/**
 * All chance of an experiment, from one number. Each host draws from a stream of its own, so that
 * what a host draws does not depend on who else is there.
 */
public record ExperimentSeed(long value) {
  private static final int SLOWEST = 1;
  private static final int FASTEST = 6;

  /**
   * @param hostId 1 or more
   */
  public RandomGenerator chanceOf(int hostId) {
    // Splitting, because generators with neighbouring seeds may run into each other's numbers.
    var root = new SplittableRandom(value);
    SplittableRandom stream = root.split();
    for (int i = 0; i < hostId; i++) {
      stream = root.split();
    }
    return stream;
  }

  /** A rate for each host: whole ticks a second, 1 to 6 with equal chance. */
  public List<Integer> clockSpeeds(int hosts) {
    RandomGenerator chance = new SplittableRandom(value).split();
    return IntStream.range(0, hosts).mapToObj(i -> chance.nextInt(SLOWEST, FASTEST + 1)).toList();
  }
}
