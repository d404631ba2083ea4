package dev.tidings.drift;

/**
 * What simulated links do to messages: each is under way for a while, or gets lost. Messages may
 * overtake each other where the delay varies. Immutable.
 *
 * @param loss how likely a message gets lost, 0 to 1; drawn for each recipient of a broadcast
 */
public record LinkModel(Delay delay, double loss) {
  /** Links that deliver at once, and everything. */
  public static final LinkModel PERFECT = new LinkModel(new Delay(Delay.Shape.CONSTANT, 0, 0), 0);

  public LinkModel {
    if (!(loss >= 0 && loss <= 1)) {
      throw new IllegalArgumentException("the loss " + loss + " is not between 0 and 1");
    }
  }

  /**
   * How long messages are under way.
   *
   * @param minNanos the delay if it is constant, otherwise the shortest one; 0 or more
   * @param rangeNanos with a uniform delay the longest one less the shortest one; with an
   *     exponential one the mean of what comes on top of the shortest; otherwise 0
   */
  public record Delay(Shape shape, long minNanos, long rangeNanos) {
    /** An hour, so that no sum overflows. */
    public static final long MAX_NANOS = 3_600_000_000_000L;

    /** How delays are spread. */
    public enum Shape {
      CONSTANT,
      UNIFORM,
      EXPONENTIAL
    }

    public Delay {
      if (minNanos < 0 || rangeNanos < 0 || minNanos + rangeNanos > MAX_NANOS) {
        throw new IllegalArgumentException("a delay is between 0 and an hour");
      }
      if (shape == Shape.CONSTANT && rangeNanos != 0) {
        throw new IllegalArgumentException("a constant delay has no range");
      }
    }

    /**
     * @param chance between 0, included, and 1
     */
    long nanos(double chance) {
      return switch (shape) {
        case CONSTANT -> minNanos;
        case UNIFORM -> minNanos + Math.round(chance * rangeNanos);
        case EXPONENTIAL -> minNanos + Math.round(-StrictMath.log1p(-chance) * rangeNanos);
      };
    }
  }

  /**
   * How long a message is under way, in nanoseconds.
   *
   * @param event the number of the sending among the sender's events, from 0
   */
  public long delayNanos(ExperimentSeed seed, int from, long event, int to) {
    return delay.shape() == Delay.Shape.CONSTANT
        ? delay.minNanos()
        : delay.nanos(seed.delayChance(from, event, to));
  }

  /**
   * Whether a message never arrives.
   *
   * @param event the number of the sending among the sender's events, from 0
   */
  public boolean loses(ExperimentSeed seed, int from, long event, int to) {
    return loss > 0 && seed.lossChance(from, event, to) < loss;
  }
}
