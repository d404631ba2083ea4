package dev.tidings.drift;

import java.util.random.RandomGenerator;

/**
 * A stream of chance in one number of state (SplitMix64: Steele, Lea and Flood, "Fast Splittable
 * Pseudorandom Number Generators", OOPSLA 2014), so that a million hosts keep their streams in an
 * array. Confined to its caller's thread.
 */
public final class HostChance implements RandomGenerator {
  private static final long GOLDEN_GAMMA = 0x9e3779b97f4a7c15L;

  private long state;

  HostChance(long state) {
    this.state = state;
  }

  /** The bits of a number, scattered over all of the result. */
  static long mix(long z) {
    long a = (z ^ (z >>> 30)) * 0xbf58476d1ce4e5b9L;
    long b = (a ^ (a >>> 27)) * 0x94d049bb133111ebL;
    return b ^ (b >>> 31);
  }

  /** What {@code mix} makes of several numbers, each of which counts with its place. */
  static long mix(long seed, long a, long b, long c) {
    long z = mix(seed + GOLDEN_GAMMA);
    z = mix((z ^ a) + GOLDEN_GAMMA);
    z = mix((z ^ b) + GOLDEN_GAMMA);
    return mix((z ^ c) + GOLDEN_GAMMA);
  }

  /** Between 0, included, and 1, from 53 of the bits. */
  static double unit(long bits) {
    return (bits >>> 11) * 0x1.0p-53;
  }

  long state() {
    return state;
  }

  void setState(long state) {
    this.state = state;
  }

  @Override
  public long nextLong() {
    state += GOLDEN_GAMMA;
    return mix(state);
  }

  @Override
  public double nextDouble() {
    return unit(nextLong());
  }

  /** From all 64 bits, so that no number below a million is preferred by more than 2^-44. */
  @Override
  public int nextInt(int bound) {
    if (bound < 1) {
      throw new IllegalArgumentException("the bound " + bound + " is not 1 or more");
    }
    return (int) Math.multiplyHigh(nextLong() >>> 1, 2L * bound);
  }
}
