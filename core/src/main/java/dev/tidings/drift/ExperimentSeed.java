package dev.tidings.drift;

import java.util.Arrays;

/**
 * All chance of an experiment, from one number. Each host draws from a stream of its own, and what
 * becomes of a message on its way depends on nothing but its sender, its number and its recipient;
 * so chance is the same in whatever order a run is carried out.
 */
public record ExperimentSeed(long value) {
  private static final long TICKS = 1;
  private static final long OTHERS = 2;
  private static final long DELAY = 3;
  private static final long LOSS = 4;
  private static final long JITTER = 5;
  private static final long SETTING = 6;

  /**
   * What a host draws at its ticks.
   *
   * @param hostId 1 or more
   */
  public HostChance chanceOf(int hostId) {
    return new HostChance(HostChance.mix(value, TICKS, hostId, 0));
  }

  /**
   * What is drawn before the run, such as rates.
   *
   * @param purpose different for each sort of thing that is drawn
   */
  public HostChance chanceOfSetting(int purpose) {
    return new HostChance(HostChance.mix(value, SETTING, purpose, 0));
  }

  /**
   * The others that a host knows, ascending: so many of the hosts 1 to {@code hosts}.
   *
   * @param count 0 to {@code hosts - 1}
   */
  public int[] othersOf(int hostId, int hosts, int count) {
    int[] known = new int[count];
    if (count == hosts - 1) {
      for (int i = 0; i < count; i++) {
        known[i] = i + 1 < hostId ? i + 1 : i + 2;
      }
      return known;
    }
    // Floyd's way of drawing a set (Bentley and Floyd, "A Sample of Brilliance", CACM 1987).
    var chance = new HostChance(HostChance.mix(value, OTHERS, hostId, 0));
    int size = 0;
    for (int last = hosts - 1 - count; last < hosts - 1; last++) {
      int drawn = chance.nextInt(last + 1);
      int place = Arrays.binarySearch(known, 0, size, drawn);
      // The larger one is above all that are there.
      int added = place >= 0 ? last : drawn;
      int at = place >= 0 ? size : -place - 1;
      System.arraycopy(known, at, known, at + 1, size - at);
      known[at] = added;
      size++;
    }
    for (int i = 0; i < count; i++) {
      known[i] += known[i] + 1 < hostId ? 1 : 2;
    }
    return known;
  }

  /** Between 0 and 1: decides how long a message is under way. */
  double delayChance(int from, long event, int to) {
    return HostChance.unit(HostChance.mix(value ^ HostChance.mix(DELAY), from, event, to));
  }

  /** Between 0 and 1: decides whether a message gets lost. */
  double lossChance(int from, long event, int to) {
    return HostChance.unit(HostChance.mix(value ^ HostChance.mix(LOSS), from, event, to));
  }

  /** Between 0 and 1: decides how late a tick is. */
  double jitterChance(int hostId, long tick) {
    return HostChance.unit(HostChance.mix(value ^ HostChance.mix(JITTER), hostId, tick, 0));
  }
}
